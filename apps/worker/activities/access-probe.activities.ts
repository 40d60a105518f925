import { probeAccess, type AccessProbe, type SystemKind } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, json, type Database } from '#libs/platform/database';
import { OutgoingGuards } from '#libs/platform/outgoing';
import type { SecretSource } from '#libs/platform/secrets';
import type { Pulse } from '#libs/process';
import { OPEN_ACCESS } from '#libs/tenancy';
import { sql } from 'kysely';
import type { DepartureRef } from '../../../workflows/support/activities.js';

/** Tries at a customer's systems whether what we hold still lets us in. */
export class AccessProbeActivities {
  private readonly guards: OutgoingGuards;

  constructor(
    private readonly database: Database,
    private readonly secrets: SecretSource,
  ) {
    this.guards = new OutgoingGuards(database);
  }

  /** Signs in once per server and writes down what came of it. What was proven or confirmed meanwhile stays. */
  async probeAccess(
    { tenant, id, entry }: DepartureRef & { readonly entry: string },
    { signal }: Pulse,
  ): Promise<void> {
    const { state, evidence } = await this.probe({ tenant, id }, entry, signal);
    await inTenants(this.database, [tenant], async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('tenant_access_list')
        .set({ state, evidence: json(evidence), probes: sql<number>`probes + 1`, probed_at: sql<Date>`now()` })
        .where('tenant_id', '=', tenant)
        .where('offboarding_id', '=', id)
        .where('entry', '=', entry)
        .where('state', 'in', OPEN_ACCESS)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      const object = { kind: 'access', id: entry };
      await appendAudit(tx, tenant, {
        action: 'access.probed',
        actor: ENGINE,
        object,
        after: { offboarding: id, state, evidence },
      });
    });
  }

  private async probe({ tenant, id }: DepartureRef, entry: string, signal: AbortSignal): Promise<AccessProbe> {
    const name = entry.replace('system/', '');
    const row = await inTenants(this.database, [tenant], (tx) =>
      tx.selectFrom('systems').selectAll().where('tenant_id', '=', tenant).where('name', '=', name).executeTakeFirst(),
    );
    if (!row) return { state: 'unknown', evidence: { code: 'access.system_gone' } };
    const { kind, config, secret_ref: secretRef } = row;
    return probeAccess({
      ...{ tenant, runId: id, signal, outgoing: this.guards.of(tenant) },
      system: { tenant, name, kind: kind as SystemKind, config: config as JsonObject, secretRef },
      secrets: { resolve: (reference) => this.secrets.resolve(tenant, reference, null) },
    });
  }
}
