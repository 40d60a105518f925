import type { Chain, ChainStep, Receiver, Within } from './chain.model.js';

/** How far a chain has come. Instants are epoch milliseconds. */
export interface ChainState {
  /** Counts the times through from 0. */
  readonly round: number;
  /** The step that is next; as many as there are: none is. */
  readonly position: number;
  /** Since when it is next: when it is due, or when a wait began. */
  readonly since: number;
  /** Who of each schedule was told, by its id: at a change of shift the next one is told, too. */
  readonly told: Readonly<Record<string, string>>;
  /** It has come to its end, and nobody acknowledged it. */
  readonly exhausted: boolean;
}

export interface Acknowledgement {
  readonly by: string;
  /** Null: for good. */
  readonly until: number | null;
}

/** What surrounds a chain at an instant. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly acknowledged: Acknowledgement | null;
  /** Nobody of the last step that told somebody can ever be reached: waits until the next such step are of no use. */
  readonly unreached: boolean;
  /** Who is on call, and until when; null where nobody is. */
  onCall(schedule: string): { readonly person: string; readonly from: number; readonly to: number } | null;
  /** When hours begin that hold at `at` or after it; `at` itself inside of them, null: never. */
  opensAt(within: Within, at: number): number | null;
}

/** What is to be done now, in its order. `dueAt`: when it was due. */
export type ChainAct = { readonly dueAt: number; readonly round: number; readonly step: number } & (
  | { readonly kind: 'notify'; readonly receivers: readonly Receiver[] }
  | { readonly kind: 'raise_priority'; readonly to: string | null }
  | { readonly kind: 'reassign'; readonly team: string | null; readonly technician: string | null }
  | { readonly kind: 'conference' }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'acknowledgement_expired' }
  /** `from` was told, and is no longer on call. */
  | { readonly kind: 'hand_over'; readonly schedule: string; readonly from: string; readonly to: string }
);

export interface ChainAdvance {
  readonly state: ChainState;
  readonly acknowledged: Acknowledgement | null;
  readonly acts: readonly ChainAct[];
  /** When to look again, at the latest; null: nothing comes by itself. */
  readonly nextAt: number | null;
}

const MINUTE_MS = 60_000;
/** Whoever takes over a shift has so long to acknowledge what the one before them did. */
export const HAND_OVER_MINUTES = 15;

export function chainBegins(dueAt: number): ChainState {
  return { round: 0, position: 0, since: dueAt, told: {}, exhausted: false };
}

/**
 * Takes a chain from where it stood to `now`. A wait counts from when the step before it was done, not from when it was due: after an
 * outage, people get their time to answer. While it is acknowledged nothing of it happens but the hand-over at a change of
 * shift; an acknowledgement that has expired lets it go on with the step that was next, or with its last telling again.
 */
export function advanceChain(chain: Chain, before: ChainState, around: Surroundings): ChainAdvance {
  const course = new Course(chain, before, around);
  course.handOver();
  course.expire();
  course.walk();
  return course.result();
}

class Course {
  private state: ChainState;
  private acknowledged: Acknowledgement | null;
  private unreached: boolean;
  private readonly acts: ChainAct[] = [];
  private nextAt: number | null = null;

  constructor(
    private readonly chain: Chain,
    before: ChainState,
    private readonly around: Surroundings,
  ) {
    this.state = before;
    this.acknowledged = around.acknowledged;
    this.unreached = around.unreached;
  }

  result(): ChainAdvance {
    return { state: this.state, acknowledged: this.acknowledged, acts: this.acts, nextAt: this.nextAt };
  }

  handOver(): void {
    for (const [schedule, from] of Object.entries(this.state.told)) {
      const shift = this.around.onCall(schedule);
      if (!shift) continue;
      this.lookAt(shift.to);
      if (shift.person === from) continue;
      this.state = { ...this.state, told: { ...this.state.told, [schedule]: shift.person } };
      // before their shift began nobody could have told them
      const dueAt = Math.max(shift.from, this.state.since);
      this.act({ kind: 'hand_over', schedule, from, to: shift.person }, Math.min(dueAt, this.around.now));
      this.shorten(from);
    }
  }

