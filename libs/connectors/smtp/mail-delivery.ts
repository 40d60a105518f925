import { domainToASCII } from 'node:url';
import type { Effect, JsonObject, JsonSchema } from '#libs/kernel';
import { mailTransport } from '#libs/platform/outgoing';
import type { BlockContext, Verification } from '../block.js';
import { SystemConfigInvalid } from '../errors.js';
import { MailHeaderRefused, MailRefused, refusedOf, toMailError } from './mail-errors.js';
import { MAIL_ADDRESS, parseSmtpConfig, type SmtpConfig } from './smtp-config.js';

/** A mail before it is sent; who gets it is said apart. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** A language tag, e.g. `de`. */
  readonly language?: string;
  /** Shown before the sender's address. */
  readonly fromName?: string;
  readonly replyTo?: string;
  /** Chosen by whoever sends it, with its brackets; else made of run and step. */
  readonly messageId?: string;
  /** Message-IDs of the mails before it in the same thread, the oldest first. */
  readonly references?: readonly string[];
  /** Further headers; none of those that are made here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A person wrote it: it does not say of itself that it was made by a program. */
  readonly byPerson?: boolean;
}

/** The shape of a list of recipients in a block's input. */
export const recipientsSchema: JsonSchema = {
  type: 'array',
  minItems: 1,
  maxItems: 100,
  uniqueItems: true,
  items: { type: 'string', pattern: MAIL_ADDRESS },
};

/** The fields of the evidence that `proofOf` gives. */
export const acceptanceSchema: { readonly [field: string]: JsonSchema } = {
  by: { type: 'string' },
  server: { type: 'string' },
  messageId: { type: 'string' },
  response: { type: ['string', 'null'] },
  accepted: { type: 'array', items: { type: 'string' } },
  refused: { type: 'array', items: { type: 'object' } },
  sentAt: { type: ['string', 'null'] },
};

/** The same at every repeat, so that a mail that is sent twice can be recognised. */
export function messageIdOf({ runId, stepId }: Pick<BlockContext, 'runId' | 'stepId'>, from: string): string {
  return `<${runId}.${stepId}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

/**
 * Sends one mail to all of `to` and gives the receipt: who was accepted, the server's answer. Throws a `MailRefused`,
 * `MailTemporarilyRefused`, `MailHeaderRefused` or what stands for a server that cannot be reached.
 */
export async function deliver(context: BlockContext, mail: Mail, to: readonly string[]): Promise<JsonObject> {
  refuseLineBreaks(mail, to);
  const config = parseSmtpConfig(context.system);
  const where = `${config.host}:${config.port}`;
  const auth = await authOf(context, config);
  let hasSignedIn = false;
  const transport = mailTransport(context.outgoing, { ...config, auth }, () => (hasSignedIn = true));
  const messageId = mail.messageId ?? messageIdOf(context, config.from);
  // From here on an abort is not heeded: half a conversation would leave open whether the mail went out.
  context.signal.throwIfAborted();
  try {
    const sent = await transport.sendMail({ ...mailOf(mail, config), to: [...to], messageId, date: context.now() });
    const refused = refusedOf((sent as { rejectedErrors?: Parameters<typeof refusedOf>[0] }).rejectedErrors);
    return {
      server: where,
      messageId,
      response: sent.response,
      accepted: [...sent.accepted],
      refused: refused.map((one) => ({ ...one })),
      sentAt: context.now().toISOString(),
    };
  } catch (error) {
    throw toMailError(error, where);
  } finally {
    transport.close();
    if (hasSignedIn) await context.secrets.signedIn(context.system.secretRef!);
  }
}

/** The login of a system that has one. Throws `SystemConfigInvalid`. */
async function authOf({ system, secrets }: BlockContext, { user }: SmtpConfig) {
  if (user === null) return null;
  if (system.secretRef === null)
    throw new SystemConfigInvalid(`The system ${system.name} names no secret for ${user}.`);
  return { user, pass: await secrets.resolve(system.secretRef) };
}

function mailOf(mail: Mail, { from }: SmtpConfig) {
  const { subject, text, html, language, fromName, replyTo, references = [], byPerson = false } = mail;
  const headers = {
    ...mail.headers,
    ...(byPerson ? {} : { 'Auto-Submitted': 'auto-generated' }),
    ...(language === undefined ? {} : { 'Content-Language': language }),
  };
  return {
    from: fromName === undefined ? from : { name: fromName, address: from },
    ...{ subject, text, headers },
    ...(html === undefined ? {} : { html }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(references.length === 0 ? {} : { references: [...references], inReplyTo: references.at(-1)! }),
  };
}

/** Throws `MailHeaderRefused`. */
export function refuseLineBreaks(mail: Mail, to: readonly string[]): void {
  const { subject, language = '', fromName = '', replyTo = '', messageId = '', references = [], headers = {} } = mail;
  const values = [
    ...to,
    subject,
    language,
    fromName,
    replyTo,
    messageId,
    ...references,
    ...Object.entries(headers).flat(),
  ];
  if (values.some((value) => /[\r\n\0]/.test(value)))
    throw new MailHeaderRefused('Take line breaks out of recipients and subject.');
}

/**
 * SMTP has nothing to read back: what proves a mail is that the server took responsibility for it (its 250), as `apply`
 * recorded it. A recipient that was refused is told by name.
 */
export function proofOf(effect: Effect, receipt: JsonObject | null): Verification {
  const accepted = (receipt?.['accepted'] ?? []) as readonly string[];
  const refused = (receipt?.['refused'] ?? []) as readonly JsonObject[];
  const isAccepted = (target: string): boolean => accepted.some((one) => sameMailbox(one, target));
  const observed = effect.changes.map(({ target, field, after }) => {
    const refusal = refused.find((one) => sameMailbox(String(one['recipient']), target));
    return {
      target,
      field,
      value: isAccepted(target) ? after : refusal ? `refused: ${String(refusal['response'])}` : null,
    };
  });
  const proven = effect.changes.every((change) => isAccepted(change.target));
  const evidence = { by: 'the mail server’s acceptance', messageId: '', response: null, accepted, refused, ...receipt };
  const names = refused.map((one) => String(one['recipient']));
  if (refused.length === 0) return { proven, observed, evidence };
  const message = `The mail went out, but not to ${names.join(', ')}. Check these addresses and tell them in another way.`;
  return {
    proven,
    observed,
    evidence,
    problem: new MailRefused(message, { context: { refused, accepted } }).toProblem(),
  };
}

/** nodemailer gives a recipient back with its domain as DNS writes it. */
function sameMailbox(a: string, b: string): boolean {
  const asSent = (address: string): string => {
    const at = address.lastIndexOf('@');
    return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`.toLowerCase();
  };
  return asSent(a) === asSent(b);
}
