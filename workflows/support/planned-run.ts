import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { PlannedRunInput, ProcessName } from '../messages.js';
import { Approval } from './approval.js';
import { Mailbox } from './mailbox.js';
import { records } from './proxies.js';
import { StepRunner, type Position } from './step-runner.js';

/** Where a run goes on after it was continued as new. */
export interface Resume {
  readonly position: Position;
  readonly seen: string[];
}

/**
 * Plan, approve, run (design, rule 7): draws the plan, waits for the decision, runs the steps and closes the request.
 * Every process that changes a customer's systems goes this way.
 */
export async function plannedRun(process: ProcessName, input: PlannedRunInput): Promise<void> {
  const resume = input.resume as Resume | undefined;
  const mailbox = new Mailbox(resume?.seen);
  const position = resume?.position ?? (await new Approval(process, input, mailbox).reach());
  if (position) await carryOut(position, mailbox, input);
}

/** Runs the steps from a position to their end and closes the request, over as many histories as that takes. */
export async function carryOut(position: Position, mailbox: Mailbox, input: object): Promise<void> {
  const runner = new StepRunner(position, mailbox, () => workflowInfo().continueAsNewSuggested);
  let result = await runner.work();
  while ('outcome' in result) {
    const { workflowId } = workflowInfo();
    const untold = await records.endRun({ ...position.run, outcome: result.outcome, workflowId });
    if (!untold) return;
    await runner.takeUntold(untold);
    result = await runner.work();
  }
  await continueAsNew({ ...input, resume: { position: result.position, seen: [...mailbox.seenIds] } satisfies Resume });
}
