import { SeededRandom } from './seeded-random.js';

/** What is killed. */
export const parts = ['api', 'bridge', 'worker', 'kafka', 'temporal', 'postgres'] as const;
export type Part = (typeof parts)[number];

export interface PlannedKill {
  /** So many runs have finished before. */
  readonly afterFinished: number;
  readonly part: Part;
  /** Of api, bridge and worker two run. A worker that dies behind a write is the one that waits for the write's answer. */
  readonly instance: 1 | 2;
  /** Between a block's write and its record: the directory has done it, nobody has heard so yet. */
  readonly behindWrite: boolean;
}

export interface PlannedEvent {
  readonly number: number;
  /** Seconds from the request to its last working hour, when the steps begin. */
  readonly leadSeconds: number;
}

export interface Schedule {
  readonly events: readonly PlannedEvent[];
  readonly kills: readonly PlannedKill[];
}

/** The runs that must be under way when a part dies. */
export const RUNS_IN_FLIGHT = 20;
/** Left to finish behind the last kill, besides those that must be in flight. */
const SPARE = 4;
const SHORTEST_LEAD = 3;
const LONGEST_LEAD = 12;

/**
 * Draws the schedule: the same for the same seed. Each part dies once at least; a third of the kills, rounded up, fall
 * between a write and its record, one of them a worker's.
 */
export function drawSchedule(seed: string, events: number, kills: number): Schedule {
  const random = new SeededRandom(seed);
  const extra = Array.from({ length: kills - parts.length }, () => random.pick(parts));
  const victims = random.shuffle([...parts, ...extra]);
  const behind = drawBehindWrite(random, victims);
  return {
    events: Array.from({ length: events }, (_, index) => ({
      number: index + 1,
      leadSeconds: SHORTEST_LEAD + random.next() * (LONGEST_LEAD - SHORTEST_LEAD),
    })),
    kills: drawMoments(random, events, kills).map((afterFinished, index) => ({
      afterFinished,
      part: victims[index]!,
      instance: random.pick([1, 2] as const),
      behindWrite: behind.has(index),
    })),
  };
}

function drawBehindWrite(random: SeededRandom, victims: readonly Part[]): Set<number> {
  const worker = victims.indexOf('worker');
  const others = random.shuffle(victims.map((_, index) => index).filter((index) => index !== worker));
  return new Set([worker, ...others.slice(0, Math.ceil(victims.length / 3) - 1)]);
}

/** Spread over the load, each somewhere in its share of it. */
function drawMoments(random: SeededRandom, events: number, kills: number): number[] {
  const share = Math.max(0, events - RUNS_IN_FLIGHT - SPARE) / kills;
  return Array.from({ length: kills }, (_, index) => Math.floor(share * (index + random.next())));
}
