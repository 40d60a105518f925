import type { Transaction } from '#libs/platform/database';
import { RUN_OUTCOMES } from '../model/index.js';

/** A run that has ended, and the request that it is of. */
export interface EndedRun {
  readonly id: string;
  readonly requestId: string;
}

/** Runs of a customer that have ended and of which no proof is kept yet, in the order of their ids. */
export async function endedRunsWithoutProof(tx: Transaction, tenant: string, limit: number): Promise<EndedRun[]> {
  return tx
    .selectFrom('runs as r')
    .leftJoin('run_proofs as p', (join) => join.onRef('p.tenant_id', '=', 'r.tenant_id').onRef('p.run_id', '=', 'r.id'))
    .select(['r.id', 'r.request_id as requestId'])
    .where('r.tenant_id', '=', tenant)
    .where('r.status', 'in', [...RUN_OUTCOMES])
    .where('p.run_id', 'is', null)
    .orderBy('r.id')
    .limit(limit)
    .execute();
}

/** Keeps what is left of a run's certificate; a repeat changes nothing. */
export async function keepRunProof(tx: Transaction, tenant: string, runId: string, proof: string): Promise<void> {
  await tx
    .insertInto('run_proofs')
    .values({ tenant_id: tenant, run_id: runId, proof })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The bytes that are kept of runs' certificates, in the order of their ids, after one of them. */
export async function listRunProofs(
  tx: Transaction,
  tenant: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly run_id: string; readonly proof: string }[]> {
  return tx
    .selectFrom('run_proofs')
    .select(['run_id', 'proof'])
    .where('tenant_id', '=', tenant)
    .$if(after !== null, (query) => query.where('run_id', '>', after!))
    .orderBy('run_id')
    .limit(limit)
    .execute();
}

export async function findRunProof(tx: Transaction, tenant: string, runId: string): Promise<string | null> {
  const row = await tx
    .selectFrom('run_proofs')
    .select('proof')
    .where('tenant_id', '=', tenant)
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return row?.proof ?? null;
}
