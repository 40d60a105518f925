import { sql } from 'kysely';
import { topics } from '#libs/events';
import type { Database } from '#libs/platform/database';
import type { EventLog } from '#libs/platform/kafka';
import type { Development } from '../demo/development.js';
import { readTopics } from './event-records.js';
import type { Evidence } from './judgement.js';
import { TENANT } from './leavers.js';
import type { AcceptedRequest } from './load.js';
import { readEffects } from './recorded-effects.js';

export interface EvidenceSources {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly development: Development;
}

/** Gathers what is judged, once everything is at rest. `killedAt` are the instants at which something died. */
export async function gatherEvidence(
  { database, eventLog, development }: EvidenceSources,
  accepted: readonly AcceptedRequest[],
  killedAt: readonly Date[],
  leftOver: readonly string[],
): Promise<Evidence> {
  const users = accepted.map(({ leaver }) => leaver.user);
  const requests = await sql<{ id: string; status: string }>`
    SELECT id, status FROM requests WHERE tenant_id = ${TENANT} AND subject = ANY (${users}::text[])`.execute(database);
  const ids = requests.rows.map(({ id }) => id);
  const runs = await sql<{ id: string; requestId: string; status: string }>`
    SELECT id, request_id AS "requestId", status FROM runs
    WHERE tenant_id = ${TENANT} AND request_id = ANY (${ids}::uuid[])`.execute(database);
  const runIds = runs.rows.map(({ id }) => id);
  const keys = [...ids.map((id) => `${TENANT}/request/${id}`), ...runIds.map((id) => `${TENANT}/run/${id}`)];
  const sequences = await sql<{ key: string; sequence: number }>`
    SELECT key, sequence FROM event_keys WHERE tenant_id = ${TENANT} AND key = ANY (${keys}::text[])`.execute(database);
  return {
    accepted,
    requests: requests.rows,
    runs: runs.rows,
    effects: await readEffects(development),
    underWay: await stepsUnderWay(database, runIds, killedAt),
    records: await readTopics(eventLog, topics),
    sequences: sequences.rows,
    leftOver: [...leftOver, ...(await deadLetters(database, ids))],
  };
}

/** The steps that had begun and had no recorded end at each of these instants. */
async function stepsUnderWay(database: Database, runIds: readonly string[], at: readonly Date[]): Promise<string[]> {
  const { rows } = await sql<{ step: string }>`
    SELECT s.run_id || '/' || s.step_id AS step FROM unnest(${at.map((one) => one.toISOString())}::timestamptz[]) AS kill (at)
    JOIN run_steps s ON s.started_at <= kill.at AND coalesce(s.ended_at, 'infinity') > kill.at
    WHERE s.tenant_id = ${TENANT} AND s.run_id = ANY (${[...runIds]}::uuid[])`.execute(database);
  return rows.map(({ step }) => step);
}

async function deadLetters(database: Database, requestIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ code: string; id: string }>`
    SELECT id, code FROM dead_letters WHERE tenant_id = ${TENANT}
      AND headers ->> 'ce_correlationid' = ANY (${[...requestIds]}::text[])`.execute(database);
  return rows.map(({ id, code }) => `the dead letter ${id} (${code})`);
}
