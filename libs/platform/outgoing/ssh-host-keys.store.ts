import { sql } from 'kysely';
import { hostKeyRefused } from '#libs/events';
import { newId } from '#libs/kernel';
import { appendAudit, ENGINE } from '../audit/index.js';
import { inTenants, type Database, type Row, type Transaction } from '../database/index.js';
import { appendEvent } from '../outbox/index.js';
import type { HostKey, SshPlace, TrustedHostKeys } from './ssh-host-keys.js';

export type HostKeyRow = Row<'ssh_host_keys'>;

/** A tenant's keys of SSH servers, in the database. */
export class TenantHostKeys implements TrustedHostKeys {
  constructor(
    private readonly database: Database,
    private readonly tenant: string,
  ) {}

  trusted({ host, port }: SshPlace) {
    return inTenants(this.database, [this.tenant], (tx) =>
      ofPlace(tx, this.tenant, { host, port }).where('trusted_at', 'is not', null).execute(),
    );
  }

  /** A key that is new is told once: on the audit trail, and as an event where another key is trusted. */
  async saw(place: SshPlace, { algorithm, fingerprint }: HostKey): Promise<void> {
    const { tenant } = this;
    await inTenants(this.database, [tenant], async (tx) => {
      const id = newId();
      const row = { tenant_id: tenant, id, ...place, fingerprint, algorithm, first_seen_at: sql<Date>`now()` };
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('ssh_host_keys')
        .values(row)
        .onConflict((conflict) => conflict.columns(['tenant_id', 'host', 'port', 'fingerprint']).doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows !== 1n) return;
      const others = await ofPlace(tx, tenant, place).where('trusted_at', 'is not', null).execute();
      const isChanged = others.length > 0;
      await appendAudit(tx, tenant, {
        action: 'host_key.refused',
        actor: ENGINE,
        object: { kind: 'host_key', id },
        after: { ...place, fingerprint, algorithm, isChanged },
        outcome: 'denied',
      });
      if (!isChanged) return;
      const origin = { tenant, aggregate: `host-key/${id}`, correlationId: id, causationId: null };
      await appendEvent(tx, hostKeyRefused, origin, { hostKeyId: id });
    });
  }
}

/** A person's word that a key is the server's own. */
export interface HostKeyTrust extends SshPlace {
  readonly fingerprint: string;
  readonly reason: string;
}

/**
 * Trusts a key, whether it was seen already or not. What the tenant trusts is an act of a person, with a reason, on the
 * audit trail. A repeat keeps the first word.
 */
export async function trustHostKey(
  tx: Transaction,
  tenant: string,
  { host, port, fingerprint, reason }: HostKeyTrust,
  by: string,
): Promise<HostKeyRow> {
  const trust = { trusted_at: sql<Date>`now()`, trusted_by: by, reason };
  const changed = await tx
    .insertInto('ssh_host_keys')
    .values({ tenant_id: tenant, id: newId(), host, port, fingerprint, algorithm: null, ...trust })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'host', 'port', 'fingerprint'])
        .doUpdateSet(trust)
        .where('ssh_host_keys.trusted_at', 'is', null),
    )
    .returningAll()
    .executeTakeFirst();
  if (changed)
    await appendAudit(tx, tenant, {
      action: 'host_key.trusted',
      actor: by,
      object: { kind: 'host_key', id: changed.id },
      reason,
      after: { host, port, fingerprint },
    });
  const found = ofPlace(tx, tenant, { host, port }).where('fingerprint', '=', fingerprint);
  return changed ?? (await found.executeTakeFirstOrThrow());
}

/** Forgets a key, trusted or only seen: where it is shown again, it is new. Gives whether there was one. */
export async function forgetHostKey(tx: Transaction, tenant: string, id: string, by: string): Promise<boolean> {
  const gone = await tx
    .deleteFrom('ssh_host_keys')
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!gone) return false;
  const { host, port, fingerprint, trusted_by: trustedBy } = gone;
  await appendAudit(tx, tenant, {
    action: 'host_key.forgotten',
    actor: by,
    object: { kind: 'host_key', id },
    before: { host, port, fingerprint, trustedBy },
  });
  return true;
}

/** By tenant and id; the newest are the last. */
export function listHostKeys(
  tx: Transaction,
  tenants: readonly string[],
  after: readonly [tenant: string, id: string],
  limit: number,
): Promise<HostKeyRow[]> {
  return tx
    .selectFrom('ssh_host_keys')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where(sql<boolean>`(tenant_id, id) > (${after[0]}, ${after[1]}::uuid)`)
    .orderBy('tenant_id')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Whose a key is, among tenants; undefined when there is none. */
export async function tenantOfHostKey(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('ssh_host_keys')
    .select('tenant_id')
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.tenant_id;
}

function ofPlace(tx: Transaction, tenant: string, { host, port }: SshPlace) {
  return tx
    .selectFrom('ssh_host_keys')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('host', '=', host)
    .where('port', '=', port);
}
