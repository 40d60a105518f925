import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { openDatabase, type Database } from '#libs/platform/database';
import { createKafkaEventLog } from '#libs/platform/kafka';
import type { Development } from '../demo/development.js';
import { Caller } from './caller.js';
import { gatherEvidence } from './evidence.js';
import { GateControl } from './gate.js';
import { judge, type Verdict } from './judgement.js';
import { carryOutKills, type Kill } from './kills.js';
import { enterLeavers, leaversOf, TENANT } from './leavers.js';
import { KILLS_LOAD, Load, type LoadLimits } from './load.js';
import type { ChaosOptions } from './options.js';
import type { Processes } from './processes.js';
import { restartInTurn, restartThese } from './rolling.js';
import { drawSchedule, parts, type Part, type PlannedEvent } from './schedule.js';
import { REST_WITHIN_MS, untilRest } from './rest.js';
import { Watch } from './watch.js';

export interface ChaosResult extends Verdict {
  readonly kills: number;
  readonly killsByPart: Readonly<Record<Part, number>>;
  readonly seed: string;
  readonly seconds: number;
  /** Calls that were sent again because their connection broke. */
  readonly retriedConnections: number;
  /** Answers of 500 and above. */
  readonly serverErrors: number;
  /** How often a program was restarted in turn. */
  readonly restarts: number;
}

export interface Stage {
  readonly development: Development;
  readonly processes: Processes;
  /** Profile of the stack, for the rolling restart. */
  readonly profile: string;
  /** The programs to restart instead, for a short rolling restart. */
  readonly restarted?: readonly string[];
  readonly say: (text: string) => void;
}

const TELL_MS = 3_000;

/** Plays one run of chaos on a running system with two instances of each program, and judges it. */
export async function play(options: ChaosOptions, stage: Stage): Promise<ChaosResult> {
  const { development, say } = stage;
  const began = performance.now();
  const schedule = drawSchedule(options.seed, options.events, options.kills);
  const directory = development.directories[TENANT]!;
  const leavers = leaversOf(randomBytes(3).toString('hex'), options.events, directory.baseDn);
  await enterLeavers(directory, leavers);
  say(`${leavers.length} leavers are in the directory; seed ${options.seed}`);
  const database = openDatabase({ url: development.database, poolSize: 4 }, 'stellwerk-chaos');
  await letManyLeave(database);
  const eventLog = createKafkaEventLog(
    { brokers: development.kafka.split(','), prefix: '' },
    pino({ level: 'silent' }),
  );
  const caller = new Caller(stage.processes.apis());
  const watch = new Watch(database);
  const load = new Load(development, caller, watch);
  const progress = setInterval(() => {
    say(`accepted ${load.accepted.length}, finished ${watch.finished}, in flight ${watch.inFlight}`);
  }, TELL_MS);
  try {
    watch.start();
    const restarts = new AbortController();
    const living = options.rolling
      ? load.run(schedule.events.map(soon), leavers, rollingLoad(restarts.signal))
      : load.run(schedule.events, leavers, KILLS_LOAD);
    const isLoadSent = () => load.accepted.length === options.events;
    const trouble = await disturb(options, schedule.kills, stage, { watch, isLoadSent }, living);
    restarts.abort();
    const left = await comeToRest(living, () => untilRest({ database, eventLog, watch }));
    clearInterval(progress);
    say(left.length === 0 ? 'at rest; reading what was recorded' : 'not at rest in time; reading what was recorded');
    const killedAt = trouble.kills.map(({ at }) => at);
    const verdict = judge(await gatherEvidence({ database, eventLog, development }, load.accepted, killedAt, left));
    return {
      ...withoutAnswer(verdict, load.begun),
      kills: trouble.kills.length,
      killsByPart: countByPart(trouble.kills),
      seed: options.seed,
      seconds: Math.round((performance.now() - began) / 1000),
      retriedConnections: caller.retriedConnections,
      serverErrors: caller.serverErrors,
      restarts: trouble.restarts,
    };
  } finally {
    clearInterval(progress);
    await watch.stop();
    await eventLog.stop();
    await database.destroy();
  }
}

/** Past the brake, which holds more than a few accounts of a customer within an hour for a second person. */
async function letManyLeave(database: Database): Promise<void> {
  const settings = {
    tenant_id: TENANT,
    accounts_per_hour: 100_000,
    last_administrator: 'refuse' as const,
    set_by: 'owner@msp',
  };
  await database
    .insertInto('tenant_settings')
    .values(settings)
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(settings))
    .execute();
}

/** The load lasts as long as the restarts: some requests at a time, one after the other, so that each restart meets calls. */
function rollingLoad(over: AbortSignal): LoadLimits {
  return { window: 8, over };
}

/** Two to four seconds ahead, so that little is left to wait for after the last restart. */
function soon(event: PlannedEvent): PlannedEvent {
  return { ...event, leadSeconds: 2 + (event.leadSeconds % 2) };
}

interface Trouble {
  readonly kills: readonly Kill[];
  readonly restarts: number;
}

/** Kills, or restarts each program once in turn. */
async function disturb(
  options: ChaosOptions,
  planned: Parameters<typeof carryOutKills>[0],
  { processes, development, profile, restarted, say }: Stage,
  load: { readonly watch: Watch; readonly isLoadSent: () => boolean },
  living: Promise<void>,
): Promise<Trouble> {
  if (options.rolling) {
    // it is awaited behind the restarts
    living.catch(() => undefined);
    return {
      kills: [],
      restarts: await (restarted ? restartThese(restarted, processes, say) : restartInTurn(profile, say)),
    };
  }
  const abort = new AbortController();
  const over = living.then(
    () => abort.abort(new Error('The load was over before the last kill')),
    (error: unknown) => abort.abort(error),
  );
  const surroundings = { processes, ...load, gate: new GateControl(development), say, signal: abort.signal };
  const kills = await carryOutKills(planned, surroundings);
  void over;
  return { kills, restarts: 0 };
}

/** The load ends with its last request; what hangs is told after five minutes instead of being waited for. */
async function comeToRest(living: Promise<void>, rest: () => Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, REST_WITHIN_MS)));
  try {
    await Promise.race([living, late]);
  } finally {
    clearTimeout(timer);
  }
  return rest();
}

/** An event that never got an answer is not accepted, but it is not well either. */
function withoutAnswer(verdict: Verdict, events: number): Verdict {
  const missing = events - verdict.accepted;
  if (missing === 0) return verdict;
  const complaint = `lost: ${missing} requests never got an answer`;
  return { ...verdict, lost: verdict.lost + missing, complaints: [...verdict.complaints, complaint] };
}

function countByPart(kills: readonly Kill[]): Record<Part, number> {
  const count = (part: Part): number => kills.filter(({ planned }) => planned.part === part).length;
  return Object.fromEntries(parts.map((part) => [part, count(part)])) as Record<Part, number>;
}
