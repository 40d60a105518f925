import { closeRounds } from '#libs/approvals';
import { AppError } from '#libs/kernel';
import type { RunAct } from '#libs/process/model';
import { refuseRequest } from '#libs/requests';
import { ActNotPossible } from './act.errors.js';
import { openRun, type ActPlace, type GivenAct } from './act-place.js';

/** The request was called off before anything ran. */
class RequestCancelled extends AppError {
  readonly code = 'request.cancelled';
  readonly title = 'The request was called off';
  readonly kind = 'conflict';
}

const OPEN = ['planning', 'awaiting_approval', 'approved', 'running'];

/** No step begins any more; those under way end. */
export async function pause(place: ActPlace): Promise<RunAct> {
  const run = openRun(place);
  if (run.halted) throw new ActNotPossible('The run is paused already.');
  await halt(place, run.id, 'paused');
  return { act: 'pause' };
}

export async function resume(place: ActPlace): Promise<RunAct> {
  const run = openRun(place);
  if (run.halted !== 'paused') throw new ActNotPossible('The run is not paused.');
  await halt(place, run.id, null);
  return { act: 'resume' };
}

/** Ends the run, taking back what it wrote when asked to; a request that has no run ends here. */
export async function callOff(place: ActPlace, { undo = false, reason }: GivenAct): Promise<RunAct> {
  const { tx, tenant, request, by } = place;
  if (!OPEN.includes(request.status)) throw new ActNotPossible(`The request is ${request.status}.`);
  if (place.run) {
    await halt(place, openRun(place).id, 'cancelled');
    return { act: 'cancel', undo };
  }
  const problem = new RequestCancelled(`${by} called it off: ${reason}`).toProblem();
  await refuseRequest(tx, { tenant, requestId: request.id }, problem);
  await closeRounds(tx, { tenant, kind: 'plan', id: request.id }, 'withdrawn');
  return { act: 'cancel', undo: false };
}

async function halt({ tx, tenant }: ActPlace, runId: string, halted: 'paused' | 'cancelled' | null): Promise<void> {
  await tx.updateTable('runs').set({ halted }).where('tenant_id', '=', tenant).where('id', '=', runId).execute();
}
