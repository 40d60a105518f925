import { describe, expect, it } from '@jest/globals';
import {
  advanceChain,
  afterTry,
  chainBegins,
  chainsFor,
  HAND_OVER_MINUTES,
  type Acknowledgement,
  type Chain,
  type ChainAct,
  type ChainState,
  type ChainStep,
  type Surroundings,
  type Within,
} from '#libs/sla/model';
import { markChanges, nextMarkAt, type StandingMark, type TicketReading } from '#libs/sla';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 10, 23, 8);
const at = (minutes: number): number => T0 + minutes * MINUTE;
const tell = (name: string): ChainStep => ({ kind: 'notify', receivers: [{ kind: 'person', subject: name }] });
const wait = (minutes: number): ChainStep => ({ kind: 'wait', minutes });
const chainOf = (steps: readonly ChainStep[], more: Partial<Chain> = {}): Chain => ({
  ...{ steps, repeat: 0, acknowledgementMinutes: null },
  ...more,
});

/** Plays a chain minute by minute, as the engine does at the instants that it asks for. */
class Play {
  state: ChainState;
  acknowledged: Acknowledgement | null = null;
  readonly acts: ChainAct[] = [];
  nextAt: number | null = null;

  constructor(
    private readonly chain: Chain,
    private readonly around: Partial<Surroundings> = {},
    dueAt = T0,
  ) {
    this.state = chainBegins(dueAt);
  }

  to(minutes: number, around: Partial<Surroundings> = {}): this {
    const surroundings: Surroundings = {
      now: at(minutes),
      acknowledged: this.acknowledged,
      unreached: false,
      onCall: () => null,
      opensAt: (_within, now) => now,
      ...this.around,
      ...around,
    };
    const { state, acknowledged, acts, nextAt } = advanceChain(this.chain, this.state, surroundings);
    Object.assign(this, { state, acknowledged, nextAt });
    this.acts.push(...acts);
    return this;
  }

  /** Goes on to each instant that the chain asks for. */
  through(): this {
    for (let turn = 0; this.nextAt !== null && turn < 100; turn++) this.to((this.nextAt - T0) / MINUTE);
    return this;
  }

  get told(): string[] {
    return this.acts.flatMap((act) =>
      act.kind === 'notify'
        ? act.receivers.map((one) => (one.kind === 'person' ? one.subject : one.kind))
        : act.kind === 'hand_over'
          ? [`${act.from}→${act.to}`]
          : [],
    );
  }

  get kinds(): string[] {
    return this.acts.map(({ kind }) => kind);
  }
}

describe('a chain', () => {
  it('does its steps in their order, each when it is due, and says when it goes on', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b'), wait(10), { kind: 'conference' }, tell('c')])).to(0);
    expect(play.told).toEqual(['a']);
    expect(play.nextAt).toBe(at(5));
    play.to(4.9);
    expect(play.told).toEqual(['a']);
    expect(play.nextAt).toBe(at(5));
    play.through();
    expect(play.told).toEqual(['a', 'b', 'c']);
    expect(play.acts.map(({ dueAt }) => (dueAt - T0) / MINUTE)).toEqual([0, 5, 15, 15, 15]);
    expect(play.kinds.at(-1)).toBe('exhausted');
    expect(play.nextAt).toBeNull();
  });

  it('is due when its cause was, however late it is seen', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b')])).to(60);
    expect(play.acts[0]!.dueAt).toBe(at(0));
    // who was told late has their time to answer
    expect([play.told, play.nextAt]).toEqual([['a'], at(65)]);
  });

  it('that slept through its waits does not tell everybody at once', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b'), wait(5), tell('c')])).to(0).to(600);
    expect([play.told, play.nextAt]).toEqual([['a', 'b'], at(605)]);
    expect(play.acts[1]!.dueAt).toBe(at(5));
  });

  it('looked at again at the same instant does nothing twice', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b')])).to(0).to(0).to(1).to(1);
    expect(play.told).toEqual(['a']);
  });

  it('begins anew as often as it says, and no more', () => {
    const play = new Play(chainOf([tell('a'), wait(1)], { repeat: 3 })).to(0).through();
    expect(play.told).toEqual(['a', 'a', 'a', 'a']);
    expect(play.kinds.filter((kind) => kind === 'repeated')).toHaveLength(3);
    expect(play.kinds.filter((kind) => kind === 'exhausted')).toHaveLength(1);
    expect(play.to(100).kinds.filter((kind) => kind === 'exhausted')).toHaveLength(1);
  });

  it('goes on at once where nobody can ever be reached, up to the next who is told', () => {
    const steps = [tell('a'), wait(5), { kind: 'raise_priority' } as const, wait(5), tell('b'), wait(5), tell('c')];
    const play = new Play(chainOf(steps)).to(0).to(1, { unreached: true });
    expect(play.told).toEqual(['a', 'b']);
    expect(play.nextAt).toBe(at(6));
  });

  const within = (outside: Within['outside']): Within => ({ timezone: 'UTC', weekly: {}, outside });
  const opensAt = () => at(30);

  it('waits for a step’s hours where it says so, and is due when they begin', () => {
    const play = new Play(chainOf([{ ...tell('a'), within: within('wait') } as ChainStep]), { opensAt }).to(0);
    expect([play.told, play.nextAt]).toEqual([[], at(30)]);
    play.to(30);
    expect(play.told).toEqual(['a']);
    expect(play.acts[0]!.dueAt).toBe(at(30));
  });

  it('leaves a step out outside of its hours where it says so', () => {
    const play = new Play(chainOf([{ ...tell('a'), within: within('skip') } as ChainStep, tell('b')]), { opensAt });
    expect(play.to(0).kinds).toEqual(['skipped', 'notify', 'exhausted']);
  });

  it('leaves a step out whose hours never come', () => {
    const steps = [{ ...tell('a'), within: within('wait') } as ChainStep, tell('b')];
    expect(new Play(chainOf(steps), { opensAt: () => null }).to(0).told).toEqual(['b']);
  });
});

