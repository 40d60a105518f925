import { CancellationScope, condition, patched, workflowInfo } from '@temporalio/workflow';
import {
  beginRunState,
  DEADLINE_LEVEL,
  firstDeadline,
  holdUnapproved,
  nextEscalation,
  type Escalation,
} from '#libs/process/model';
import { TURN, type DecisionMessage, type PlannedRunInput, type ProcessName } from '../messages.js';
import type { PlanningResult, PlanTask, PlanTicket } from './activities.js';
import type { Mailbox } from './mailbox.js';
import { records, siteActivities } from './proxies.js';
import type { Position } from './step-runner.js';

type Verdict = DecisionMessage['decision'];

/** From the request to a run: draws the plan, waits for the decision, calls for it ever more loudly. */
export class Approval {
  private escalated = 0;
  private presentedAt = 0;
  private lockOut = false;
  /** The revision by which the lock-out was last tried. */
  private triedOn = 0;

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
      if (!this.locksOutBy(plan)) await this.mailbox.waitForNews(plan, escalation?.at ?? null);
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
        this.triedOn = plan.revision;
        const position = await this.begin(plan, verdict, lockOut);
        if (position) return position;
        // our database knows no such approval: the wait goes on
        this.mailbox.takeDecisionOn(plan);
        if (verdict === 'reject') return null;
      }
      if (escalation && escalation.at <= Date.now()) await this.escalate(firstDeadline(plan.graph)!, escalation);
    }
    return null;
  }

  /** Whether a lock-out was ordered that was not tried by this plan yet: the order came before the plan did. */
  private locksOutBy({ revision }: PlanTicket): boolean {
    return this.lockOut && this.triedOn < revision && patched('lock-out-by-the-new-plan-2026-11-22');
  }

  /** Null when the request was refused, or called off meanwhile. */
  private async draw(revision?: number): Promise<PlanTicket | null> {
    const { tenant, requestId } = this.input;
    this.escalated = 0;
    const scope = new CancellationScope();
    const task = { tenant, requestId, ...(revision === undefined ? {} : { revision }) };
    const drawing = scope.run(() => this.drawWatched(task));
    const calledOff = condition(() => this.mailbox.holdsCancellation()).then((): PlanningResult => ({
      kind: 'refused',
    }));
    const plan = await Promise.race([drawing, calledOff]);
    if (plan.kind === 'planned') {
      this.presentedAt = Date.now();
      return plan;
    }
    drawing.catch(() => undefined);
    scope.cancel();
    return null;
  }

  /** Draws the plan. While a system keeps it from being drawn, its deadline comes nearer and is called for all the same. */
  private async drawWatched(task: PlanTask): Promise<PlanningResult> {
    const first = await siteActivities('default', TURN.bulk).drawPlan(task);
    if (first.kind !== 'waiting') return first;
    let isOver = false;
    const drawing = siteActivities('default', TURN.bulk)
      .drawPlan({ ...task, patiently: true })
      .finally(() => {
        isOver = true;
      });
    // whoever waits for it below learns of the error
    drawing.catch(() => undefined);
    await this.watchDeadline(() => isOver);
    return drawing;
  }

  private async watchDeadline(isOver: () => boolean): Promise<void> {
    const { tenant, requestId } = this.input;
    while (!isOver()) {
      const since = Date.now();
      const putOff = this.mailbox.countReschedules();
      this.escalated = 0;
      const deadline = await records.readDeadline({ tenant, requestId });
      const isChanged = (): boolean => isOver() || this.mailbox.countReschedules() > putOff;
      await this.callFor(deadline === null ? null : Date.parse(deadline), since, isChanged);
    }
  }

  /** Escalates towards a deadline (epoch milliseconds) until `isOver`. */
  private async callFor(deadline: number | null, since: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      const isToldOf = deadline === null || this.escalated >= DEADLINE_LEVEL;
      const escalation = isToldOf ? null : nextEscalation(deadline, since, this.escalated);
      if (!escalation) return condition(isOver);
      if (await condition(isOver, Math.max(1, escalation.at - Date.now()))) return;
      await this.escalate(deadline!, escalation);
    }
  }

  private nextEscalation({ graph }: PlanTicket): Escalation | null {
    const deadline = firstDeadline(graph);
    if (deadline === null || this.escalated >= DEADLINE_LEVEL) return null;
    return nextEscalation(deadline, this.presentedAt, this.escalated);
  }

  private async escalate(deadline: number, { level }: Escalation): Promise<void> {
    const { tenant, requestId } = this.input;
    this.escalated = level;
    await records.escalateApproval({ tenant, requestId, level, deadline: new Date(deadline).toISOString() });
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
