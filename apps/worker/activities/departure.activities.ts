import { sql } from 'kysely';
import {
  tenantAccessClosed,
  tenantAccessProven,
  tenantAccessReminded,
  tenantErasureDue,
  tenantErasureOrdered,
  type EventDefinition,
} from '#libs/events';
import type { Json } from '#libs/kernel';
import { appendAudit, ENGINE, type AuditEntry } from '#libs/platform/audit';
import { inTenants, json, setTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import type { SecretSource } from '#libs/platform/secrets';
import {
  accessList,
  beginErasure,
  drawAccessDocument,
  heldAccess,
  holdsInForce,
  moveOffboarding,
  OPEN_ACCESS,
  offboardingOrigin,
  readOffboarding,
  type OffboardingRow,
} from '#libs/tenancy';
import type { DepartureLook, DepartureRecords, DepartureRef } from '../../../workflows/support/activities.js';
import { callOffOpen, openRequests } from './departure-requests.js';

/** Commits what time brings to a customer that leaves. Each method is one transaction that changes nothing when repeated. */
export class DepartureRecordsOnDatabase implements DepartureRecords {
  constructor(
    private readonly database: Database,
    /** Secrets that stand in a file, where nobody here can destroy them; null: there is none. */
    private readonly file: SecretSource | null,
  ) {}

  lookAtDeparture(ref: DepartureRef): Promise<DepartureLook> {
    return this.write(ref, async (tx) => {
      const row = await readOffboarding(tx, ref);
      switch (row.status) {
        case 'announced':
          return { stage: 'announced', dueAt: row.closes_at.getTime() };
        case 'closed':
          return {
            stage: 'closed',
            openRuns: (await openRequests(tx, ref.tenant)).length,
            toProbe: await toProbe(tx, ref),
          };
        case 'proven':
          return row.fetch_closed_at === null
            ? { stage: 'proven', dueAt: row.fetch_until!.getTime() }
            : { stage: 'fetched', dueAt: row.erase_after!.getTime() };
        case 'due':
          return { stage: 'due', released: row.erasure_confirmed_by !== null };
        case 'requested':
        case 'erasing':
        case 'cancelled':
          return { stage: 'over' };
      }
    });
  }

  closeAccess(ref: DepartureRef): Promise<void> {
    return this.write(ref, async (tx) => {
      const { tenant, id } = ref;
      const { rows } = await sql<{ closed: Json }>`SELECT close_access_of_tenant(${tenant}, ${id}) AS closed`.execute(
        tx,
      );
      const { closed } = rows[0]!;
      if (closed === null) return;
      const row = await readOffboarding(tx, ref);
      const open = await openRequests(tx, tenant);
      if (row.open_runs === 'cancel') await callOffOpen(tx, ref, row, open);
      await moveOffboarding(tx, ref, ['closed'], { open_requests: json(open) });
      await this.listAccess(tx, ref);
      await tell(tx, ref, 'closed', tenantAccessClosed, { row, after: { closed, openRequests: open.length } });
    });
  }

  closeFetching(ref: DepartureRef): Promise<void> {
    return this.write(ref, async (tx) => {
      const { tenant, id } = ref;
      const { rows } = await sql<{ closed: Json }>`SELECT close_fetching_of_tenant(${tenant}, ${id}) AS closed`.execute(
        tx,
      );
      const { closed } = rows[0]!;
      if (closed === null) return;
      await appendAudit(tx, tenant, entryOf(ref, 'fetching_closed', { after: { closed } }));
    });
  }

  async settleAccess(ref: DepartureRef): Promise<boolean> {
    const inFile = await this.secretsInFile(ref);
    return this.write(ref, async (tx) => {
      const { tenant, id } = ref;
      if (inFile.length > 0) {
        const held = json({ code: 'offboarding.credential_in_file', names: inFile });
        await moveOffboarding(tx, ref, ['closed'], { held });
        return false;
      }
      const { rows } = await sql<{
        done: boolean;
      }>`SELECT destroy_credentials_of_tenant(${tenant}, ${id}) AS done`.execute(tx);
      if (!rows[0]!.done) {
        const held = json({ code: 'offboarding.access_not_proven' });
        await moveOffboarding(tx, ref, ['closed'], { held });
        return false;
      }
      await moveOffboarding(tx, ref, ['closed'], {
        ...{ status: 'proven', held: null, proven_at: sql<Date>`date_trunc('milliseconds', now())` },
        erase_after: sql<Date>`greatest(now() + retention_days * interval '1 day', fetch_until)`,
      });
      await moveOffboarding(tx, ref, ['proven'], { document: await drawAccessDocument(tx, ref) });
      const row = await readOffboarding(tx, ref);
      await tell(tx, ref, 'access_proven', tenantAccessProven, {
        row,
        after: { eraseAfter: row.erase_after!.toISOString() },
      });
      return true;
    });
  }

  remindOfAccess({ number, ...ref }: DepartureRef & { readonly number: number }): Promise<void> {
    return this.write(ref, async (tx) => {
      const row = await readOffboarding(tx, ref);
      if (row.status !== 'closed' || row.reminders >= number) return;
      await moveOffboarding(tx, ref, ['closed'], { reminders: number });
      const open = (await accessList(tx, ref)).filter(({ state }) => OPEN_ACCESS.includes(state));
      const after = { number, entries: open.map(({ entry, state }) => ({ entry, state })) };
      await tell(tx, ref, 'access_reminded', tenantAccessReminded, { row, after });
    });
  }

  recordDue(ref: DepartureRef): Promise<void> {
    return this.write(ref, async (tx) => {
      if (!(await moveOffboarding(tx, ref, ['proven'], { status: 'due' }))) return;
      await tell(tx, ref, 'erasure_due', tenantErasureDue, { row: await readOffboarding(tx, ref) });
    });
  }

  beginErasure(ref: DepartureRef): Promise<boolean> {
    return this.write(ref, async (tx) => {
      const row = await readOffboarding(tx, ref);
      if (row.status !== 'due') return row.status === 'erasing';
      // taken back since the workflow looked
      if (row.erasure_confirmed_by === null) return false;
      const holds = await holdsInForce(tx, ref.tenant);
      const open = await openRequests(tx, ref.tenant);
      if (holds.length > 0 || open.length > 0) {
        const held =
          holds.length > 0 ? { code: 'offboarding.erasure_held', holds } : { code: 'offboarding.requests_open', open };
        await moveOffboarding(tx, ref, ['due'], { held: json(held) });
        return false;
      }
      await appendAudit(tx, ref.tenant, entryOf(ref, 'erasure_begun', { row }));
      const { home, id: erasureId, eventId } = await beginErasure(tx, ref);
      // from here on it is the MSP's record
      await setTenants(tx, [home]);
      const object = { kind: 'tenant_erasure', id: erasureId };
      const after = {
        customer: ref.tenant,
        requestedBy: row.erasure_requested_by,
        confirmedBy: row.erasure_confirmed_by,
      };
      await appendAudit(tx, home, {
        action: 'tenant.erasure_begun',
        actor: ENGINE,
        origin: row.erasure_requested_by,
        object,
        after,
      });
      const aggregate = `tenant-erasure/${erasureId}`;
      const origin = { tenant: home, aggregate, correlationId: erasureId, causationId: null, id: eventId };
      await appendEvent(tx, tenantErasureOrdered, origin, { erasureId });
      return true;
    });
  }

  /** What we hold, as it stands when access closes. */
  private async listAccess(tx: Transaction, { tenant, id }: DepartureRef): Promise<void> {
    const systems = await tx.selectFrom('systems').selectAll().where('tenant_id', '=', tenant).execute();
    const secrets = tx
      .selectFrom('secrets')
      .select('name')
      .where('tenant_id', '=', tenant)
      .where('ended_at', 'is', null);
    const hooks = tx.selectFrom('webhook_subscriptions').select(['id', 'url']).where('tenant_id', '=', tenant);
    const held = heldAccess(
      systems.map(({ name, kind, config, secret_ref: secretRef }) => {
        return { name, kind, config: config as Readonly<Record<string, unknown>>, secretRef };
      }),
      (await secrets.execute()).map(({ name }) => name),
      await hooks.execute(),
    );
    const rows = held.map(({ secretRef: secret_ref, ...one }) => ({
      ...{ tenant_id: tenant, offboarding_id: id, secret_ref, ...one },
    }));
    if (rows.length > 0) await tx.insertInto('tenant_access_list').values(rows).execute();
  }

  private async secretsInFile({ tenant, id }: DepartureRef): Promise<string[]> {
    const file = this.file;
    if (file === null) return [];
    const rows = await inTenants(this.database, [tenant], (tx) => accessList(tx, { tenant, id }));
    const names = [...new Set(rows.flatMap(({ secret_ref: reference }) => (reference === null ? [] : [reference])))];
    const found = await Promise.all(
      names.map((reference) =>
        file.resolve(tenant, reference).then(
          () => [reference],
          () => [],
        ),
      ),
    );
    return found.flat();
  }

  private write<Result>({ tenant }: DepartureRef, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return inTenants(this.database, [tenant], work);
  }
}

/** Everything that can be tried by signing in, each time: what was proven or confirmed may let us in again. */
async function toProbe(tx: Transaction, ref: DepartureRef): Promise<string[]> {
  return (await accessList(tx, ref))
    .filter(({ entry, state }) => entry.startsWith('system/') && state !== 'none')
    .map(({ entry }) => entry);
}

interface Told {
  readonly row: OffboardingRow;
  readonly after?: Json;
}

async function tell(
  tx: Transaction,
  ref: DepartureRef,
  what: string,
  definition: EventDefinition,
  { row, after }: Told,
): Promise<void> {
  await appendAudit(tx, ref.tenant, entryOf(ref, what, { row, ...(after === undefined ? {} : { after }) }));
  await appendEvent(tx, definition, offboardingOrigin(ref), { tenant: ref.tenant, offboardingId: ref.id });
}

function entryOf({ id }: DepartureRef, what: string, { row, after }: Partial<Told>): AuditEntry {
  return {
    ...{ action: `tenant_offboarding.${what}`, actor: ENGINE, origin: row?.requested_by ?? null },
    object: { kind: 'tenant_offboarding', id },
    ...(after === undefined ? {} : { after }),
  };
}
