import { createHash } from 'node:crypto';

/** A server's key as it shows it. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly algorithm: string;
  /** As `ssh-keygen -l` shows it: `SHA256:` and 43 characters of base64. */
  readonly fingerprint: string;
}

/** Where an SSH server listens: the host in its one form. */
export interface SshPlace {
  readonly host: string;
  readonly port: number;
}

/** The keys that a tenant's people trusted. */
export interface TrustedHostKeys {
  trusted(place: SshPlace): Promise<readonly { readonly fingerprint: string; readonly algorithm: string | null }[]>;
  /** Puts a key that nobody trusted on record; where another one is trusted, it is told as an attack might be. */
  saw(place: SshPlace, key: HostKey): Promise<void>;
}

export const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/** Reads a key in SSH's wire form (RFC 4253, 6.6): a string with the algorithm's name comes first. */
export function readHostKey(blob: Buffer): HostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  const algorithm = blob.toString('latin1', 4, 4 + Math.min(length, 64));
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return { algorithm, fingerprint: `SHA256:${digest}` };
}
