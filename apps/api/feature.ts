import type { Provider, Type } from '@nestjs/common';
import type { Database } from '#libs/platform/database';
import type { Limits, SignInLimits } from '#libs/platform/limits';
import type { OutboxHint } from '#libs/platform/outbox';
import type { KeyRing, PayloadKeys, SigningKeys } from '#libs/platform/secrets';
import type { MailAddresses } from '#libs/tickets';
import type { CredentialReader } from './access/actors.js';
import type { LinkPage, NoteRefusedLink } from './mailed-links/link-page.js';

/** What the whole API is given when it starts. */
export interface ApiParts {
  readonly database: Database;
  readonly hint: OutboxHint;
  /** Put before every topic; taken off again from what a dead letter was sent to. */
  readonly topicPrefix: string;
  /** What certificates are signed with; null: they are not. */
  readonly signingKeys: SigningKeys | null;
  /** What wraps the data keys of secrets. */
  readonly keys: KeyRing;
  /** What encrypts payloads in Temporal, and the namespace that they are of. */
  readonly payloads: { readonly keys: PayloadKeys; readonly namespace: string };
  readonly limits: Limits;
  /** Asked before any proof of a sign-in is looked at: a password, passkey, code or mailed token. */
  readonly signInLimits: SignInLimits;
  /** JSON file `{tenant: {name: value}}` with secrets that the database does not have; null: none. */
  readonly secretsFile: string | null;
  /** Puts on record that a mailed link was refused, with why. */
  readonly noteRefusedLink: NoteRefusedLink;
  /** The helpdesk's addresses. */
  readonly mailAddresses: MailAddresses;
  /** Where people reach the API, without a slash at its end. */
  readonly publicUrl: string;
}

/** A folder of the API: its controllers and what they delegate to. */
export interface Feature {
  readonly controllers: readonly Type<unknown>[];
  providers(parts: ApiParts): Provider[];
  /** Ways to prove who calls, asked in the order of the features. */
  credentialReaders?(parts: ApiParts): readonly CredentialReader[];
  /** The pages behind links in mails, of the purposes that this folder knows. */
  linkPages?(parts: ApiParts): readonly LinkPage[];
}
