import { sql } from 'kysely';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { Chain, Trigger } from '../model/index.js';

export type ChainRow = Row<'escalation_chains'>;
export type TriggersRow = Row<'escalation_triggers'>;

/** A chain as it stands, with whose it is. */
export interface NamedChain {
  readonly tenant: string;
  readonly name: string;
  readonly version: number;
  readonly chain: Chain;
}

/** The newest version of each chain of these tenants, by name. */
export function listChains(tx: Transaction, tenants: readonly string[], limit: number): Promise<ChainRow[]> {
  return tx
    .selectFrom('escalation_chains')
    .distinctOn(['name', 'tenant_id'])
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .orderBy('name')
    .orderBy('tenant_id')
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
}

/** The newest version, or the one that is named. */
export function findChain(
  tx: Transaction,
  tenant: string,
  name: string,
  version?: number,
): Promise<ChainRow | undefined> {
  return tx
    .selectFrom('escalation_chains')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('name', '=', name)
    .$if(version !== undefined, (query) => query.where('version', '=', version!))
    .orderBy('version', 'desc')
    .executeTakeFirst();
}

export function asNamed({ tenant_id: tenant, name, version, chain }: ChainRow): NamedChain {
  return { tenant, name, version, chain: chain as Chain };
}

/** Saves a chain as its next version; the first of two at once wins, the other one is a version of its own. */
export async function insertChain(
  tx: Transaction,
  tenant: string,
  { name, chain }: { readonly name: string; readonly chain: Chain },
  by: string,
): Promise<ChainRow> {
  await lockVersions(tx, ['escalation-chain', tenant, name]);
  const before = await findChain(tx, tenant, name);
  const version = (before?.version ?? 0) + 1;
  return tx
    .insertInto('escalation_chains')
    .values({ tenant_id: tenant, name, version, chain: json(chain), set_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** What starts chains at a tenant; undefined where nothing of its own was said. */
export function findTriggers(tx: Transaction, tenant: string): Promise<TriggersRow | undefined> {
  return tx
    .selectFrom('escalation_triggers')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .orderBy('version', 'desc')
    .executeTakeFirst();
}

export async function insertTriggers(
  tx: Transaction,
  tenant: string,
  triggers: readonly Trigger[],
  by: string,
): Promise<TriggersRow> {
  await lockVersions(tx, ['escalation-triggers', tenant]);
  const version = ((await findTriggers(tx, tenant))?.version ?? 0) + 1;
  return tx
    .insertInto('escalation_triggers')
    .values({ tenant_id: tenant, version, triggers: json(triggers), set_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function lockVersions(tx: Transaction, place: readonly string[]): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(place)}, 0))`.execute(tx);
}
