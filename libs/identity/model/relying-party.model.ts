/** Who passkeys are made for, and from which origin (WebAuthn Level 3, 5.1). */
export interface RelyingParty {
  /** A host name: a passkey only ever answers to the one that it was made for. */
  readonly id: string;
  readonly origin: string;
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]']);

/**
 * The relying party of a public address; null when that is an IP address, for which browsers make no passkeys. On the
 * loopback there is a name that stands for it.
 */
export function relyingPartyOf(publicUrl: string): RelyingParty | null {
  const url = new URL(publicUrl);
  if (LOOPBACK.has(url.hostname)) url.hostname = 'localhost';
  const isAddress = url.hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(url.hostname);
  return isAddress ? null : { id: url.hostname, origin: url.origin };
}
