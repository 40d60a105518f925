import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import {
  hashOfApiKey,
  isApiKey,
  isHeld,
  withinMaker,
  type Actor,
  type Maker,
  type RoleGrant,
} from '#libs/platform/access';
import { Gathering, type Database, type Reply } from '#libs/platform/database';
import { AppError, systemClock } from '#libs/kernel';
import { KeyInvalid } from './access.errors.js';
import type { Caller, CredentialReader } from './actors.js';
import { ofHolder, type Identified } from './identified.js';
import { admitted, type Standing } from './standing.js';

const BEARER = /^Bearer +([\x21-\x7e]{8,512}) *$/i;
const MOST_AT_ONCE = 100;
const NOTE_MS = 60_000;

interface Holder {
  readonly id: string;
  readonly tenant_id: string;
  readonly tenant_kind: Actor['kind'];
  readonly subject: string;
  readonly grants: readonly RoleGrant[];
  readonly scopes: readonly string[] | null;
  readonly machine: boolean;
  readonly origin: string | null;
  readonly refusal: 'expired' | 'revoked' | Standing;
  readonly maker: Maker;
  /** It is the key of a person who is locked or closed. */
  readonly shut_out: boolean;
  /** It is the key of a person of the MSP, where those show a second factor. */
  readonly unproven: boolean;
}

function identified({ subject, tenant_id: home, origin }: Holder): Identified {
  return { subject, home, origin };
}

function admittedHolder(holder: Holder, standing: Standing): Caller {
  const { id: caller, tenant_id: home, tenant_kind: kind, subject, scopes, machine, origin } = holder;
  const grants = withinMaker({ kind, grants: holder.grants, scopes }, holder.maker);
  const proof = { method: 'api_key', secondFactor: false } as const;
  try {
    if (holder.unproven) throw unproven();
    if (holder.shut_out || isHeld(holder.grants, grants)) throw held();
    return admitted({ subject, kind, home, grants, caller, scopes, machine, origin, ...proof }, standing);
  } catch (error) {
    throw error instanceof AppError ? ofHolder(error, identified(holder)) : error;
  }
}

function unknown(): KeyInvalid {
  return new KeyInvalid('The key is unknown or was revoked. Ask your administrator for a new one.');
}

function held(): KeyInvalid {
  return new KeyInvalid(
    'The key is held: whoever made or has it may no longer do what it does. An administrator rotates it.',
  );
}

function unproven(): KeyInvalid {
  return new KeyInvalid(
    'A key of a person of the MSP shows no second factor. Sign in at /v1/sign-in; for a program, make a key of its own (POST /v1/api-keys).',
  );
}

/** Callers by API key, each with no more than its maker may do now. */
export class ApiKeyReader implements CredentialReader {
  private readonly lookUps: Gathering<string, Holder | undefined>;
  private readonly notedAt = new Map<string, number>();

  /** `machinesOnly`: a person's key of the MSP, which asks for no second factor, lets nobody in. */
  constructor(
    private readonly database: Database,
    private readonly machinesOnly: boolean,
  ) {
    this.lookUps = new Gathering({ most: MOST_AT_ONCE }, (hashes) => this.find(hashes));
  }

  /** Throws `KeyInvalid` or `TenantSuspended`. */
  async read({ headers: { authorization } }: Pick<FastifyRequest, 'headers'>): Promise<Caller | null> {
    if (authorization === undefined || authorization.trim() === '') return null;
    const key = BEARER.exec(authorization)?.[1];
    const holder = key && isApiKey(key) ? await this.lookUps.ask(hashOfApiKey(key).toString('hex')) : undefined;
    if (!holder) throw unknown();
    // the answer does not tell that somebody once had it
    if (holder.refusal === 'revoked') throw ofHolder(unknown(), identified(holder));
    if (holder.refusal === 'expired')
      throw ofHolder(new KeyInvalid('The key has expired. Ask your administrator for a new one.'), identified(holder));
    const caller = admittedHolder(holder, holder.refusal);
    this.note(holder.id);
    return caller;
  }

  /** Calls that arrive together share one question, each key once. */
  private async find(hashes: readonly string[]): Promise<Reply<Holder | undefined>[]> {
    const asked = [...new Set(hashes)];
    const { rows } = await sql<Holder & { hash: string }>`
      SELECT a.hash, h.*, rights_of_maker(h.origin) AS maker, NOT h.machine AND is_shut_out(h.subject) AS shut_out FROM unnest(${asked}::text[]) AS a (hash) CROSS JOIN LATERAL caller_by_key(decode(a.hash, 'hex')) h`.execute(
      this.database,
    );
    const holders = new Map(rows.map((row) => [row.hash, { ...row, unproven: this.isUnproven(row) }]));
    return hashes.map((hash) => ({ answer: holders.get(hash) }));
  }

  private isUnproven({ tenant_kind: kind, machine }: Holder): boolean {
    return this.machinesOnly && kind === 'msp' && !machine;
  }

  /** When a key was last used is for people to see which are not: nobody waits for it, and a failure is made up by the next use. */
  private note(id: string): void {
    const now = systemClock.now().getTime();
    if (now - (this.notedAt.get(id) ?? -Infinity) < NOTE_MS) return;
    this.notedAt.set(id, now);
    sql`SELECT note_keys_used(ARRAY[${id}]::uuid[])`.execute(this.database).catch(() => this.notedAt.delete(id));
  }
}
