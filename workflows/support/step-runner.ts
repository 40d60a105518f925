import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import {
  activityGroups,
  applyAct,
  applyResult,
  askAnew,
  cancelRun,
  heldSteps,
  holdDrifted,
  markRunning,
  nextDriftLook,
  nextMoves,
  nextWatch,
  outcomeOf,
  refuseHeld,
  releaseHeld,
  reopenSteps,
  reschedule,
  skipBlocked,
  stepsOfDifference,
  undoOrder,
  unrefused,
  withFollowers,
  type GraphStep,
  type Moves,
  type RunGraph,
  type RunOutcome,
  type RunState,
  type Sharing,
  type StepResult,
} from '#libs/process/model';
import { TURN, type ActMessage } from '../messages.js';
import type { PlanTicket, RunRef, UntoldActs } from './activities.js';
import type { Mailbox } from './mailbox.js';
import { driftActivities, records, siteActivities } from './proxies.js';
import { watchTimes } from './watch.js';

/** The difference that waits for approval after drift, and the steps it is about. */
type Difference = PlanTicket & { readonly stepIds: readonly string[] };

const GONE = 'the object no longer exists';

/** Where a run stands, as plain data that can be continued as new. */
export interface Position {
  readonly run: RunRef;
  readonly graph: RunGraph;
  readonly state: RunState;
  /** The last revision of the plan that was presented. */
  readonly revision: number;
  readonly difference: Difference | null;
  /** When drift was last looked for (epoch milliseconds). */
  readonly lookedAt: number;
  /** What was last shown as waited for, as JSON; absent: nothing yet. */
  readonly shown?: string;
  /** Its steps share activities; absent where it began before they did. */
  readonly sharing?: Sharing | true;
}

/**
 * The one step runner: every process runs its steps through this. The rules are in `#libs/process/model`; this class
 * only starts activities, waits, and takes in what comes back. Whatever takes time is under way beside the loop, so that
 * nothing that is due waits for something else.
 */
export class StepRunner {
  private readonly run: RunRef;
  private graph: RunGraph;
  private state: RunState;
  private revision: number;
  private difference: Difference | null;
  private lookedAt: number;
  private readonly arrived: (() => void | Promise<void>)[] = [];
  private readonly working = new Set<CancellationScope>();
  private drawing: CancellationScope | null = null;
  private looking = false;
  private readonly reminding = new Set<Promise<void>>();
  private shown: string;
  /**
   * Runs that began before steps shared an activity go on as they began. A run says so in its data; `patched` is only for
   * histories in between, because its marker costs each run an update of its search attributes.
   */
  private readonly sharing: Sharing | null;

  constructor(
    position: Position,
    private readonly mailbox: Mailbox,
    private readonly isLong: () => boolean,
  ) {
    this.run = position.run;
    this.graph = position.graph;
    this.state = position.state;
    this.revision = position.revision;
    this.difference = position.difference;
    this.lookedAt = position.lookedAt;
    this.shown = position.shown ?? '';
    this.sharing = sharingOf(position);
  }

  /** Runs until every step ended, or until the history is long and nothing is under way: then gives the position. */
  async work(): Promise<{ outcome: RunOutcome } | { position: Position }> {
    for (;;) {
      for (const take of this.arrived.splice(0)) await take();
      await this.recordChanges();
      this.state = await watchTimes(this.run, this.graph, this.state, this.reminding);
      const moves = nextMoves(this.graph, this.state, Date.now());
      if (moves.ended && this.working.size === 0) break;
      for (const steps of activityGroups(moves.groups, this.sharing)) this.startGroup(this.sharingSteps(steps));
      if (moves.manual.length > 0) {
        await this.openManual(moves.manual.map((step) => step.id));
        continue;
      }
      this.startDrawing();
      await this.show(moves);
      if (this.mayMove() && !this.hasNews()) return { position: this.position() };
      await this.waitForNews(moves);
    }
    this.drawing?.cancel();
    if (this.state.cancel) await this.compensate();
    return { outcome: outcomeOf(this.state) };
  }

  /** The run did not end: people's acts that are still on their way here came first. */
  async takeUntold({ openSteps, cancel }: UntoldActs): Promise<void> {
    this.state = reopenSteps(this.state, openSteps);
    const ending = this.state.cancel ?? cancel;
    if (ending) await this.changeState(cancelRun(this.state, this.graph, ending.undo, this.state.cancel?.reason));
  }

