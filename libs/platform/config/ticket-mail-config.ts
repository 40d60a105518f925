/** Where mails about tickets come in. */
export interface TicketMailConfig {
  /** The address that answers go to; what tells tickets and customers apart is put behind a `+`. Null: none. */
  readonly address: string | null;
  /** The SMTP receiver of the API; null: none. Mailboxes are read all the same. */
  readonly receiver: MailReceiverConfig | null;
}

export interface MailReceiverConfig {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** PEM files for STARTTLS; null: it offers none. */
  readonly tls: { readonly keyFile: string; readonly certFile: string } | null;
  /** Whose Authentication-Results are believed: a mail server of ours before it. Null: it looks itself where mails come from. */
  readonly authservId: string | null;
  /** Largest mail, in bytes. */
  readonly limitBytes: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** With `+`, kind and token the part before the `@` may have 64 characters (RFC 5321, 4.5.3.1.1). */
const ADDRESS = /^[a-z0-9](?:[a-z0-9._-]{0,14}[a-z0-9])?@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const USUAL_LIMIT = 26_214_400;

/** Reads the settings of mails about tickets; what is wrong goes to `faults`. */
export function readTicketMailConfig(environment: Environment, faults: string[]): TicketMailConfig {
  const address = environment['STELLWERK_TICKET_MAIL_ADDRESS']?.trim().toLowerCase() || null;
  if (address !== null && !ADDRESS.test(address))
    faults.push(
      'STELLWERK_TICKET_MAIL_ADDRESS must be an address such as support@msp.example, with at most 16 characters before the @ and no +',
    );
  return { address, receiver: receiverOf(environment, address, faults) };
}

function receiverOf(environment: Environment, address: string | null, faults: string[]): MailReceiverConfig | null {
  const text = environment['STELLWERK_TICKET_MAIL_PORT'];
  if (!text) return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    faults.push('STELLWERK_TICKET_MAIL_PORT must be a port from 0 to 65535');
  if (address === null) faults.push('STELLWERK_TICKET_MAIL_ADDRESS is not set (STELLWERK_TICKET_MAIL_PORT is)');
  const limitBytes = Number(environment['STELLWERK_TICKET_MAIL_LIMIT_BYTES'] || USUAL_LIMIT);
  if (!Number.isInteger(limitBytes) || limitBytes < 65_536 || limitBytes > 52_428_800)
    faults.push('STELLWERK_TICKET_MAIL_LIMIT_BYTES must be a whole number from 65536 to 52428800');
  const [keyFile, certFile] = [
    environment['STELLWERK_TICKET_MAIL_KEY_FILE'],
    environment['STELLWERK_TICKET_MAIL_CERTIFICATE_FILE'],
  ];
  if (Boolean(keyFile) !== Boolean(certFile))
    faults.push('STELLWERK_TICKET_MAIL_KEY_FILE and STELLWERK_TICKET_MAIL_CERTIFICATE_FILE go together');
  const host = environment['STELLWERK_TICKET_MAIL_HOST'] || '127.0.0.1';
  const authservId = environment['STELLWERK_TICKET_MAIL_AUTHSERV_ID']?.trim() || null;
  return { host, port, limitBytes, authservId, tls: keyFile && certFile ? { keyFile, certFile } : null };
}
