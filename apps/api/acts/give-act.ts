import { actGiven } from '#libs/events';
import { newId, systemClock, type Json, type JsonObject } from '#libs/kernel';
import { appendAudit, type AuditEntry } from '#libs/platform/audit';
import { requirePermission, type Permission } from '#libs/platform/access';
import { json, type Database, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import { appendEvent, type OutboxHint } from '#libs/platform/outbox';
import { appendTimeline } from '#libs/process';
import type { RunAct } from '#libs/process/model';
import { isLeaver } from '#libs/requests';
import type { Writer } from '../access/caller.js';
import { holdRequest } from '../requests/open-plan.js';
import type { ActDto, ActName, ActView } from './act.dto.js';
import { LeaverCannotAct, VerifiedCallMissing } from './act.errors.js';
import { callOff, pause, resume } from './act-on-run.js';
import { complete, retry, skip } from './act-on-step.js';
import { holdRun, type ActPlace, type GivenAct } from './act-place.js';
import { lockOut } from './lock-out.js';
import { lockOutTimes } from './moved-plan.js';
import { reschedule } from './reschedule.js';

/** Who may do which act; the route itself asks for `act.give`. */
const NEEDS: Readonly<Record<ActName, Permission>> = {
  pause: 'act.intervene',
  resume: 'act.intervene',
  retry: 'act.intervene',
  skip: 'act.intervene',
  cancel: 'act.call_off',
  reschedule: 'act.call_off',
  complete: 'act.complete',
  lock_out: 'act.lock_out',
};

/** Checks the act against our tables and commits its effect on them. Gives what the workflow is told. */
type Effect = (place: ActPlace, given: GivenAct) => Promise<RunAct>;

const EFFECTS: Readonly<Record<ActName, Effect>> = {
  pause,
  resume,
  cancel: callOff,
  retry,
  skip,
  complete,
  reschedule,
  lock_out: lockOut,
};

/**
 * Takes a person's intervention. It is final once it is answered: the act, its effect on our rows, its line of the history
 * and the event that tells the workflow commit together, also while the engine is down (design, rule 2).
 */
export class GiveAct {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /**
   * Throws `RequestNotFound`, `PermissionDenied`, `LeaverCannotAct`, `ActNotPossible`, `ActStepUnknown`, `ActTimeMissing`,
   * `VerifiedCallMissing`, what `requestedInstant` throws, `IdempotencyInProgress` or `IdempotencyKeyReused`.
   */
  async execute(call: CallKey, writer: Writer, requestId: string, wish: ActDto): Promise<ActView> {
    requirePermission(writer.actor, NEEDS[wish.act], writer.tenant);
    const answer = await this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as ActView;
      const { request } = await holdRequest(tx, writer, requestId);
      if (isLeaver({ tenant: call.tenant, subject: request.subject }, writer.actor.subject))
        throw new LeaverCannotAct('This is about you. Somebody else has to do it.');
      const run = await holdRun(tx, request);
      const { at: now, timeZone } = opened;
      const place = { id: newId(), tx, tenant: call.tenant, request, run, by: writer.actor.subject, now, timeZone };
      return this.record(call, place, givenAct(writer, wish));
    });
    this.hint.give();
    return answer;
  }

  private async record(call: CallKey, place: ActPlace, given: GivenAct): Promise<ActView> {
    const { id, tx, tenant, request, run, by } = place;
    const message = await EFFECTS[given.act](place, given);
    const stepId = given.stepId ?? null;
    const common = { tenant_id: tenant, id, request_id: request.id, run_id: run?.id ?? null };
    const { act, reason } = given;
    const details = json(detailsOf(place, given, message));
    await tx
      .insertInto('acts')
      .values({ ...common, act, step_id: stepId, message: json(message), reason, given_by: by, details })
      .execute();
    if (run) await this.tellTimeline(tx, place, given, run.id);
    await appendAudit(tx, tenant, auditOf(place, given, message));
    const aggregate = `request/${request.id}`;
    const origin = { tenant, aggregate, correlationId: request.id, causationId: id, id, at: systemClock.now() };
    await appendEvent(tx, actGiven, origin, { requestId: request.id, actId: id });
    const answer: ActView = { id, act, requestId: request.id, runId: run?.id ?? null, stepId };
    await keepAnswer(tx, call, 200, answer as unknown as Json).execute(tx);
    return answer;
  }

  private tellTimeline(tx: Transaction, place: ActPlace, given: GivenAct, runId: string): Promise<void> {
    const { act, stepId, ...data } = given;
    const entry = { kind: `act_${act}`, who: place.by, data };
    return appendTimeline(tx, place.tenant, runId, [stepId ? { ...entry, stepId } : entry]);
  }
}

/** How the audit calls each act. */
const AUDITED: Readonly<Record<ActName, string>> = {
  pause: 'run.paused',
  resume: 'run.resumed',
  retry: 'step.retried',
  skip: 'step.skipped_by_person',
  cancel: 'request.cancelled',
  reschedule: 'request.rescheduled',
  complete: 'step.completed_by_person',
  lock_out: 'user.locked_out',
};

function auditOf(place: ActPlace, given: GivenAct, message: RunAct): AuditEntry {
  const { id, request, run, by } = place;
  const object = run ? { kind: 'run', id: run.id } : { kind: 'request', id: request.id };
  const after = { act: id, ...(given.stepId ? { step: given.stepId } : {}), ...detailsOf(place, given, message) };
  return { action: AUDITED[given.act], actor: by, object, request: request.id, reason: given.reason, after };
}

/** What stands beside the reason; when people are locked out from now on is counted by the brake. */
function detailsOf({ run }: ActPlace, given: GivenAct, message: RunAct): JsonObject {
  const { undo, at, verifiedCall } = given;
  const lockOutAt = run && message.act === 'reschedule' ? lockOutTimes(run.plan, message.times) : [];
  return {
    ...(undo === undefined ? {} : { undo }),
    ...(at === undefined ? {} : { at }),
    ...(verifiedCall === undefined ? {} : { verifiedCall }),
    ...(lockOutAt.length === 0 ? {} : { lockOutAt }),
  };
}

/** Somebody at the MSP says on whose word a customer's user is locked out. */
function givenAct({ actor }: Writer, { act, reason, stepId, undo, at, verifiedCall }: ActDto): GivenAct {
  if (act === 'lock_out' && actor.kind === 'msp' && !verifiedCall)
    throw new VerifiedCallMissing('Say in `verifiedCall` who asked for it and how you made sure of that.');
  return {
    act,
    reason,
    ...(stepId === undefined ? {} : { stepId }),
    ...(undo === undefined ? {} : { undo }),
    ...(at === undefined ? {} : { at }),
    ...(verifiedCall === undefined ? {} : { verifiedCall }),
  };
}