  private position(): Position {
    const { run, graph, state, revision, difference, lookedAt, shown } = this;
    return {
      run,
      graph,
      state,
      revision,
      difference,
      lookedAt,
      ...(this.sharing ? { shown, sharing: this.sharing } : {}),
    };
  }

  private isBusy(): boolean {
    return this.working.size > 0 || this.drawing !== null || this.looking || this.reminding.size > 0;
  }

  /** Whether it is time for a new history, and nothing is under way that would be lost with this one. */
  private mayMove(): boolean {
    return this.isLong() && !this.isBusy();
  }

  private hasNews(): boolean {
    const decided = this.difference !== null && this.mailbox.holdsDecisionOn(this.difference);
    return this.arrived.length > 0 || this.mailbox.acts.length > 0 || decided;
  }

  /** Commits what changed without a site's activity: acts of people, a decision on drift, steps that cannot run. */
  private async recordChanges(): Promise<void> {
    for (const message of this.mailbox.acts.splice(0)) await this.takeAct(message);
    this.mailbox.dropStray(this.revision, this.difference);
    if (this.difference) await this.takeDecision(this.difference);
    await this.changeState(skipBlocked(this.state, this.graph));
  }

  private async takeAct({ act, by, eventId, recorded }: ActMessage): Promise<void> {
    this.state = askAnew(this.state);
    if (recorded && act.act === 'reschedule') this.graph = reschedule(this.graph, this.state, act.times);
    const next = applyAct(this.state, this.graph, act);
    if (next === this.state) return;
    if (!recorded) {
      const stepId = 'stepId' in act ? act.stepId : null;
      const reason = 'reason' in act ? (act.reason ?? null) : null;
      await records.recordAct({ ...this.run, eventId, by: by ?? '', act: act.act, stepId, reason });
    }
    await this.changeState(next);
    if (act.act === 'cancel') for (const scope of this.working) scope.cancel();
  }

  private async takeDecision(difference: Difference): Promise<void> {
    const decision = this.mailbox.takeDecisionOn(difference);
    if (!decision) return;
    const { revision, stepIds } = difference;
    const approved = decision.decision === 'approve';
    const settled = await records.settleDifference({ ...this.run, revision, approved, stepIds });
    if (settled === false) return;
    this.difference = null;
    if (approved) this.graph = settled === true ? difference.graph : settled.graph;
    const reason = decision.reason ?? 'the difference was rejected';
    await this.changeState(approved ? releaseHeld(this.state, stepIds) : refuseHeld(this.state, stepIds, reason));
  }

  /** Takes the new state and commits the steps that it ended as skipped. */
  private async changeState(next: RunState): Promise<void> {
    const steps = Object.entries(next.steps)
      .filter(([id, step]) => step.outcome === 'skipped' && this.state.steps[id]!.outcome !== 'skipped')
      .map(([stepId, step]) => ({ stepId, reason: step.reason ?? '' }));
    this.state = next;
    if (steps.length > 0) await records.recordSkipped({ ...this.run, steps });
  }

  private sharingSteps(ready: readonly GraphStep[]): readonly string[] {
    const { graph, state, sharing } = this;
    const steps = sharing ? withFollowers(graph, state, ready, Date.now(), sharing) : ready;
    return steps.map((step) => step.id);
  }

  /** Puts steps into people's hands; they end by an act. */
  private async openManual(stepIds: readonly string[]): Promise<void> {
    this.state = markRunning(this.state, stepIds);
    for (const stepId of stepIds) {
      const refused = await records.openManualStep({ ...this.run, stepId });
      if (refused) this.takeResults([refused]);
      else this.state = unrefused(this.state, stepId);
    }
  }

  /** Starts steps that share an activity; their results are taken in by the loop, never while it decides. */
  private startGroup(stepIds: readonly string[]): void {
    this.state = markRunning(this.state, stepIds);
    const scope = new CancellationScope();
    this.working.add(scope);
    const work = scope.run(() =>
      siteActivities('default', this.turnOf(stepIds)).workSteps({ ...this.run, stepIds, mode: 'apply' }),
    );
    const results = work.catch((error: unknown) => this.settle(error, stepIds));
    this.whenArrived(results, (taken) => {
      this.working.delete(scope);
      this.takeResults(taken);
    });
  }

