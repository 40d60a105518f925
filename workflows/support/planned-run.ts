import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { beginRunState } from '#libs/process/model';
import type { PlannedRunInput, ProcessName } from '../messages.js';
import { Mailbox } from './mailbox.js';
import { records, siteActivities } from './proxies.js';
import { StepRunner, type Position } from './step-runner.js';

interface Resume {
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
  const position = resume?.position ?? (await planAndApprove(process, input, mailbox));
  if (!position) return;
  const runner = new StepRunner(position, mailbox, () => workflowInfo().continueAsNewSuggested);
  const result = await runner.work();
  if ('outcome' in result) return records.endRun({ ...position.run, outcome: result.outcome });
  await continueAsNew({ ...input, resume: { position: result.position, seen: [...mailbox.seenIds] } satisfies Resume });
}

/** The approved plan's position, or null when the request was refused or rejected. */
async function planAndApprove(
  process: ProcessName,
  input: PlannedRunInput,
  mailbox: Mailbox,
): Promise<Position | null> {
  const { tenant, requestId } = input;
  const plan = await siteActivities().drawPlan({ tenant, requestId });
  if (plan.kind === 'refused') return null;
  const { revision, graph } = plan;
  const { workflowId } = workflowInfo();
  for (;;) {
    const decision = await mailbox.waitForDecision(plan);
    if (decision.decision === 'reject') return null;
    const { runId } = await records.beginRun({ tenant, requestId, revision, workflowId, process });
    // our database knows no such approval: the wait goes on
    if (runId === null) continue;
    const run = { tenant, requestId, runId };
    return { run, graph, state: beginRunState(graph), revision, difference: null, lookedAt: 0 };
  }
}
