import type { Transaction } from '#libs/platform/database';
import { readRun, readSteps, type RunRow, type StepRow } from '#libs/process';
import { isRunOutcome, type RunStatus } from '#libs/process/model';
import { holdBrake, judgeBrake, touchedBy, type StoredRequest } from '#libs/requests';
import type { ActName } from './act.dto.js';
import { ActNotPossible, ActStepUnknown } from './act.errors.js';

/** An act as it was asked for. */
export interface GivenAct {
  readonly act: ActName;
  readonly reason: string;
  readonly stepId?: string;
  readonly undo?: boolean;
  readonly at?: string;
  readonly verifiedCall?: string;
}

/** Where an act takes effect: the request and its run, both held until the transaction ends. */
export interface ActPlace {
  /** The act's id, which is its event's too. */
  readonly id: string;
  readonly tx: Transaction;
  readonly tenant: string;
  readonly request: StoredRequest;
  readonly run: RunRow | null;
  readonly by: string;
  /** The transaction's time. */
  readonly now: Date;
  /** The customer's IANA zone. */
  readonly timeZone: string;
}

/** The request's run, locked: the step runner's writes lock it too, so that an act comes before or after each of them. */
export async function holdRun(tx: Transaction, request: StoredRequest): Promise<RunRow | null> {
  if (request.run_id === null) return null;
  const { tenant_id: tenant, run_id: id } = request;
  await tx.selectFrom('runs').select('id').where('tenant_id', '=', tenant).where('id', '=', id).forUpdate().execute();
  return readRun(tx, tenant, id);
}

/** The run, if it goes on. Throws `ActNotPossible`. */
export function openRun({ run, request }: ActPlace): RunRow {
  if (!run)
    throw new ActNotPossible(`The request is ${request.status} and has no run yet. Cancel or reschedule it instead.`);
  if (isRunOutcome(run.status as RunStatus))
    throw new ActNotPossible(`The run has ended (${run.status}). Look at its history; it can be reinstated.`);
  if (run.halted === 'cancelled') throw new ActNotPossible('The run is being cancelled.');
  return run;
}

/**
 * Keeps an act from bringing more accounts or devices into one hour than may be touched without a second person: that
 * person raises the customer's limit first. Throws `ActNotPossible`.
 */
export async function refuseBraked({ tx, tenant, request, by }: ActPlace, startsAt: string): Promise<void> {
  await holdBrake(tx, tenant);
  const touches = touchedBy({ subject: { kind: 'user', name: request.subject } });
  const reason = await judgeBrake(tx, { tenant, requestId: request.id, startsAt, touches, decidedBy: by });
  if (reason) throw new ActNotPossible(`${reason.text} A second person at the MSP has to raise the limit first.`);
}

/** A step of the run with its row. Throws `ActStepUnknown`. */
export async function namedStep(
  place: ActPlace,
  { stepId, act }: GivenAct,
  run: RunRow = openRun(place),
): Promise<StepRow> {
  if (stepId === undefined) throw new ActStepUnknown(`Name the step to ${act} in \`stepId\`.`);
  const steps = await readSteps(place.tx, place.tenant, run.id);
  const step = steps.find((row) => row.step_id === stepId);
  if (!step) throw new ActStepUnknown(`Its steps are ${steps.map((row) => row.step_id).join(', ')}.`);
  return step;
}