  private turnOf(stepIds: readonly string[]): number {
    return this.graph.steps.some(({ id, accessCritical }) => accessCritical && stepIds.includes(id))
      ? TURN.accessCritical
      : TURN.usual;
  }

  private takeResults(results: readonly StepResult[]): void {
    const now = Date.now();
    this.state = results.reduce((state, result) => applyResult(state, result, now), this.state);
  }

  private settle(error: unknown, stepIds: readonly string[]): Promise<readonly StepResult[]> {
    if (!isCancellation(error)) throw error;
    return records.settleCancelled({ ...this.run, stepIds, reason: this.state.cancel?.reason ?? 'cancelled' });
  }

  /** Whether a difference waits for its decision. One drawn for other steps than those held since is drawn anew. */
  private isAsked(): boolean {
    const { difference } = this;
    if (!difference || !this.sharing) return difference !== null;
    return heldSteps(this.state).every((id) => difference.stepIds.includes(id));
  }

  /** Without the steps that a decision on an earlier difference has let go while this one was drawn. */
  private stillAsked(stepIds: readonly string[]): readonly string[] {
    const asked = stepsOfDifference(this.state);
    return stepIds.filter((id) => asked.includes(id));
  }

  /** Draws the difference once steps are held and none waits for its decision. */
  private startDrawing(): void {
    if (heldSteps(this.state).length === 0 || this.drawing || this.isAsked()) return;
    const stepIds = stepsOfDifference(this.state);
    const scope = new CancellationScope();
    this.drawing = scope;
    const task = { ...this.run, stepIds, after: this.revision };
    const drawn = scope.run(() => siteActivities().drawDifference(task));
    this.whenArrived(drawn.catch(givenUp), async (difference) => {
      this.drawing = null;
      if (difference?.kind === 'gone') await this.changeState(refuseHeld(this.state, stepIds, GONE));
      if (difference?.kind !== 'planned') return;
      this.difference = { ...difference, stepIds: this.stillAsked(stepIds) };
      this.revision = difference.revision;
    });
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
    // messages that are no news, and a reminder that was sent, make a history long as well
    const news = (): boolean => this.hasNews() || (this.mayMove() && patched('moves-when-long-2026-11-22'));
    const { wakeAt } = moves;
    const watchAt = nextWatch(this.graph, this.state, Date.now());
    if (wakeAt === null && watchAt === null) return condition(news);
    const lookAt = wakeAt === null || this.looking ? Infinity : this.lookedAt + nextDriftLook(wakeAt - this.lookedAt);
    const until = Math.min(wakeAt ?? Infinity, lookAt, watchAt ?? Infinity);
    const early = await condition(news, Math.max(1, until - Date.now()));
    if (!early && until === lookAt && Date.now() < wakeAt!) this.startLook();
  }

  /** Looks for drift while the run waits for its time. */
  private startLook(): void {
    this.lookedAt = Date.now();
    this.looking = true;
    const stepIds = Object.keys(this.state.steps).filter((id) => this.state.steps[id]!.status === 'pending');
    const drifts = driftActivities().lookForDrift({ ...this.run, stepIds });
    this.whenArrived(
      drifts.catch(() => []),
      (found) => {
        this.looking = false;
        this.state = holdDrifted(this.state, found);
      },
    );
  }

  private whenArrived<T>(work: Promise<T>, take: (value: T) => void | Promise<void>): void {
    void work.then(
      (value) => this.arrived.push(() => take(value)),
      (error: unknown) => this.arrived.push(() => fail(error)),
    );
  }

  /** Takes back what a cancelled run wrote, the last first. A step that cannot be taken back keeps its outcome. */
  private async compensate(): Promise<void> {
    for (const step of undoOrder(this.graph, this.state)) {
      const results = await siteActivities().workSteps({ ...this.run, stepIds: [step.id], mode: 'compensate' });
      this.takeResults(results);
    }
  }
}

/** A position that says no more than that steps share is from when they did by system. */
function sharingOf({ sharing }: Position): Sharing | null {
  const bySystem = sharing ?? patched('steps-share-an-activity-2026-11-22');
  if (typeof bySystem === 'string') return bySystem;
  return bySystem ? 'system' : null;
}

function fail(error: unknown): never {
  throw error;
}

/** A drawing that was cancelled with its run gives nothing. */
function givenUp(error: unknown): null {
  if (!isCancellation(error)) throw error;
  return null;
}
