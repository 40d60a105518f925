import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { heldBecause, type Actor, type Held, type Made, type Maker, type Role } from '#libs/platform/access';
import type { Row, Transaction } from '#libs/platform/database';

/** A program that an issuer vouches for. */
export interface MachineClient {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly clientId: string;
  /** The `sub` of its tokens. */
  readonly subject: string;
  readonly role: string;
  readonly scopes: readonly string[] | null;
  readonly covers: readonly string[] | null;
  readonly enabled: boolean;
  readonly setBy: string;
  readonly setAt: Date;
  readonly lastUsedAt: Date | null;
  /** Why it does less than it was entered for; null: it does all of it. */
  readonly held: Held | null;
}

/** A machine as somebody enters it; its name says which. */
export type MachineToSave = Omit<MachineClient, 'id' | 'setAt' | 'lastUsedAt' | 'provider' | 'held'> & {
  readonly providerId: string;
};

/** Enters a machine, or replaces the one of this name. */
export async function saveMachine(tx: Transaction, machine: MachineToSave): Promise<void> {
  const values = {
    provider_id: machine.providerId,
    client_id: machine.clientId,
    subject: machine.subject,
    role: machine.role,
    scopes: machine.scopes === null ? null : [...machine.scopes],
    covers: machine.covers === null ? null : [...machine.covers],
    enabled: machine.enabled,
    set_by: machine.setBy,
    set_at: sql<Date>`now()`,
  };
  await tx
    .insertInto('machine_clients')
    .values({ tenant_id: machine.tenant, id: newId(), name: machine.name, ...values })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doUpdateSet(values))
    .execute();
}

export async function findMachine(tx: Transaction, tenant: string, name: string): Promise<MachineClient | null> {
  const row = await machines(tx).where('m.tenant_id', '=', tenant).where('m.name', '=', name).executeTakeFirst();
  return row ? toMachine(row) : null;
}

/** One page of machines, by tenant and name, after a place. */
export async function listMachines(
  tx: Transaction,
  tenants: readonly string[],
  [tenant, name]: readonly [string, string],
  limit: number,
): Promise<MachineClient[]> {
  const rows = await machines(tx)
    .where('m.tenant_id', 'in', tenants)
    .where(sql<boolean>`(m.tenant_id, m.name) > (${tenant}, ${name})`)
    .orderBy('m.tenant_id')
    .orderBy('m.name')
    .limit(limit)
    .execute();
  return rows.map(toMachine);
}

function machines(tx: Transaction) {
  return tx
    .selectFrom('machine_clients as m')
    .innerJoin('identity_providers as p', (join) =>
      join.onRef('p.tenant_id', '=', 'm.tenant_id').onRef('p.id', '=', 'm.provider_id'),
    )
    .selectAll('m')
    .select('p.name as provider')
    .select(sql<Actor['kind']>`(SELECT t.kind FROM tenants t WHERE t.id = m.tenant_id)`.as('kind'))
    .select(sql<Maker>`rights_of_maker(m.set_by)`.as('maker'));
}

type MachineRow = Row<'machine_clients'> & {
  readonly provider: string;
  readonly kind: Actor['kind'];
  readonly maker: Maker;
};

function toMachine(row: MachineRow): MachineClient {
  return {
    tenant: row.tenant_id,
    id: row.id,
    name: row.name,
    provider: row.provider,
    clientId: row.client_id,
    subject: row.subject,
    role: row.role,
    scopes: row.scopes,
    covers: row.covers,
    enabled: row.enabled,
    setBy: row.set_by,
    setAt: row.set_at,
    lastUsedAt: row.last_used_at,
    held: heldBecause(enteredFor(row), row.maker),
  };
}

/** One for all customers counts as one for the MSP itself: only who holds that may enter it. */
function enteredFor({ tenant_id: tenant, kind, role, scopes, covers }: MachineRow): Made {
  return { kind, grants: [{ role: role as Role, tenants: covers ?? [tenant] }], scopes };
}
