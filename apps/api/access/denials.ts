import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { systemClock, type AppError } from '#libs/kernel';
import { appendAudit, type AuditEntry } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { networkNameOf } from '#libs/platform/limits';
import type { MailedLink } from '#libs/platform/mailed-links';
import type { Logger } from '#libs/platform/observability';
import { callerOf } from './caller.js';
import { attemptOf } from './identified.js';

const WINDOW_MS = 60_000;
/** More callers, permissions and codes than this within a minute share one entry of their tenant. */
const MOST_KINDS = 2_000;
/** More networks than this from which keys were tried that nobody has share an entry. */
const MOST_SOURCES = 20;
/** Refusals of what nobody here goes by. */
const STRANGERS = new Set(['auth.key_invalid', 'auth.token_invalid']);

/** What was refused to whom. */
interface Denial {
  /** In whose audit it stands; null: in the MSP's, for it is nobody's. */
  readonly home: string | null;
  readonly entry: Pick<AuditEntry, 'actor' | 'origin' | 'object'>;
  readonly code: string;
}

const SEVERAL = {
  ...{ action: 'access.denied', actor: 'several', origin: null },
  object: { kind: 'permission', id: 'several' },
} as const;

interface Tally extends Denial {
  readonly entry: Pick<AuditEntry, 'action' | 'actor' | 'origin' | 'object'>;
  since: Date;
  /** Not on record yet. */
  open: number;
}

/**
 * Puts denials on record. The first of a caller, permission and code is written at once, those that follow within the minute
 * as one entry with their number: a flood fills nothing, and no answer waits. What cannot be written is counted on.
 */
export class Denials {
  private readonly tallies = new Map<string, Tally>();
  /** Those of which the first was written in this minute. */
  private readonly counting = new Set<Tally>();
  /** Networks from which strangers came in this minute. */
  private readonly sources = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => this.flush(), WINDOW_MS).unref();
  }

  /** Resolves when what was counted is written. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.flush();
    await this.writing;
  }

  /** Looks at a problem that is being answered. Never throws. */
  note(problem: AppError, request: FastifyRequest): void {
    const attempt = attemptOf(request, problem);
    if (!attempt) return this.noteStranger(problem.code, request);
    if (!isDenial(problem, request)) return;
    const { home, subject: actor, origin = null, permission } = attempt;
    this.count({ home, entry: { actor, origin, object: { kind: 'permission', id: permission } }, code: problem.code });
  }

  /** Somebody acted by a genuine link that is used, expired or taken back, or that lets them do nothing. Never throws. */
  noteLink({ tenant: home, id, recipient }: Pick<MailedLink, 'tenant' | 'id' | 'recipient'>, code: string): void {
    this.count({
      home,
      entry: { actor: `mail:${recipient.toLowerCase()}`, origin: null, object: { kind: 'mailed_link', id } },
      code,
    });
  }

  /**
   * A key or token that nobody has: one entry per minute and network it came from, at the minute's end, so that whoever
   * tries many adds one line. What was tried is not told: it may be half of what lets somebody in.
   */
  private noteStranger(code: string, { ip }: FastifyRequest): void {
    if (!STRANGERS.has(code)) return;
    const network = networkNameOf(ip);
    const isCrowded = this.sources.size >= MOST_SOURCES && !this.sources.has(network);
    const id = isCrowded ? 'several' : network;
    this.sources.add(id);
    const entry = { actor: 'unknown', origin: null, object: { kind: 'address', id } };
    this.tallyOf({ home: null, entry, code }).open += 1;
  }

  private count(denial: Denial): void {
    const tally = this.tallyOf(denial);
    tally.open += 1;
    if (tally.open === 1 && !this.isCounting(tally)) this.write([tally]);
  }

  /** Ends the minute: writes what was counted, and forgets whoever was quiet. */
  flush(): void {
    const open = [...this.tallies.values()].filter((tally) => tally.open > 0);
    for (const [key, tally] of this.tallies) if (tally.open === 0) this.tallies.delete(key);
    this.counting.clear();
    this.sources.clear();
    if (open.length > 0) this.write(open);
  }

  private isCounting(tally: Tally): boolean {
    if (this.counting.has(tally)) return true;
    this.counting.add(tally);
    return false;
  }

  private tallyOf({ home, entry, code }: Denial): Tally {
    const isFull = this.tallies.size >= MOST_KINDS;
    const { actor, object } = entry;
    const key = JSON.stringify([home, actor, object.kind, object.id, code]);
    const known = this.tallies.get(key);
    if (known) return known;
    const name = isFull ? JSON.stringify([home]) : key;
    const made: Tally = this.tallies.get(name) ?? {
      home,
      entry: isFull ? SEVERAL : { action: 'access.denied', ...entry },
      code: isFull ? 'several' : code,
      since: systemClock.now(),
      open: 0,
    };
    this.tallies.set(name, made);
    return made;
  }

  /** One after the other: denials never take more than one connection. */
  private write(tallies: readonly Tally[]): void {
    const now = systemClock.now();
    const told = tallies.map((tally) => ({ tally, count: tally.open, entry: entryOf(tally) }));
    for (const { tally } of told) Object.assign(tally, { open: 0, since: now });
    this.writing = this.writing.then(async () => {
      for (const home of new Set(tallies.map((tally) => tally.home))) {
        const own = told.filter(({ tally }) => tally.home === home);
        const entries = own.map(({ entry }) => entry);
        await this.put(home, entries).catch((error: unknown) => {
          for (const { tally, count } of own) tally.open += count;
          this.logger.warn({ err: error, tenant: home }, 'denials were not put on record yet; they are counted on');
        });
      }
    });
  }

  private async put(home: string | null, entries: readonly AuditEntry[]): Promise<void> {
    const tenant = home ?? (await mspTenant(this.database));
    await inTenants(this.database, [tenant], (tx) => appendAudit(tx, tenant, entries));
  }
}

async function mspTenant(database: Database): Promise<string> {
  const { rows } = await sql<{ msp: string | null }>`SELECT msp_tenant() AS msp`.execute(database);
  const msp = rows[0]?.msp;
  if (!msp) throw new Error('There is no tenant of the MSP yet.');
  return msp;
}

function entryOf({ entry, code, open, since }: Tally): AuditEntry {
  return { ...entry, outcome: 'denied', after: { code, count: open, since: since.toISOString() } };
}

/**
 * Refused for want of a right: by role or rule, because the tenant is none of the caller's, by a credential that no longer
 * lets in, or because the thing is not the caller's or not there, which look the same.
 */
function isDenial({ kind, code }: AppError, request: FastifyRequest): boolean {
  if (kind === 'forbidden' || kind === 'unauthenticated' || code === 'tenant.not_found') return true;
  if (kind !== 'not_found') return false;
  return callerOf(request) === undefined || Object.keys((request.params as object | null) ?? {}).length > 0;
}
