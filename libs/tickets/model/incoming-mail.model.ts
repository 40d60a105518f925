/** What a check of a mail's origin found. */
export interface CheckResult {
  /** As RFC 8601 names results: pass, fail, none, temperror … */
  readonly result: string;
  /** The domain that was checked. */
  readonly domain: string | null;
}

/** Who a mail is from, as far as that can be proven. */
export interface SenderProof {
  readonly spf: CheckResult;
  readonly dkim: readonly CheckResult[];
  readonly dmarc: CheckResult & { readonly policy: string | null };
  readonly arc: CheckResult;
  /** The address in `From` is whoever sent it. */
  readonly proven: boolean;
  /** In a few words; shown to technicians. */
  readonly why: string;
  /** A name server did not answer: later it may be proven. */
  readonly temporary: boolean;
}

export interface MailAttachment {
  readonly name: string;
  /** As the mail says; nothing relies on it. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** A mail that could not be delivered, by the report that came instead. */
export interface Bounce {
  readonly recipient: string;
  /** Enhanced status code, e.g. `5.1.1`. */
  readonly status: string | null;
  /** Tokens and ids of ours that the report quotes. */
  readonly mailId: string;
  readonly token: string;
}

/** Why a mail is no person's: it opens no ticket, and nothing answers it. */
export type AutomaticReason = 'own_mail' | 'bounce' | 'auto_reply' | 'mailing_list' | 'empty_return_path';

/** A mail that came in, read once at the edge. */
export interface IncomingMail {
  /** SHA-256 over what makes it this mail, whichever way it came. */
  readonly fingerprint: Buffer;
  readonly messageId: string | null;
  /** Message-IDs that it answers to, the nearest first. */
  readonly references: readonly string[];
  /** Null: it has no single sender. In lower case. */
  readonly from: { readonly address: string; readonly name: string | null } | null;
  readonly envelopeFrom: string | null;
  /** Whom it was delivered to, in lower case. */
  readonly recipients: readonly string[];
  readonly subject: string;
  /** The whole text, of HTML where there is no other. */
  readonly text: string;
  /** Without what it quotes. */
  readonly newText: string;
  readonly attachments: readonly MailAttachment[];
  readonly automatic: AutomaticReason | null;
  readonly bounce: Bounce | null;
  readonly proof: SenderProof;
  /** As it came. */
  readonly original: Buffer;
}

/** What becomes of a sender who is nobody of the customer. */
export const UNKNOWN_SENDER_POLICIES = ['quarantine', 'triage', 'refuse'] as const;
export type UnknownSenderPolicy = (typeof UNKNOWN_SENDER_POLICIES)[number];
export const USUAL_UNKNOWN_SENDERS: UnknownSenderPolicy = 'triage';

export const MAIL_OUTCOMES = ['opened', 'commented', 'noted', 'ignored', 'quarantined', 'refused', 'rejected'] as const;
export type MailOutcome = (typeof MAIL_OUTCOMES)[number];