  private shorten(from: string): void {
    if (this.acknowledged?.by !== from) return;
    const until = this.around.now + HAND_OVER_MINUTES * MINUTE_MS;
    this.acknowledged = { by: from, until: Math.min(this.acknowledged.until ?? until, until) };
  }

  expire(): void {
    const until = this.acknowledged?.until ?? null;
    if (until === null || until > this.around.now) return;
    this.acknowledged = null;
    this.act({ kind: 'acknowledgement_expired' }, until);
    const { position } = this.state;
    const isWaiting = this.chain.steps[position]?.kind === 'wait';
    const isOver = position >= this.chain.steps.length && this.state.round >= this.chain.repeat;
    const lastTelling = this.chain.steps.findLastIndex(({ kind }) => kind === 'notify');
    const next = isOver ? Math.max(0, lastTelling) : isWaiting ? position + 1 : position;
    this.state = { ...this.state, position: next, since: until, exhausted: false };
  }

  walk(): void {
    if (this.acknowledged) return this.lookAt(this.acknowledged.until);
    for (;;) {
      const step = this.chain.steps[this.state.position];
      if (step === undefined) {
        if (!this.beginAnew()) return;
      } else if (step.kind === 'wait') {
        if (!this.waitOut(step.minutes)) return;
      } else if (!this.do(step)) return;
    }
  }

  private beginAnew(): boolean {
    if (this.state.round < this.chain.repeat) {
      this.act({ kind: 'repeated' }, this.state.since);
      this.state = { ...this.state, round: this.state.round + 1, position: 0 };
      return true;
    }
    if (!this.state.exhausted) this.act({ kind: 'exhausted' }, this.state.since);
    this.state = { ...this.state, exhausted: true };
    return false;
  }

  private waitOut(minutes: number): boolean {
    const { now } = this.around;
    const over = this.unreached ? now : this.state.since + minutes * MINUTE_MS;
    if (over > now) {
      this.lookAt(over);
      return false;
    }
    this.goOn(over);
    return true;
  }

  /** False while it waits for its hours. */
  private do(step: Exclude<ChainStep, { kind: 'wait' }>): boolean {
    const { now } = this.around;
    const opensAt = step.within ? this.around.opensAt(step.within, now) : now;
    if (opensAt === null || (opensAt > now && step.within!.outside === 'skip')) {
      this.act({ kind: 'skipped' }, this.state.since);
      this.goOn(this.state.since);
      return true;
    }
    if (opensAt > now) {
      // due when its hours begin
      this.state = { ...this.state, since: opensAt };
      this.lookAt(opensAt);
      return false;
    }
    this.act(actOf(step), this.state.since);
    if (step.kind === 'notify') this.remember(step.receivers);
    this.goOn(now);
    return true;
  }

  private remember(receivers: readonly Receiver[]): void {
    const told = { ...this.state.told };
    for (const receiver of receivers) {
      if (receiver.kind !== 'schedule') continue;
      const shift = this.around.onCall(receiver.id);
      if (!shift) continue;
      told[receiver.id] = shift.person;
      this.lookAt(shift.to);
    }
    this.state = { ...this.state, told };
    this.unreached = false;
  }

  private goOn(since: number): void {
    this.state = { ...this.state, position: this.state.position + 1, since };
  }

  private act(act: DistributiveOmit<ChainAct, 'dueAt' | 'round' | 'step'>, dueAt: number): void {
    const { round, position: step } = this.state;
    this.acts.push({ ...act, dueAt, round, step });
  }

  private lookAt(at: number | null): void {
    if (at === null || at <= this.around.now) return;
    this.nextAt = this.nextAt === null ? at : Math.min(this.nextAt, at);
  }
}

type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

function actOf(step: Exclude<ChainStep, { kind: 'wait' }>): DistributiveOmit<ChainAct, 'dueAt' | 'round' | 'step'> {
  switch (step.kind) {
    case 'notify':
      return { kind: 'notify', receivers: step.receivers };
    case 'raise_priority':
      return { kind: 'raise_priority', to: step.to ?? null };
    case 'reassign':
      return { kind: 'reassign', team: step.team ?? null, technician: step.technician ?? null };
    case 'conference':
      return { kind: 'conference' };
  }
}
