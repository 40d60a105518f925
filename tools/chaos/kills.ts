import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '#libs/kernel';
import type { GateControl } from './gate.js';
import type { Processes } from './processes.js';
import { RUNS_IN_FLIGHT, type PlannedKill } from './schedule.js';
import type { Watch } from './watch.js';

/** A kill as it happened. */
export interface Kill {
  readonly planned: PlannedKill;
  readonly process: string;
  readonly pid: number;
  readonly at: Date;
  readonly runsInFlight: number;
}

export interface KillSurroundings {
  readonly processes: Processes;
  readonly gate: GateControl;
  readonly watch: Watch;
  /** Whether no further request is to come: the runs in flight only become fewer then. */
  readonly isLoadSent: () => boolean;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

const LOOK_MS = 50;
const HOLD_SECONDS = 20;
/**
 * So many runs may end around one kill: what was done and only waited for its record ends at once afterwards. Seen when
 * PostgreSQL came back: 15 of 28. With fewer than this to spare the last kill found too few runs.
 */
const RUNS_PER_KILL = 8;
const MOMENT_WITHIN_MS = 180_000;

/** Kills by the schedule. Rejects when a kill's moment does not come: enough runs in flight, the process up. */
export async function carryOutKills(planned: readonly PlannedKill[], surroundings: KillSurroundings): Promise<Kill[]> {
  const kills: Kill[] = [];
  const ending = new AbortController();
  const isTight = (): boolean => isLastChance(surroundings, planned.length - kills.length);
  const isDue = (): boolean =>
    isTight() || surroundings.watch.finished >= (planned[kills.length]?.afterFinished ?? Infinity);
  const slowing = keepRunsUnderWay(surroundings, isDue, ending.signal);
  try {
    for (const one of planned) {
      const kill = await carryOut(one, surroundings, isTight);
      kills.push(kill);
      surroundings.say(
        `killed ${kill.process} (pid ${kill.pid})${one.behindWrite ? ' between a write and its record' : ''}, ${kill.runsInFlight} runs in flight`,
      );
    }
  } finally {
    ending.abort();
    await slowing;
    await surroundings.gate.haltWrites(false);
  }
  return kills;
}

/** Hardly more runs are left than the kills to come need: those come now, one after the other. */
function isLastChance({ watch, isLoadSent }: KillSurroundings, killsLeft: number): boolean {
  return isLoadSent() && watch.inFlight < RUNS_IN_FLIGHT + RUNS_PER_KILL * killsLeft;
}

/**
 * Runs must not end before the kill that is to meet them: they began together and would end together. So their directory
 * halts at writes while a kill is due, and while nobody can see how many there are.
 */
async function keepRunsUnderWay(
  { gate, watch }: KillSurroundings,
  isDue: () => boolean,
  over: AbortSignal,
): Promise<void> {
  for (; !over.aborted; await pause(LOOK_MS)) await gate.haltWrites(isDue() || !watch.isUpToDate);
}

async function carryOut(planned: PlannedKill, surroundings: KillSurroundings, isTight: () => boolean): Promise<Kill> {
  const { processes, watch, gate } = surroundings;
  const deadline = performance.now() + MOMENT_WITHIN_MS;
  for (;;) {
    await untilDue(planned, surroundings, isTight, deadline);
    const name = await victimOf(planned, surroundings);
    // counted anew, because waiting for the write took its time
    const enough = name !== undefined && (await isEnough(watch));
    if (enough) {
      const runsInFlight = watch.inFlight;
      const at = systemClock.now();
      const pid = processes.kill(name);
      if (planned.behindWrite) await gate.release(planned.part === 'worker' ? 'drop' : 'deliver');
      return { planned, process: name, pid, at, runsInFlight };
    }
    if (planned.behindWrite) await gate.release('deliver');
  }
}

async function isEnough(watch: Watch): Promise<boolean> {
  // the database may be coming back from the kill before
  await watch.look().catch(() => undefined);
  return watch.inFlight >= RUNS_IN_FLIGHT;
}

async function untilDue(
  planned: PlannedKill,
  { watch, signal }: KillSurroundings,
  isTight: () => boolean,
  deadline: number,
): Promise<void> {
  for (;;) {
    const { finished, inFlight } = watch;
    if (inFlight >= RUNS_IN_FLIGHT && (isTight() || finished >= planned.afterFinished)) return;
    signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new Error(
        `The moment of a kill did not come: ${finished} runs finished, ${inFlight} in flight; wanted ${planned.afterFinished} and ${RUNS_IN_FLIGHT}`,
      );
    await pause(LOOK_MS);
  }
}

/** The process to kill, up and behind a write where that was asked for; undefined when no write came. */
async function victimOf(planned: PlannedKill, { processes, gate }: KillSurroundings): Promise<string | undefined> {
  const { part, instance, behindWrite } = planned;
  const hasInstances = part === 'api' || part === 'bridge' || part === 'worker';
  const name = hasInstances && instance === 2 ? `${part}-2` : part;
  await processes.untilReady(name);
  if (!behindWrite) return name;
  const held = await gate.holdNextWrite(HOLD_SECONDS);
  if (held.state !== 'holding') return undefined;
  if (part !== 'worker') return name;
  return held.clientPort === undefined ? undefined : processes.ownerOfPort(['worker', 'worker-2'], held.clientPort);
}
