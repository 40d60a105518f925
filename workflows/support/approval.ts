import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import {
  beginRunState,
  DEADLINE_LEVEL,
  firstDeadline,
  holdUnapproved,
  nextEscalation,
  type Escalation,
} from '#libs/process/model';
import type { DecisionMessage, PlannedRunInput, ProcessName } from '../messages.js';
import type { PlanningResult, PlanTicket } from './activities.js';
import type { Mailbox } from './mailbox.js';
import { records, siteActivities } from './proxies.js';
import type { Position } from './step-runner.js';

type Verdict = DecisionMessage['decision'];

/** From the request to a run: draws the plan, waits for the decision, calls for it ever more loudly. */
export class Approval {
  private escalated = 0;
  private presentedAt = 0;
  private lockOut = false;

  constructor(
    private readonly process: ProcessName,
    private readonly input: PlannedRunInput,
    private readonly mailbox: Mailbox,
  ) {}

  /** The run's first position, or null when there will be none: refused, rejected or called off. */
  async reach(): Promise<Position | null> {
    let plan = await this.draw();
    while (plan) {
      const escalation = this.nextEscalation(plan);
      await this.mailbox.waitForNews(plan, escalation?.at ?? null);
      const acts = this.mailbox.takeRecordedActs().map(({ act }) => act);
      // one that our tables do not allow yet (a second person is missing) holds until the approval
      this.lockOut ||= acts.includes('lock_out');
      const { lockOut } = this;
      if (acts.includes('cancel')) return null;
      if (acts.includes('reschedule')) {
        plan = await this.draw(plan.revision + 1);
        continue;
      }
      const verdict = this.mailbox.verdictOn(plan);
      if (verdict || lockOut) {
        const position = await this.begin(plan, verdict, lockOut);
        if (position) return position;
        // our database knows no such approval: the wait goes on
        this.mailbox.takeDecisionOn(plan);
        if (verdict === 'reject') return null;
      }
      if (escalation && escalation.at <= Date.now()) await this.escalate(plan, escalation);
    }
    return null;
  }

  /** Null when the request was refused, or called off meanwhile. */
  private async draw(revision?: number): Promise<PlanTicket | null> {
    const { tenant, requestId } = this.input;
    const scope = new CancellationScope();
    const task = { tenant, requestId, ...(revision === undefined ? {} : { revision }) };
    const drawing = scope.run(() => siteActivities().drawPlan(task));
    const calledOff = condition(() => this.mailbox.holdsCancellation()).then((): PlanningResult => ({
      kind: 'refused',
    }));
    const plan = await Promise.race([drawing, calledOff]);
    if (plan.kind === 'planned') {
      this.presentedAt = Date.now();
      this.escalated = 0;
      return plan;
    }
    drawing.catch(() => undefined);
    scope.cancel();
    return null;
  }

  private nextEscalation({ graph }: PlanTicket): Escalation | null {
    const deadline = firstDeadline(graph);
    if (deadline === null || this.escalated >= DEADLINE_LEVEL) return null;
    return nextEscalation(deadline, this.presentedAt, this.escalated);
  }

  private async escalate({ graph }: PlanTicket, { level }: Escalation): Promise<void> {
    const { tenant, requestId } = this.input;
    this.escalated = level;
    const deadline = new Date(firstDeadline(graph)!).toISOString();
    await records.escalateApproval({ tenant, requestId, level, deadline });
  }

  /** By an approval all of it begins; by a lock-out only what locks out, and the rest waits for its decision. */
  private async begin(plan: PlanTicket, verdict: Verdict | null, lockOut: boolean): Promise<Position | null> {
    if (verdict === 'reject' && !lockOut) return null;
    const approved = verdict === 'approve';
    const { tenant, requestId } = this.input;
    const { revision, graph } = plan;
    const { workflowId } = workflowInfo();
    const task = { tenant, requestId, revision, workflowId, process: this.process };
    const { runId, running, sharing } = await records.beginRun({ ...task, ...(approved ? {} : { lockOut }) });
    if (runId === null) return null;
    const run = { tenant, requestId, runId };
    const begun = { run, graph, revision, lookedAt: 0, shown: running ? 'null' : '', ...(sharing ? { sharing } : {}) };
    const state = beginRunState(graph);
    if (approved) this.mailbox.takeDecisionOn(plan);
    if (approved) return { ...begun, state: lockOut ? { ...state, lockOut } : state, difference: null };
    const held = holdUnapproved(state, graph);
    return { ...begun, state: held.state, difference: { ...plan, stepIds: held.unapproved } };
  }
}
