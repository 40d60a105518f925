import { createHash } from 'node:crypto';
import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser';
import type { MailDns } from '#libs/platform/outgoing';
import {
  automaticReason,
  hasLooped,
  withoutQuotes,
  type Bounce,
  type IncomingMail,
  type MailAttachment,
  type MailHeaders,
} from '#libs/tickets';
import { MailLoops, MailUnreadable } from './mail-in.errors.js';
import { proveSender, type MailSession } from './prove-sender.js';

const LIMITS = { maxHtmlLengthToParse: 2 * 1024 * 1024, maxHeadSize: 512 * 1024, maxChildNodes: 200 } as const;
const LONGEST_TEXT = 200_000;
const MOST_REFERENCES = 50;
const MOST_RECIPIENTS = 50;
const MOST_ATTACHMENTS = 100;
/** A report quotes the mail that it is about near its beginning. */
const REPORT_BYTES = 256 * 1024;
const ADDRESS = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+$/;

/** A mail as it was handed to us. */
export interface RawMail {
  readonly original: Buffer;
  readonly session: MailSession;
  /** Whom the envelope names; null: what the headers say. */
  readonly recipients: readonly string[] | null;
}

/**
 * Reads a mail once: whom it is from and for, what it says, whether a program wrote it, and what proves its sender. Nothing in
 * it is fetched or run. Throws `MailUnreadable` or `MailLoops`.
 */
export async function readMail(raw: RawMail, dns: MailDns): Promise<IncomingMail> {
  const { original, session } = raw;
  const parsed = await parse(original);
  const headers = headersOf(parsed);
  if (hasLooped(headers)) throw new MailLoops('It has passed through too many servers.');
  const from = senderOf(parsed, headers);
  const envelopeFrom = session.sender ?? returnPathOf(headers);
  const automatic = automaticReason(headers, envelopeFrom);
  const text = clean(parsed.text ?? '', LONGEST_TEXT);
  const proof = await proveSender({ original, from: from?.address ?? null, headers }, session, dns);
  return {
    fingerprint: fingerprintOf(original, headers),
    messageId: clean(parsed.messageId ?? '', 1_000).trim() || null,
    references: referencesOf(parsed),
    ...{ from, envelopeFrom, proof, automatic, original, text },
    recipients: recipientsOf(raw, parsed, headers),
    subject: oneLine(parsed.subject ?? ''),
    newText: withoutQuotes(text),
    attachments: attachmentsOf(parsed),
    bounce: automatic === 'bounce' || automatic === 'empty_return_path' ? bounceOf(original) : null,
  };
}

/** The files of a mail that was read before. Throws `MailUnreadable`. */
export async function readAttachments(original: Buffer): Promise<readonly MailAttachment[]> {
  return attachmentsOf(await parse(original));
}

async function parse(original: Buffer): Promise<ParsedMail> {
  try {
    return await simpleParser(original, { ...LIMITS, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true });
  } catch (cause) {
    throw new MailUnreadable('It is not a mail as RFC 5322 and MIME describe one.', { cause });
  }
}

function headersOf({ headerLines }: ParsedMail): MailHeaders {
  const headers = new Map<string, string[]>();
  for (const { key, line } of headerLines) {
    const value = line.slice(line.indexOf(':') + 1).replace(/\r?\n\s*/g, ' ');
    headers.set(key, [...(headers.get(key) ?? []), value.trim()]);
  }
  return headers;
}

/** Two `From` headers, or two addresses in one, name nobody: each program would show another. */
function senderOf({ from }: ParsedMail, headers: MailHeaders): IncomingMail['from'] {
  const addresses = addressesIn(from);
  const [only] = addresses;
  if ((headers.get('from') ?? []).length !== 1 || addresses.length !== 1 || !only) return null;
  const address = (only.address ?? '').toLowerCase();
  return ADDRESS.test(address) ? { address, name: oneLine(only.name ?? '') || null } : null;
}

