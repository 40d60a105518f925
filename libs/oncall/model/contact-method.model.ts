import type { FieldProblem } from '#libs/kernel';

/** By what somebody is reached. */
export const CONTACT_KINDS = ['mail', 'sms', 'voice'] as const;
export type ContactKind = (typeof CONTACT_KINDS)[number];

export interface ContactMethod {
  /** Null for the mail address of the account, which is what holds without methods of one's own. */
  readonly id: string | null;
  readonly kind: ContactKind;
  /** A mail address, or a telephone number in E.164. */
  readonly address: string;
}

// E.164: a plus, the country's code and the number, 15 digits at most
const NUMBER = /^\+[1-9]\d{6,14}$/;
const MAIL = /^[^\s@<>",;:\\()[\]]+@[^\s@<>",;:\\()[\]]+\.[^\s@<>",;:\\()[\]]+$/;

/** What is wrong with somebody's methods, field by field. */
export function contactMethodFaults(methods: readonly Omit<ContactMethod, 'id'>[]): FieldProblem[] {
  return methods.flatMap(({ kind, address }, index) => {
    const path = `methods.${index}.address`;
    const isTwice = methods.slice(0, index).some((other) => other.kind === kind && other.address === address);
    if (isTwice) return [{ path, code: 'twice', message: `${address} stands there already.` }];
    if (kind === 'mail')
      return MAIL.test(address) ? [] : [{ path, code: 'not_a_mail_address', message: 'Write a mail address.' }];
    return NUMBER.test(address)
      ? []
      : [{ path, code: 'not_a_number', message: 'Write the number with + and the country’s code, e.g. +4989123456.' }];
  });
}
