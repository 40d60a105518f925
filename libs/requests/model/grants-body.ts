import { type Grant, type GrantKind } from './grants.js';
import { requestedInstant, type Today } from './offsets-local-time.js';
import { GrantNotAllowed, TimesInDisorder } from './onboarding.errors.js';

/** A grant as it is asked for. */
export interface GrantWish {
  readonly kind: GrantKind;
  readonly to?: string | undefined;
  readonly text?: string | undefined;
  readonly purpose: string;
  readonly approver: string;
  /** Local time in the customer's zone, or with an offset. */
  readonly until: string;
}

const ADDRESS = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+$/;

/**
 * The grants of a request that starts at `startsAt` (UTC). Throws `GrantNotAllowed`, `TimesInDisorder` and what
 * `requestedInstant` throws.
 */
export function grantsOf(
  wishes: readonly GrantWish[] | undefined,
  { user, startsAt }: { readonly user: string; readonly startsAt: string },
  today: Today,
): readonly Grant[] {
  return (wishes ?? []).map((wish, index) => {
    const path = `grants.${index}`;
    refuseUnfit(wish, user, path);
    const until = requestedInstant(wish.until, `${path}.until`, today);
    if (until <= startsAt)
      throw new TimesInDisorder(`${wish.until} does not come after the request’s hour.`, {
        errors: [{ path: `${path}.until`, code: 'too_early', message: 'Name a later end.' }],
      });
    const { kind, to, text, purpose, approver } = wish;
    return { kind, to: to ?? null, text: text ?? null, purpose, approver, until };
  });
}

function refuseUnfit({ kind, to, text, approver }: GrantWish, user: string, path: string): void {
  const refuse = (field: string, code: string, message: string): never => {
    throw new GrantNotAllowed(message, { errors: [{ path: `${path}.${field}`, code, message }] });
  };
  const wantsText = kind === 'out_of_office';
  if (wantsText && text === undefined) refuse('text', 'missing', 'Say what the mailbox answers.');
  if (wantsText && to !== undefined) refuse('to', 'not_allowed', 'An answer goes to whoever writes. Leave `to` out.');
  if (!wantsText && to === undefined) refuse('to', 'missing', 'Say who gets it.');
  if (!wantsText && text !== undefined) refuse('text', 'not_allowed', 'Only an answer has a text. Leave it out.');
  if (kind === 'forward_mail' && !ADDRESS.test(to!)) refuse('to', 'not_a_mail_address', 'Give a mail address.');
  if (to?.toLowerCase() === user.toLowerCase()) refuse('to', 'not_allowed', 'This is whom it is about. Name another.');
  if (isAbout(approver, user)) refuse('approver', 'not_allowed', 'Whom it is about cannot answer for it.');
}

/** A person is named by the login name, alone or with a tenant behind an `@`. */
function isAbout(person: string, user: string): boolean {
  return person.toLowerCase().split('@')[0] === user.toLowerCase().split('@')[0];
}
