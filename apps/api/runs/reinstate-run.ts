import { blocks } from '#libs/connectors';
import { reinstatementSubmitted } from '#libs/events';
import { fieldKey, newId, type Effect } from '#libs/kernel';
import { readerOf } from '#libs/platform/access';
import type { Database, Transaction } from '#libs/platform/database';
import { openCall, type CallKey, type OpenCall } from '#libs/platform/idempotency';
import { prepareEvent, type OutboxHint } from '#libs/platform/outbox';
import { findRunLocked, readSteps, type RunSummary, type StepRow } from '#libs/process';
import { isRunOutcome } from '#libs/process/model';
import {
  hasOpenReinstatement,
  insertRequest,
  readRequest,
  ReinstatementOpen,
  type Accepted,
  type ReinstatementBody,
} from '#libs/requests';
import type { Writer } from '../access/caller.js';
import { requireShownRun } from './read-runs.js';
import {
  NoPasswordToHandOver,
  OverwriteUnknown,
  RunNotEnded,
  RunNothingToTakeBack,
  RunNotReinstatable,
} from './run.errors.js';

export interface ReinstatementWish {
  readonly overwrite?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly passwordTo?: readonly string[] | undefined;
}

/** Requests that what a run did be taken back. It is planned and approved like any other request. */
export class ReinstateRun {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /**
   * Throws `RunNotFound`, `RunNotEnded`, `RunNotReinstatable`, `RunNothingToTakeBack`, `ReinstatementOpen`,
   * `OverwriteUnknown`, `NoPasswordToHandOver`, `IdempotencyInProgress` or `IdempotencyKeyReused`.
   */
  async execute(call: CallKey, writer: Writer, runId: string, wish: ReinstatementWish): Promise<Accepted> {
    const accepted = await this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as Accepted;
      const run = await reinstatableRun(tx, writer, runId, wish);
      return this.accept(tx, call, opened, writer.actor.subject, run, wish);
    });
    this.hint.give();
    return accepted;
  }

  private async accept(
    tx: Transaction,
    call: CallKey,
    opened: OpenCall,
    requestedBy: string,
    run: RunSummary,
    wish: ReinstatementWish,
  ): Promise<Accepted> {
    const { tenant } = call;
    const id = newId();
    const startsAt = opened.at.toISOString();
    const { id: runId, subject: user } = run;
    const body: ReinstatementBody = {
      type: 'reinstatement',
      runId,
      user,
      startsAt,
      overwrite: wish.overwrite ?? [],
      reason: wish.reason ?? null,
      ...(wish.passwordTo?.length ? { passwordTo: wish.passwordTo } : {}),
    };
    const answer: Accepted = { id, status: 'planning' };
    const origin = { tenant, aggregate: `request/${id}`, correlationId: id, causationId: null, at: opened.at };
    const event = prepareEvent(reinstatementSubmitted, origin, { requestId: id, runId });
    // what takes back something confidential is confidential as well
    const source = await readRequest(tx, { tenant, requestId: run.request_id });
    const until = source.confidential_until?.toISOString();
    const confidential = until === undefined ? null : { until, confidants: source.confidants };
    await insertRequest(tx, { tenant, id, subject: user, body, requestedBy, confidential }, event, {
      call,
      status: 202,
      answer: { ...answer },
    });
    return answer;
  }
}

/** The run, held until the transaction ends, so that two callers cannot both find that there is no open reinstatement. */
async function reinstatableRun(
  tx: Transaction,
  { actor, tenant }: Writer,
  runId: string,
  { overwrite = [], passwordTo = [] }: ReinstatementWish,
): Promise<RunSummary> {
  await requireShownRun(tx, readerOf(actor), [tenant], runId);
  const run = (await findRunLocked(tx, tenant, runId))!;
  await requireShownRun(tx, readerOf(actor), [tenant], runId);
  if (run.process === 'reinstatement')
    throw new RunNotReinstatable('This run took something back itself. Request an off-boarding instead.');
  if (!isRunOutcome(run.status)) throw new RunNotEnded(`The run is ${run.status}. Wait for its end.`);
  const steps = await readSteps(tx, tenant, runId);
  const images = writtenImages(steps);
  if (images.length === 0)
    throw new RunNothingToTakeBack('None of its steps wrote anything, so there is nothing to do.');
  if (await hasOpenReinstatement(tx, tenant, runId))
    throw new ReinstatementOpen('Decide on the open one, or wait for its end.');
  refuseUnknown(overwrite, images);
  if (passwordTo.length > 0 && !steps.some(isDoneAnew)) throw noPassword();
  return run;
}

/** Whether a reinstatement does a step anew, because what it did cannot be brought back: then there is a new password. */
function isDoneAnew({ block, verb, before_image: image }: StepRow): boolean {
  if (image === null || image.irreversible === null || verb !== 'apply') return false;
  return blocks.get(block)?.renewable ?? false;
}

function noPassword(): NoPasswordToHandOver {
  const errors = [{ path: 'passwordTo', code: 'not_allowed', message: 'The run set no password.' }];
  return new NoPasswordToHandOver('Leave passwordTo out: the user keeps the password.', { errors });
}

interface WrittenImage {
  readonly stepId: string;
  readonly image: Effect;
}

/** The before-images of the steps that wrote something. */
function writtenImages(steps: readonly StepRow[]): WrittenImage[] {
  return steps.flatMap(({ step_id: stepId, before_image: image }) => (image ? [{ stepId, image }] : []));
}

/** Throws `OverwriteUnknown` unless each key names a field that the run wrote: one that does not would be ignored. */
function refuseUnknown(overwrite: readonly string[], images: readonly WrittenImage[]): void {
  const known = new Set(
    images.flatMap(({ stepId, image }) =>
      image.changes.map((change) => `${stepId}:${fieldKey(change, image.identity)}`),
    ),
  );
  const errors = overwrite.flatMap((key, index) =>
    known.has(key)
      ? []
      : [{ path: `overwrite.${index}`, code: 'not_allowed', message: 'The run wrote no field of this key.' }],
  );
  if (errors.length > 0)
    throw new OverwriteUnknown('Take keys from the fields that the plan of a reinstatement keeps.', { errors });
}
