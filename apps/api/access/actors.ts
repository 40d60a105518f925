import type { FastifyRequest } from 'fastify';
import type { Actor } from '#libs/platform/access';
import { KeyMissing } from './access.errors.js';

/** Who calls, before a route says what for. */
export type Caller = Omit<Actor, 'sees'>;

/** One way to prove who calls: an API key, a session's cookie, an issuer's token. */
export interface CredentialReader {
  /** Null when the call carries no credential of this kind. Throws when it carries one that does not let in. */
  read(request: FastifyRequest): Promise<Caller | null>;
}

/** Finds out who calls. Asked at each call: whatever is revoked ends at once. */
export class Actors {
  constructor(private readonly readers: readonly CredentialReader[]) {}

  /** The caller by the first reader that finds a credential of its kind. Throws `KeyMissing` and what the readers throw. */
  async callerOf(request: FastifyRequest): Promise<Caller> {
    for (const reader of this.readers) {
      const caller = await reader.read(request);
      if (caller) return caller;
    }
    throw new KeyMissing('Send your key as `Authorization: Bearer <key>`, or sign in.');
  }
}
