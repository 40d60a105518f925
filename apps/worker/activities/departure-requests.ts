import { closeRounds } from '#libs/approvals';
import { actGiven } from '#libs/events';
import { AppError, newId } from '#libs/kernel';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { json, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { appendTimeline } from '#libs/process';
import { refuseRequest } from '#libs/requests';
import type { OffboardingRow } from '#libs/tenancy';
import type { DepartureRef } from '../../../workflows/support/activities.js';

/** The customer left before the request was done. */
class CustomerLeft extends AppError {
  readonly code = 'request.customer_left';
  readonly title = 'The customer left before the request was done';
  readonly kind = 'conflict';
}

/** A request that is open, by ids only. */
export interface OpenRequest {
  readonly request: string;
  readonly run: string | null;
  readonly status: string;
}

export async function openRequests(tx: Transaction, tenant: string): Promise<OpenRequest[]> {
  const rows = await tx
    .selectFrom('requests')
    .select(['id', 'run_id', 'status'])
    .where('tenant_id', '=', tenant)
    .where('status', 'in', ['planning', 'awaiting_approval', 'approved', 'running'])
    .orderBy('id')
    .execute();
  return rows.map(({ id, run_id: run, status }) => ({ request: id, run, status }));
}

/** Calls off what is open, as whoever announced the off-boarding chose: as if a person had cancelled each request. */
export async function callOffOpen(
  tx: Transaction,
  { tenant, id }: DepartureRef,
  { requested_by: by, reason }: OffboardingRow,
  open: readonly OpenRequest[],
): Promise<void> {
  for (const { request, run } of open) {
    const act = newId();
    if (run === null) {
      await refuseRequest(tx, { tenant, requestId: request }, new CustomerLeft(reason).toProblem());
      await closeRounds(tx, { tenant, kind: 'plan', id: request }, 'withdrawn');
    } else {
      await tx
        .updateTable('runs')
        .set({ halted: 'cancelled' })
        .where('tenant_id', '=', tenant)
        .where('id', '=', run)
        .execute();
      await appendTimeline(tx, tenant, run, [{ kind: 'act_cancel', who: by, data: { reason } }]);
    }
    const message = json({ act: 'cancel', undo: false });
    await tx
      .insertInto('acts')
      .values({
        ...{
          tenant_id: tenant,
          id: act,
          request_id: request,
          run_id: run,
          act: 'cancel',
          step_id: null,
          message,
          reason,
        },
        ...{ given_by: by, details: json({ offboarding: id }) },
      })
      .execute();
    const object = run === null ? { kind: 'request', id: request } : { kind: 'run', id: run };
    const entry = {
      action: 'request.cancelled',
      actor: ENGINE,
      origin: by,
      object,
      request,
      reason,
      after: { offboarding: id },
    };
    await appendAudit(tx, tenant, entry);
    const origin = { tenant, aggregate: `request/${request}`, correlationId: request, causationId: act, id: act };
    await appendEvent(tx, actGiven, origin, { requestId: request, actId: act });
  }
}
