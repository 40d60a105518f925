import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import {
  applyAct,
  applyResult,
  heldSteps,
  holdDrifted,
  markRunning,
  nextDriftLook,
  nextMoves,
  outcomeOf,
  refuseHeld,
  releaseHeld,
  skipBlocked,
  undoOrder,
  type Moves,
  type RunGraph,
  type RunOutcome,
  type RunState,
  type StepResult,
} from '#libs/process/model';
import type { ActMessage } from '../messages.js';
import type { PlanTicket, RunRef } from './activities.js';
import type { Mailbox } from './mailbox.js';
import { driftActivities, records, siteActivities } from './proxies.js';

/** Where a run stands, as plain data that can be continued as new. */
export interface Position {
  readonly run: RunRef;
  readonly graph: RunGraph;
  readonly state: RunState;
  /** The difference that waits for approval after drift. */
  readonly difference: PlanTicket | null;
  /** When drift was last looked for (epoch milliseconds). */
  readonly lookedAt: number;
}

/**
 * The one step runner: every process runs its steps through this. The rules are in `#libs/process/model`; this class
 * only starts activities, waits, and takes in what comes back.
 */
export class StepRunner {
  private graph: RunGraph;
  private state: RunState;
  private difference: PlanTicket | null;
  private lookedAt: number;
  private readonly run: RunRef;
  private readonly arrived: (() => void)[] = [];
  private readonly inFlight = new Set<CancellationScope>();
  private shown = '';

  constructor(
    position: Position,
    private readonly mailbox: Mailbox,
    private readonly isLong: () => boolean,
  ) {
    ({
      graph: this.graph,
      state: this.state,
      difference: this.difference,
      lookedAt: this.lookedAt,
      run: this.run,
    } = position);
  }

  /** Runs until every step ended, or until the history is long and nothing is under way: then gives the position. */
  async work(): Promise<{ outcome: RunOutcome } | { position: Position }> {
    for (;;) {
      this.takeIn();
      await this.recordChanges();
      const moves = nextMoves(this.graph, this.state, Date.now());
      if (moves.ended && this.inFlight.size === 0) break;
      moves.groups.forEach((steps) => this.startGroup(steps.map((step) => step.id)));
      if (await this.presentDrift()) continue;
      await this.show(moves);
      if (this.isLong() && this.inFlight.size === 0 && this.mailbox.isEmpty) return { position: this.position() };
      await this.waitForNews(moves);
    }
    if (this.state.cancel?.undo) await this.compensate();
    return { outcome: outcomeOf(this.state) };
  }

  private position(): Position {
    return {
      run: this.run,
      graph: this.graph,
      state: this.state,
      difference: this.difference,
      lookedAt: this.lookedAt,
    };
  }

  private takeIn(): void {
    for (const take of this.arrived.splice(0)) take();
  }

  /** Commits what changed without an activity: acts of people, a decision on drift, steps that can no longer run. */
  private async recordChanges(): Promise<void> {
    for (const message of this.mailbox.acts.splice(0)) await this.takeAct(message);
    if (this.difference) await this.takeDecision(this.difference);
    await this.changeState(skipBlocked(this.state, this.graph));
  }

  private async takeAct({ act, by, eventId }: ActMessage): Promise<void> {
    const next = applyAct(this.state, this.graph, act);
    if (next === this.state) return;
    await records.recordAct({
      ...this.run,
      eventId,
      by,
      act: act.act,
      stepId: 'stepId' in act ? act.stepId : null,
      reason: 'reason' in act ? act.reason : null,
    });
    await this.changeState(next);
    if (act.act === 'cancel') for (const scope of this.inFlight) scope.cancel();
  }

  private async takeDecision(difference: PlanTicket): Promise<void> {
    const decision = this.mailbox.decisionOn(difference);
    if (!decision) return;
    const approved = decision.decision === 'approve';
    await records.settleDifference({ ...this.run, revision: difference.revision, approved });
    this.difference = null;
    if (approved) this.graph = difference.graph;
    await this.changeState(
      approved ? releaseHeld(this.state) : refuseHeld(this.state, decision.reason ?? 'the difference was rejected'),
    );
  }

