import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '#libs/kernel';

/** What of an entry may name a person. An erasure replaces it; the chain keeps its salted digest. */
export interface ErasableContent {
  readonly actor: string;
  readonly origin: string | null;
  readonly objectId: string;
  readonly reason: string | null;
  readonly before: Json;
  readonly after: Json;
  /** 122 random bits: without it nobody can try names against the digest. */
  readonly salt: string;
}

/** What of an entry is never erased. */
export interface LastingContent {
  readonly id: string;
  /** Milliseconds, UTC. */
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly objectKind: string;
  readonly request: string | null;
}

export type ChainableEntry = LastingContent & ErasableContent;

/** What stands before the first link of every chain. */
export const FIRST_PREVIOUS = '0'.repeat(64);

/** SHA-256, hexadecimal, of canonical JSON (RFC 8785's order of keys) with exactly these fields. */
export function contentHash({ actor, origin, objectId, reason, before, after, salt }: ErasableContent): string {
  return sha256({ actor, origin, objectId, reason, before, after, salt });
}

/** The hash of an entry: what lasts, and the digest of what may be erased. */
export function entryHash({ id, at, action, outcome, objectKind, request }: LastingContent, content: string): string {
  return sha256({ id, at: at.toISOString(), action, outcome, objectKind, request, content });
}

/** One link of a tenant's chain. */
export interface Link {
  readonly tenant: string;
  readonly seq: number;
  readonly previous: string;
  readonly entry: string;
  readonly chainedAt: Date;
}

export function linkHash({ tenant, seq, previous, entry, chainedAt }: Link): string {
  return sha256({ tenant, seq, previous, entry, chainedAt: chainedAt.toISOString() });
}

/** The bytes that an anchor's signature is over. */
export function anchorPayload({ tenant, seq, hash }: { tenant: string; seq: number; hash: string }): Buffer {
  return Buffer.from(canonicalJson({ purpose: 'stellwerk.audit.anchor', tenant, seq, hash }));
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
