import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { SecretSource } from '#libs/platform/secrets';
import { AVAILABLE_DAYS, HandoverWriter } from '#libs/tenancy';
import type { HandoverActivities, HandoverRef } from '../../../workflows/support/activities.js';
import { withPulse } from './activity-edge.js';

/** Writes customers' exports. Their credentials are resolved here, and leave this process encrypted only. */
export class HandoverActivitiesOnDatabase implements HandoverActivities {
  private readonly writer: HandoverWriter;

  constructor(
    private readonly database: Database,
    private readonly secrets: SecretSource,
  ) {
    this.writer = new HandoverWriter(database, (tenant) => this.credentialsOf(tenant));
  }

  handoverFiles(): Promise<readonly string[]> {
    return Promise.resolve(this.writer.files());
  }

  writeHandoverFile({ file, ...ref }: HandoverRef & { readonly file: string }): Promise<void> {
    return withPulse((pulse) => this.writer.write(ref, file, pulse.progress));
  }

  async finishHandover(ref: HandoverRef): Promise<{ readonly availableDays: number }> {
    await this.writer.finish(ref);
    return { availableDays: AVAILABLE_DAYS };
  }

  discardHandover(ref: HandoverRef): Promise<void> {
    return this.writer.discard(ref);
  }

  /** Those that systems use, and all that the customer has set. */
  private async credentialsOf(tenant: string): Promise<Record<string, string>> {
    const names = await inTenants(this.database, [tenant], async (tx) => {
      const systems = await systemsWithCredentials(tx, tenant);
      const kept = await tx
        .selectFrom('secrets')
        .select('name')
        .where('tenant_id', '=', tenant)
        .where('ended_at', 'is', null)
        .execute();
      const used = systems.flatMap(({ secret_ref: ref }) => (ref === null ? [] : [ref.replace('secret://', '')]));
      return [...new Set([...used, ...kept.map(({ name }) => name)])].sort();
    });
    const object = { kind: 'tenant', id: tenant };
    await inTenants(this.database, [tenant], (tx) =>
      appendAudit(tx, tenant, { action: 'credentials.exported', actor: ENGINE, object, after: { names } }),
    );
    const found: Record<string, string> = {};
    for (const name of names) found[name] = await this.secrets.resolve(tenant, `secret://${name}`, null);
    return found;
  }
}

/** None any more once a customer left and our access was proven gone: what was stored of credentials is destroyed then. */
function systemsWithCredentials(tx: Transaction, tenant: string) {
  return tx
    .selectFrom('systems')
    .select('secret_ref')
    .where('tenant_id', '=', tenant)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('tenant_offboardings as o')
            .select('o.id')
            .where('o.tenant_id', '=', tenant)
            .where('o.proven_at', 'is not', null),
        ),
      ),
    )
    .execute();
}