  /** Takes the new state and commits the steps that it ended as skipped. */
  private async changeState(next: RunState): Promise<void> {
    const steps = Object.entries(next.steps)
      .filter(([id, step]) => step.outcome === 'skipped' && this.state.steps[id]!.outcome !== 'skipped')
      .map(([stepId, step]) => ({ stepId, reason: step.reason ?? '' }));
    this.state = next;
    if (steps.length > 0) await records.recordSkipped({ ...this.run, steps });
  }

  /** Starts steps that share an activity; their results are taken in by the loop, never while it decides. */
  private startGroup(stepIds: readonly string[]): void {
    this.state = markRunning(this.state, stepIds);
    const scope = new CancellationScope();
    this.inFlight.add(scope);
    const work = scope.run(() => siteActivities().workSteps({ ...this.run, stepIds, mode: 'apply' }));
    const takeResults = (results: readonly StepResult[]): void => {
      this.inFlight.delete(scope);
      this.state = results.reduce(applyResult, this.state);
    };
    void work
      .catch((error: unknown) => this.settle(error, stepIds))
      .then(
        (results) => this.arrived.push(() => takeResults(results)),
        (error: unknown) => this.arrived.push(() => fail(error)),
      );
  }

  private settle(error: unknown, stepIds: readonly string[]): Promise<readonly StepResult[]> {
    if (!isCancellation(error)) throw error;
    return records.settleCancelled({ ...this.run, stepIds, reason: this.state.cancel?.reason ?? 'cancelled' });
  }

  /** Draws the difference once steps are held and none is drawn yet. True when it changed something. */
  private async presentDrift(): Promise<boolean> {
    const held = heldSteps(this.state);
    if (held.length === 0 || this.difference) return false;
    const open = Object.keys(this.state.steps).filter((id) =>
      ['pending', 'held'].includes(this.state.steps[id]!.status),
    );
    const drawn = await siteActivities().drawDifference({
      ...this.run,
      stepIds: this.state.identityHeld ? open : held,
    });
    if (drawn.kind === 'planned') this.difference = drawn;
    else await this.changeState(refuseHeld({ ...this.state, identityHeld: true }, 'the object no longer exists'));
    return true;
  }

  /** Shows the run's status and what it waits for, when that changed. */
  private async show(moves: Moves): Promise<void> {
    const waitingFor = moves.waitingFor;
    const shown = JSON.stringify(waitingFor);
    if (shown === this.shown) return;
    this.shown = shown;
    await records.recordStatus({ ...this.run, status: waitingFor ? 'waiting' : 'running', waitingFor });
  }

  private async waitForNews(moves: Moves): Promise<void> {
    const news = (): boolean => this.arrived.length > 0 || !this.mailbox.isEmpty;
    if (moves.wakeAt === null) return condition(news);
    const lookAt = this.lookedAt + nextDriftLook(moves.wakeAt - this.lookedAt);
    const until = Math.min(moves.wakeAt, lookAt);
    const early = await condition(news, Math.max(1, until - Date.now()));
    if (!early && Date.now() < moves.wakeAt) await this.look();
  }

  /** Looks for drift while the run waits for its time. */
  private async look(): Promise<void> {
    this.lookedAt = Date.now();
    const stepIds = Object.keys(this.state.steps).filter((id) => this.state.steps[id]!.status === 'pending');
    const drifts = await driftActivities()
      .lookForDrift({ ...this.run, stepIds })
      .catch(() => []);
    this.state = holdDrifted(this.state, drifts);
  }

  /** Takes back what a cancelled run wrote, the last first. A step that cannot be taken back keeps its outcome. */
  private async compensate(): Promise<void> {
    for (const step of undoOrder(this.graph, this.state)) {
      const results = await siteActivities().workSteps({ ...this.run, stepIds: [step.id], mode: 'compensate' });
      this.state = results.reduce(applyResult, this.state);
    }
  }
}

function fail(error: unknown): never {
  throw error;
}