interface Mailbox {
  readonly address?: string | undefined;
  readonly name?: string | undefined;
}

function addressesIn(field: AddressObject | AddressObject[] | undefined): readonly Mailbox[] {
  const all = (Array.isArray(field) ? field : field ? [field] : []).flatMap(({ value }) => value);
  return all.flatMap((one) => (one.group ? one.group : [one]));
}

function returnPathOf(headers: MailHeaders): string | null {
  const [line] = headers.get('return-path') ?? [];
  return line === undefined ? null : line.replace(/[<>\s]/g, '').toLowerCase();
}

function recipientsOf({ recipients }: RawMail, { to, cc }: ParsedMail, headers: MailHeaders): readonly string[] {
  if (recipients !== null) return [...new Set(recipients.map((one) => one.toLowerCase()))];
  const delivered = ['delivered-to', 'x-original-to'].flatMap((name) => headers.get(name) ?? []);
  const written = [...addressesIn(to), ...addressesIn(cc)].map(({ address = '' }) => address);
  const all = [...delivered.map((one) => one.replace(/[<>\s]/g, '')), ...written].map((one) => one.toLowerCase());
  return [...new Set(all)].filter((one) => ADDRESS.test(one)).slice(0, MOST_RECIPIENTS);
}

function referencesOf({ inReplyTo, references = [] }: ParsedMail): readonly string[] {
  const listed = typeof references === 'string' ? [references] : references;
  const all = [...(inReplyTo?.match(/<[^<>\s]+>/g) ?? []), ...[...listed].reverse()].map((one) => clean(one, 1_000));
  return [...new Set(all)].slice(0, MOST_REFERENCES);
}

function attachmentsOf({ attachments }: ParsedMail): readonly MailAttachment[] {
  return attachments.slice(0, MOST_ATTACHMENTS).map(({ filename, contentType, content }, index) => ({
    name: oneLine(filename ?? '').replace(/[/\\]/g, '_') || `attachment-${index + 1}`,
    type: clean(contentType ?? '', 200) || 'application/octet-stream',
    bytes: content,
  }));
}

/** RFC 3464, as far as it is about a mail of ours that was not delivered for good. */
function bounceOf(original: Buffer): Bounce | null {
  const text = original.toString('latin1', 0, REPORT_BYTES);
  const [, token, mailId] =
    /<(t[a-z2-7]{46})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>@\s]+>/i.exec(text) ?? [];
  const recipient = /^(?:original|final)-recipient:\s*rfc822;\s*<?([^\s<>;]+@[^\s<>;]+?)>?\s*$/im.exec(text)?.[1];
  const action = /^action:\s*([a-z]+)/im.exec(text)?.[1]?.toLowerCase();
  if (!token || !mailId || !recipient || action !== 'failed') return null;
  const status = /^status:\s*([245]\.\d{1,3}\.\d{1,3})/im.exec(text)?.[1] ?? null;
  return { token: token.toLowerCase(), mailId: mailId.toLowerCase(), recipient: recipient.toLowerCase(), status };
}

/** What stays the same whichever way a mail came: not what servers on its way put before it. */
function fingerprintOf(original: Buffer, headers: MailHeaders): Buffer {
  const hash = createHash('sha256');
  for (const name of ['message-id', 'date', 'from', 'to', 'subject', 'content-type'])
    hash.update(JSON.stringify([name, headers.get(name) ?? []]));
  return hash.update(bodyOf(original)).digest();
}

function bodyOf(original: Buffer): string {
  const text = original.toString('latin1').replace(/\r\n/g, '\n');
  const at = text.indexOf('\n\n');
  return at < 0 ? '' : text.slice(at + 2).trimEnd();
}

/** PostgreSQL keeps no NUL, and nobody needs the other control characters. */
function clean(text: string, most: number): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '').slice(0, most);
}

function oneLine(text: string): string {
  return clean(text, 2_000)
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, 500);
}
