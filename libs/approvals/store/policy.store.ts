import { sql } from 'kysely';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { ApprovalPolicy } from '../model/index.js';

export type PolicyRow = Row<'approval_policies'>;

/** A version of a customer's policy for a process; the newest where none is named. */
export function findPolicy(
  tx: Transaction,
  tenant: string,
  process: string,
  version: number | null,
): Promise<PolicyRow | undefined> {
  return tx
    .selectFrom('approval_policies')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('process', '=', process)
    .$if(version !== null, (query) => query.where('version', '=', version!))
    .orderBy('version', 'desc')
    .executeTakeFirst();
}

/** The newest version of each policy of these customers. */
export async function listPolicies(tx: Transaction, tenants: readonly string[]): Promise<PolicyRow[]> {
  return tx
    .selectFrom('approval_policies')
    .distinctOn(['tenant_id', 'process'])
    .selectAll()
    .where('tenant_id', 'in', tenants.length > 0 ? tenants : [''])
    .orderBy('tenant_id')
    .orderBy('process')
    .orderBy('version', 'desc')
    .execute();
}

/** Adds the next version. Questions that are put from now on follow it. */
export async function insertPolicy(
  tx: Transaction,
  next: {
    readonly tenant: string;
    readonly process: string;
    readonly body: ApprovalPolicy;
    readonly createdBy: string;
  },
): Promise<PolicyRow> {
  const { tenant, process, body, createdBy } = next;
  // two who save at once take turns
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['approval policy', tenant, process])}, 0))`.execute(
    tx,
  );
  const known = await findPolicy(tx, tenant, process, null);
  const version = (known?.version ?? 0) + 1;
  return tx
    .insertInto('approval_policies')
    .values({ tenant_id: tenant, process, version, body: json(body), created_by: createdBy })
    .returningAll()
    .executeTakeFirstOrThrow();
}
