import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import {
  ErasureAskedAlready,
  ErasureHeld,
  holdsInForce,
  moveOffboarding,
  OffboardingStateWrong,
  tellOffboarding,
  type OffboardingRow,
} from '#libs/tenancy';
import type { Writer } from '../access/caller.js';
import { actOn, record, refOf, refuseEmergencyAccount, requireAnother, requireState } from './offboarding-act.js';
import type { OffboardingView } from './offboarding.view.js';

/** The word of two owners that a customer that left is erased. Until it begins any owner takes it back. */
export class ErasureDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Asks for the erasure, which is due. Throws `OffboardingNotFound`, `OffboardingStateWrong`, `ErasureAskedAlready` or `ErasureHeld`. */
  request({ actor, tenant }: Writer, reason: string): Promise<OffboardingView> {
    return actOn(this.database, tenant, async (tx, row) => {
      await refuseEmergencyAccount(tx, tenant, actor);
      requireState(row, ['due']);
      await refuseHeld(tx, tenant);
      requireNotAsked(row);
      const set = {
        erasure_reason: reason,
        erasure_requested_by: actor.subject,
        erasure_requested_at: sql<Date>`now()`,
      };
      await moveOffboarding(tx, refOf(row), ['due'], set);
      await record(tx, row, 'erasure_requested', actor, { reason });
    });
  }

  /** The second owner’s word, with which the erasure begins. Throws `OffboardingNotFound`, `OffboardingStateWrong`, `ErasureHeld` or `SecondOwnerNeeded`. */
  async confirm({ actor, tenant }: Writer): Promise<OffboardingView> {
    const view = await actOn(this.database, tenant, async (tx, row) => {
      await refuseEmergencyAccount(tx, tenant, actor);
      requireState(row, ['due']);
      await refuseHeld(tx, tenant);
      requireNotOrdered(row);
      if (row.erasure_requested_by === null)
        throw new OffboardingStateWrong('An owner has to ask for the erasure first.');
      const first = { by: row.erasure_requested_by, at: row.erasure_requested_at! };
      await requireAnother(tx, row, first, actor);
      const set = { erasure_confirmed_by: actor.subject, erasure_confirmed_at: sql<Date>`now()` };
      await moveOffboarding(tx, refOf(row), ['due'], set);
      await record(tx, row, 'erasure_confirmed', actor, {});
      await tellOffboarding(tx, refOf(row));
    });
    this.hint.give();
    return view;
  }

  /**
   * Takes back what was asked for, and the second owner’s word with it; the data stays until somebody asks anew. Throws
   * `OffboardingNotFound` (also when it has begun: nobody sees the customer then) or `OffboardingStateWrong`.
   */
  async withdraw({ actor, tenant }: Writer, reason: string): Promise<OffboardingView> {
    const view = await actOn(this.database, tenant, async (tx, row) => {
      requireState(row, ['due']);
      if (row.erasure_requested_by === null)
        throw new OffboardingStateWrong('Nobody has asked for the erasure: there is nothing to take back.');
      const none = { erasure_reason: null, erasure_requested_by: null, erasure_requested_at: null };
      const withdrawn = {
        ...{ erasure_withdrawn_by: actor.subject, erasure_withdrawn_at: sql<Date>`now()` },
        ...{ erasure_withdraw_reason: reason, held: null },
      };
      const set = { ...none, erasure_confirmed_by: null, erasure_confirmed_at: null, ...withdrawn };
      await moveOffboarding(tx, refOf(row), ['due'], set);
      const before = { requestedBy: row.erasure_requested_by, confirmedBy: row.erasure_confirmed_by };
      await record(tx, row, 'erasure_withdrawn', actor, { reason, before });
      // its workflow may be about to begin it
      await tellOffboarding(tx, refOf(row));
    });
    this.hint.give();
    return view;
  }
}

async function refuseHeld(tx: Transaction, tenant: string): Promise<void> {
  const holds = await holdsInForce(tx, tenant);
  if (holds.length > 0)
    throw new ErasureHeld('End the legal holds first, if their reasons are gone.', { context: { holds } });
}

function requireNotAsked(row: OffboardingRow): void {
  requireNotOrdered(row);
  const { erasure_requested_by: by, erasure_requested_at: at, tenant_id: tenant } = row;
  if (by === null) return;
  throw new ErasureAskedAlready(
    `${by} asked for it at ${at!.toISOString()}. Another owner confirms that (POST /v1/tenants/${tenant}/offboarding/erasure/confirm), or an owner takes it back (…/erasure/withdraw) before it is asked for anew.`,
    { context: { requestedBy: by } },
  );
}

function requireNotOrdered(row: OffboardingRow): void {
  if (row.erasure_confirmed_by !== null)
    throw new OffboardingStateWrong('Two owners have ordered the erasure already.');
}