describe('an acknowledgement', () => {
  it('stops the chain, for good where it does not expire', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b')])).to(0);
    play.acknowledged = { by: 'a', until: null };
    expect([play.to(60).told, play.nextAt]).toEqual([['a'], null]);
  });

  it('that expires lets the chain go on with the step that was next, without its wait', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b'), wait(5), tell('c')])).to(0);
    play.acknowledged = { by: 'a', until: at(20) };
    expect(play.to(10).nextAt).toBe(at(20));
    play.to(20);
    expect([play.told, play.kinds]).toEqual([
      ['a', 'b'],
      ['notify', 'acknowledgement_expired', 'notify'],
    ]);
    expect(play.acknowledged).toBeNull();
    expect(play.acts.at(-1)!.dueAt).toBe(at(20));
    expect(play.nextAt).toBe(at(25));
  });

  it('of a chain that had told everybody tells the last ones again when it expires', () => {
    const play = new Play(chainOf([tell('a'), wait(5), tell('b')])).to(0).through();
    play.acknowledged = { by: 'b', until: at(30) };
    expect(play.to(30).told).toEqual(['a', 'b', 'b']);
  });
});

describe('a change of shift', () => {
  const nights = { kind: 'schedule', id: 'nights' } as const;
  const chain = chainOf([{ kind: 'notify', receivers: [nights] }, wait(120), tell('boss')]);
  const shift = (person: string, from: number, to: number) => () => ({ person, from: at(from), to: at(to) });

  it('tells the next person on call, once, and is looked for when it comes', () => {
    const play = new Play(chain).to(0, { onCall: shift('erna', -60, 40) });
    expect(play.nextAt).toBe(at(40));
    play.to(40, { onCall: shift('zoe', 40, 500) }).to(41, { onCall: shift('zoe', 40, 500) });
    expect(play.told).toEqual(['schedule', 'erna→zoe']);
    expect(play.acts.at(-1)!.dueAt).toBe(at(40));
    expect(play.nextAt).toBe(at(120));
  });

  it('tells nobody while nobody is on call', () => {
    const play = new Play(chain).to(0, { onCall: shift('erna', -60, 40) }).to(40, { onCall: () => null });
    expect(play.told).toEqual(['schedule']);
    expect(play.to(50, { onCall: shift('zoe', 50, 90) }).told).toEqual(['schedule', 'erna→zoe']);
  });

  it('hands over what was acknowledged: the next one has some minutes to acknowledge it anew', () => {
    const play = new Play(chain).to(0, { onCall: shift('erna', -60, 40) });
    play.acknowledged = { by: 'erna', until: null };
    expect(play.to(10, { onCall: shift('erna', -60, 40) }).nextAt).toBe(at(40));
    play.to(40, { onCall: shift('zoe', 40, 500) });
    expect(play.told).toEqual(['schedule', 'erna→zoe']);
    expect(play.acknowledged).toEqual({ by: 'erna', until: at(40 + HAND_OVER_MINUTES) });
    play.to(40 + HAND_OVER_MINUTES, { onCall: shift('zoe', 40, 500) });
    expect(play.told).toEqual(['schedule', 'erna→zoe', 'boss']);
  });

  it('leaves what somebody else acknowledged alone', () => {
    const play = new Play(chain).to(0, { onCall: shift('erna', -60, 40) });
    play.acknowledged = { by: 'boss', until: null };
    play.to(40, { onCall: shift('zoe', 40, 500) });
    expect(play.acknowledged).toEqual({ by: 'boss', until: null });
  });
});

