import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import nodemailer from 'nodemailer';
import type { Effect, JsonObject } from '#libs/kernel';
import { defineBlock, type BlockContext, type Verification } from '../block.js';
import { SystemConfigInvalid } from '../errors.js';
import { effectOf } from '../field-changes.js';
import { MailHeaderRefused, MailRefused, refusedOf, toMailError } from './mail-errors.js';
import { MAIL_ADDRESS, parseSmtpConfig, type SmtpConfig } from './smtp-config.js';

type MailInput = {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly language?: string;
};

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
const IRREVERSIBLE = 'A mail cannot be taken back.';

/** Sends a mail to people who are told something. */
export const mailSend = defineBlock<MailInput>({
  name: 'mail.send',
  title: { en: 'Send a mail', de: 'Mail senden' },
  kind: 'smtp',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['to', 'subject', 'text'],
    properties: {
      to: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        items: { type: 'string', pattern: MAIL_ADDRESS },
      },
      subject: { type: 'string', minLength: 1, maxLength: 500, pattern: '^[^\\r\\n]*$' },
      text: { type: 'string', minLength: 1 },
      html: { type: 'string', minLength: 1 },
      language: { type: 'string', pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$' },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['by', 'messageId', 'accepted', 'refused'],
    properties: {
      by: { type: 'string' },
      server: { type: 'string' },
      messageId: { type: 'string' },
      response: { type: ['string', 'null'] },
      accepted: { type: 'array', items: { type: 'string' } },
      refused: { type: 'array', items: { type: 'object' } },
      sentAt: { type: ['string', 'null'] },
    },
  },
  credentials: ['send mail from the configured address'],
  repeatIsHarmless:
    'A crash between the server’s acceptance and our record of it sends the mail again, with the same Message-ID, by which servers and clients recognise a double.',
  plan: (context, input) => {
    parseSmtpConfig(context.system);
    refuseLineBreaks(input);
    const changes = input.to.map((target) => ({
      target,
      field: 'mail',
      before: null,
      after: input.subject,
      opaque: true,
    }));
    return Promise.resolve(effectOf(null, changes, { irreversible: IRREVERSIBLE }));
  },
  apply: send,
  verify: (_context, _input, effect, receipt) => Promise.resolve(proofOf(effect, receipt)),
  undo: (_context, _input, recorded) =>
    Promise.resolve(effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE })),
});

/** The same at every repeat, so that a mail that is sent twice can be recognised. */
export function messageIdOf({ runId, stepId }: Pick<BlockContext, 'runId' | 'stepId'>, from: string): string {
  return `<${runId}.${stepId}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

async function send(context: BlockContext, input: MailInput, effect: Effect): Promise<JsonObject | void> {
  const to = effect.changes.map((change) => change.target);
  if (to.length === 0) return;
  refuseLineBreaks(input);
  const config = parseSmtpConfig(context.system);
  const where = `${config.host}:${config.port}`;
  const transport = nodemailer.createTransport(await transportOptions(context, config));
  const messageId = messageIdOf(context, config.from);
  // From here on an abort is not heeded: half a conversation would leave open whether the mail went out.
  context.signal.throwIfAborted();
  try {
    const sent = await transport.sendMail({ ...mailOf(input, config), to, messageId, date: context.now() });
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
  }
}

async function transportOptions({ system, secrets }: BlockContext, config: SmtpConfig) {
  const { host, port, encryption, user, ca } = config;
  if (user !== null && system.secretRef === null)
    throw new SystemConfigInvalid(`The system ${system.name} names no secret for ${user}.`);
  const auth =
    user === null || system.secretRef === null ? {} : { auth: { user, pass: await secrets.resolve(system.secretRef) } };
  return {
    host,
    port,
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    // texts come from requests: they must not make us read files or fetch addresses
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { ...(ca === null ? {} : { ca }), ...(isIP(host) ? {} : { servername: host }) },
    ...auth,
  };
}

function mailOf({ subject, text, html, language }: MailInput, { from }: SmtpConfig) {
  const headers = {
    'Auto-Submitted': 'auto-generated',
    ...(language === undefined ? {} : { 'Content-Language': language }),
  };
  return { from, subject, text, headers, ...(html === undefined ? {} : { html }) };
}

function refuseLineBreaks({ to, subject, language }: MailInput): void {
  const found = [...to, subject, language ?? ''].find((value) => /[\r\n\0]/.test(value));
  if (found !== undefined) throw new MailHeaderRefused('Take line breaks out of recipients and subject.');
}

/**
 * SMTP has nothing to read back: what proves a mail is that the server took responsibility for it (its 250), as `apply`
 * recorded it. A recipient that was refused is told by name.
 */
function proofOf(effect: Effect, receipt: JsonObject | null): Verification {
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
