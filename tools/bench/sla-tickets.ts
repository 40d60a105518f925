import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { JsonObject } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { ALWAYS, USUAL_RULES } from '#libs/sla';
import { openTicket, type ServiceLevels } from '#libs/tickets';
import { TENANT, type World } from './world.js';

const AT_ONCE = 8;
const BY = { subject: `requester@${TENANT}`, kind: 'customer' } as const;

/** Tickets of the bench, opened as the API does, each with a clock of its own length. */
export class SlaTickets {
  private readonly api: Database;

  constructor(private readonly world: World) {
    const { STELLWERK_DATABASE_URL: url = '' } = world.env('api');
    this.api = openDatabase({ url, poolSize: AT_ONCE }, 'bench-sla');
  }

  /** Chains are the MSP's: there has to be one. */
  async begin(): Promise<void> {
    await this.world.database.query(
      `INSERT INTO tenants (id, kind, name, time_zone) VALUES ('msp', 'msp', 'MSP', 'Europe/Berlin') ON CONFLICT DO NOTHING`,
    );
  }

  stop(): Promise<void> {
    return this.api.destroy();
  }

  /** Opens tickets whose first response is due after what `secondsOf` says of each. Gives their ids. */
  async open(count: number, secondsOf: (index: number) => number): Promise<string[]> {
    const ids: string[] = [];
    let next = 0;
    const one = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) ids.push(await this.openOne(secondsOf(index)));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    return ids;
  }

  private openOne(seconds: number): Promise<string> {
    const wish = {
      type: 'incident',
      subject: 'Nobody answers',
      description: null,
      impact: 'low',
      urgency: 'low',
    } as const;
    const whose = { tags: [], requester: null, contactId: null };
    return inTenants(this.api, [TENANT], async (tx) => {
      const ticket = await openTicket(tx, TENANT, { ...wish, ...whose }, BY, levelsOf(seconds));
      return ticket.id;
    });
  }

  /** Waits until the workflow of each has looked at it. */
  watched(ids: readonly string[]): Promise<void> {
    return this.until(ids, 'SELECT count(*)::int AS n FROM sla_watches WHERE ticket_id = ANY ($1)');
  }

  /** Waits until each has its breach on record. */
  breached(ids: readonly string[]): Promise<void> {
    return this.until(ids, `SELECT count(*)::int AS n FROM sla_marks WHERE mark = 'breach' AND ticket_id = ANY ($1)`);
  }

  /** How late each breach came on record, in milliseconds. */
  async lateness(ids: readonly string[]): Promise<number[]> {
    const { rows } = await this.query<{ late: number }>(
      `SELECT extract(epoch FROM recorded_at - due_at)::float8 * 1000 AS late FROM sla_marks WHERE mark = 'breach' AND ticket_id = ANY ($1)`,
      ids,
    );
    return rows.map(({ late }) => late);
  }

  private async until(ids: readonly string[], counting: string): Promise<void> {
    for (;;) {
      const { rows } = await this.query<{ n: number }>(counting, ids);
      if (rows[0]!.n >= ids.length) return;
      await pause(100);
    }
  }

  private query<Row extends pg.QueryResultRow>(text: string, ids: readonly string[]): Promise<pg.QueryResult<Row>> {
    return this.world.database.query<Row>(text, [ids]);
  }
}

/** Megabytes that a process holds in memory; 0 where the system does not tell. */
export function memoryOf(pid: number): number {
  try {
    const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
}

function levelsOf(seconds: number): ServiceLevels {
  const target = { kind: 'minutes', minutes: seconds / 60, calendar: ALWAYS } as const;
  const targets = { first_response: target, update: null, resolution: null };
  const setting = { targets, rules: USUAL_RULES } as unknown as JsonObject;
  return {
    settingFor: () => Promise.resolve({ setting, differsFrom: () => true }),
    freeze: () => Promise.resolve(),
  };
}