describe('triggers', () => {
  it('start each chain once, for the priorities that they name or for all', () => {
    const mark = { mark: 'breach', clock: 'resolution' } as const;
    const triggers = [
      { on: 'breach', clock: 'resolution', chain: 'all' },
      { on: 'breach', clock: 'resolution', priorities: ['critical'], chain: 'night' },
      { on: 'breach', clock: 'resolution', priorities: ['critical', 'high'], chain: 'all' },
      { on: 'warning', clock: 'resolution', chain: 'early' },
      { on: 'breach', clock: 'update', chain: 'other' },
      { on: 'alert', severity: 'critical', chain: 'alarm' },
    ] as const;
    expect(chainsFor(triggers, mark, 'critical')).toEqual(['all', 'night']);
    expect(chainsFor(triggers, mark, 'low')).toEqual(['all']);
  });
});

describe('a try to tell somebody', () => {
  const never = { kind: 'never', code: 'gone' } as const;
  const again = { kind: 'again', code: 'busy' } as const;

  it('that fails falls to the next way at once', () => {
    expect(afterTry({ method: 0, tries: 0 }, 2, never, false)).toMatchObject({ place: { method: 1 }, inMs: 0 });
    expect(afterTry({ method: 0, tries: 0 }, 2, again, false)).toMatchObject({ place: { method: 1 }, hopeful: true });
  });

  it('by the last way is the end where none of them may ever go', () => {
    expect(afterTry({ method: 1, tries: 0 }, 2, never, false)).toEqual({ kind: 'failed', code: 'gone' });
  });

  it('by the last way begins with the first again while one may go, with longer and longer pauses', () => {
    const pauses = [0, 1, 2, 3, 4, 9].map((tries) => afterTry({ method: 1, tries }, 2, never, true));
    expect(pauses.map((step) => (step.kind === 'next' ? [step.place.method, step.inMs / 1000] : step))).toEqual([
      [0, 5],
      [0, 10],
      [0, 20],
      [0, 40],
      [0, 60],
      [0, 60],
    ]);
  });
});

describe('marks', () => {
  const reading = (change: Partial<TicketReading>): TicketReading => ({
    ...{ kind: 'resolution', state: 'running', startedAt: T0, stoppedAt: null, targetMinutes: 100 },
    ...{ dueAt: at(100), warnAt: at(75), elapsedMinutes: 0, remainingMinutes: 100, breached: false, breachedAt: null },
    ...change,
  });
  const mark = (kind: StandingMark['mark'], dueAt: number): StandingMark => ({
    ...{ clock: 'resolution', startedAt: T0, mark: kind, number: 1, dueAt },
  });

  it('are reached once each', () => {
    const seen = [reading({ breached: true, breachedAt: at(100) })];
    const { reached, lifted } = markChanges(seen, [mark('warning', at(75))], at(100));
    expect(reached.map(({ mark: kind, dueAt }) => [kind, dueAt])).toEqual([['breach', at(100)]]);
    expect(lifted).toEqual([]);
  });

  it('are lifted when the deadline moves into the future, and when the target is gone', () => {
    const standing = [mark('warning', at(75)), mark('breach', at(100))];
    expect(markChanges([reading({ warnAt: at(500), dueAt: at(600) })], standing, at(101)).lifted).toEqual(standing);
    expect(markChanges([], standing, at(101)).lifted).toEqual(standing);
  });

  it('of a clock that was stopped in time are none, however long ago', () => {
    const stopped = reading({ state: 'stopped', stoppedAt: at(50) });
    expect(markChanges([stopped], [], at(5_000))).toEqual({ reached: [], lifted: [] });
  });

  it('of a clock that was stopped too late go on record without anybody to tell in time', () => {
    const late = reading({ state: 'stopped', stoppedAt: at(120), breached: true, breachedAt: at(100) });
    const { reached } = markChanges([late], [], at(130));
    expect(reached.map(({ mark: kind, isRunning }) => [kind, isRunning])).toEqual([
      ['warning', false],
      ['breach', false],
    ]);
  });

  it('come next at the warning, then when it is due; a clock that stands still has none', () => {
    expect(nextMarkAt([reading({})], at(0))).toBe(at(75));
    expect(nextMarkAt([reading({})], at(75))).toBe(at(100));
    expect(nextMarkAt([reading({ state: 'paused', warnAt: null, dueAt: null })], at(0))).toBeNull();
    expect(nextMarkAt([reading({})], at(100))).toBeNull();
  });
});
