import { sql } from 'kysely';
import { tenantOffboardingAnnounced } from '#libs/events';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  AccessEntryNotFound,
  accessList,
  FETCH_DAYS,
  insertOffboarding,
  lockTenant,
  moveOffboarding,
  NEEDS_A_WORD,
  OffboardingStateWrong,
  presentOffboarding,
  readOffboarding,
  RETENTION_DAYS,
  tellOffboarding,
  TenantStateWrong,
} from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import { createOnce, writeFor } from '../tenants/tenancy-record.js';
import {
  actOn,
  heldOffboarding,
  record,
  refuseEmergencyAccount,
  refOf,
  requireAnother,
  requireState,
  stateWrong,
  viewOf,
} from './offboarding-act.js';
import type { AccessConfirmationDto, OffboardingDto } from './offboarding.dto.js';
import type { OffboardingView } from './offboarding.view.js';

/** Customers that leave: announced and called off by owners, two at a time; time and the engine do the rest. */
export class OffboardingDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Asks for it; a second owner has to confirm. Throws `PermissionDenied`, `TenantStateWrong`, `OffboardingInvalid` or `OffboardingStateWrong`. */
  start({ actor, tenant }: Writer, call: CallKey, wish: OffboardingDto): Promise<OffboardingView> {
    return createOnce(this.database, call, async (tx) => {
      await refuseEmergencyAccount(tx, tenant, actor);
      await requireLeavable(tx, tenant);
      const days = { fetchDays: wish.fetchDays ?? FETCH_DAYS, retentionDays: wish.retentionDays ?? RETENTION_DAYS };
      const { lastDay, reason, openRuns } = wish;
      const row = await insertOffboarding(tx, tenant, { lastDay, reason, openRuns, ...days }, actor.subject);
      await record(tx, row, 'requested', actor, { reason, after: { lastDay, openRuns, ...days } });
      return viewOf(tx, row);
    });
  }

  /** Throws `TenantNotFound` or `OffboardingNotFound`. */
  async show(actor: Actor, tenant: string): Promise<OffboardingView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => viewOf(tx, await presentOffboarding(tx, tenant)));
  }

  /** The second owner’s word, with which it is announced. Throws `OffboardingNotFound`, `OffboardingStateWrong` or `SecondOwnerNeeded`. */
  async confirm({ actor, tenant }: Writer): Promise<OffboardingView> {
    const view = await actOn(this.database, tenant, async (tx, row) => {
      await refuseEmergencyAccount(tx, tenant, actor);
      requireState(row, ['requested']);
      await requireAnother(tx, row, { by: row.requested_by, at: row.requested_at }, actor);
      await requireLeavable(tx, tenant);
      const set = { status: 'announced' as const, confirmed_by: actor.subject, confirmed_at: sql<Date>`now()` };
      await moveOffboarding(tx, refOf(row), ['requested'], set);
      await record(tx, row, 'announced', actor, { after: { lastDay: row.last_day } });
      await tellOffboarding(tx, refOf(row), tenantOffboardingAnnounced);
    });
    this.hint.give();
    return view;
  }

  /** Until access was closed. Throws `OffboardingNotFound` or `OffboardingStateWrong`. */
  async cancel({ actor, tenant }: Writer, reason: string): Promise<OffboardingView> {
    const view = await writeFor(this.database, tenant, async (tx) => {
      const row = await heldOffboarding(tx, tenant);
      requireState(row, ['requested', 'announced']);
      const set = { cancelled_by: actor.subject, cancelled_at: sql<Date>`now()`, cancel_reason: reason };
      const from = ['requested', 'announced'] as const;
      if (!(await moveOffboarding(tx, refOf(row), from, { status: 'cancelled', ...set }))) throw stateWrong(row);
      await record(tx, row, 'cancelled', actor, { reason });
      if (row.confirmed_by !== null) await tellOffboarding(tx, refOf(row));
      return viewOf(tx, await readOffboarding(tx, refOf(row)));
    });
    this.hint.give();
    return view;
  }

  /** Has everything that is not proven gone tried again now. Throws `OffboardingNotFound` or `OffboardingStateWrong`. */
  async probe({ actor, tenant }: Writer): Promise<OffboardingView> {
    const view = await actOn(this.database, tenant, async (tx, row) => {
      requireState(row, ['closed']);
      await record(tx, row, 'probe_asked', actor, {});
      await tellOffboarding(tx, refOf(row));
    });
    this.hint.give();
    return view;
  }

  /**
   * A person says that our access is gone where it could not be tried, or a refusal proves nothing. It stands in the list as their word, not as a proof.
   * Throws `OffboardingNotFound`, `OffboardingStateWrong` (also where the system let us in) or `AccessEntryNotFound`.
   */
  async confirmAccess({ actor, tenant }: Writer, { entry, reason }: AccessConfirmationDto): Promise<OffboardingView> {
    const view = await actOn(this.database, tenant, async (tx, row) => {
      requireState(row, ['closed']);
      const listed = (await accessList(tx, refOf(row))).find((one) => one.entry === entry);
      if (!listed) throw new AccessEntryNotFound(`The access list of ${tenant} has no ${entry}.`);
      if (!NEEDS_A_WORD.includes(listed.state))
        throw new OffboardingStateWrong(
          `${entry} is ${listed.state}: only what could not be tried, or proves nothing, is confirmed by hand.`,
        );
      await tx
        .updateTable('tenant_access_list')
        .set({
          state: 'confirmed',
          confirmed_by: actor.subject,
          confirmed_at: sql<Date>`now()`,
          confirm_reason: reason,
        })
        .where('tenant_id', '=', tenant)
        .where('offboarding_id', '=', row.id)
        .where('entry', '=', entry)
        .where('state', 'in', NEEDS_A_WORD)
        .execute();
      await record(tx, row, 'access_confirmed', actor, { reason, after: { entry } });
      await tellOffboarding(tx, refOf(row));
    });
    this.hint.give();
    return view;
  }
}

/** Throws `TenantStateWrong` for the MSP and for whoever is leaving already. */
async function requireLeavable(tx: Transaction, tenant: string): Promise<void> {
  const { kind, status } = await lockTenant(tx, tenant);
  if (kind !== 'customer') throw new TenantStateWrong('Only a customer is off-boarded.', { context: { status } });
  if (status === 'active' || status === 'suspended') return;
  throw new TenantStateWrong(`${tenant} is ${status}.`, { context: { status } });
}
