import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from './program.js';
import type { Progress } from './progress.js';
import { judged, quantile, rounded, told, whole, type BenchResult, type Check } from './result.js';
import type { BenchServers } from './servers.js';
import type { SleepTask } from './sla.floor.js';
import { memoryOf, SlaTickets } from './sla-tickets.js';
import { World } from './world.js';

/** CPU per clock at so many against a tenth of them. */
const MOST_RATIO = 1.2;
const MOST_LATE_MS = 2_000;
const LONG_SECONDS = 8 * 3_600;
const SERVERS = ['postgres', 'temporal', 'kafka'] as const;

interface Extent {
  readonly clocks: number;
  readonly floor: number;
  /** Clocks that fall due evenly over so many seconds. */
  readonly due: number;
  readonly overSeconds: number;
  /** Clocks that fall due while the worker is dead. */
  readonly missed: number;
}
const USUAL_CLOCKS = 2_000;
const FULL = { floor: 2_000, due: 500, overSeconds: 60, missed: 200 } as const;
const SMOKE: Extent = { clocks: 20, floor: 10, due: 10, overSeconds: 3, missed: 5 };

/** Clocks of tickets: what one costs, among few and among many, and how late they fall due. */
export async function sla(
  servers: BenchServers,
  smoke: boolean,
  progress: Progress,
  clocks = USUAL_CLOCKS,
): Promise<BenchResult> {
  const extent = smoke ? SMOKE : { ...FULL, clocks, floor: Math.min(FULL.floor, clocks) };
  const world = await World.create(servers);
  const tickets = new SlaTickets(world);
  try {
    await tickets.begin();
    const bridge = await world.startApp('bridge');
    const worker = await world.startApp('worker');
    const play = new Play(world, tickets, bridge, worker, extent, progress);
    return await play.all(smoke);
  } finally {
    await tickets.stop();
    await world.stop();
  }
}

class Play {
  private readonly checks: Check[] = [];

  constructor(
    private readonly world: World,
    private readonly tickets: SlaTickets,
    private readonly bridge: Program,
    private worker: Program,
    private readonly extent: Extent,
    private readonly progress: Progress,
  ) {}

  async all(smoke: boolean): Promise<BenchResult> {
    const { clocks, due, overSeconds } = this.extent;
    await this.costOf(Math.max(2, clocks / 20));
    const few = await this.costOf(Math.ceil(clocks / 10));
    const many = await this.costOf(clocks);
    const memory = memoryOf(this.worker.pid);
    this.checks.push(told('MB of the worker', memory));
    this.progress.say(
      `${clocks} clocks run: ${(many * 1000).toFixed(1)} ms each, the worker holds ${memory.toFixed(0)} MB`,
    );
    const late = await this.fallDue(due, overSeconds);
    const restart = await this.restart();
    this.checks.push(told('seconds until a restarted worker has served what was due', restart));
    const floor = await this.costOfFloor();
    const ratio = many / few;
    const [p50, p99] = [quantile(late, 0.5), quantile(late, 0.99)];
    this.checks.unshift(
      smoke ? told('ratio', ratio) : judged('ratio', ratio, MOST_RATIO, 'most'),
      smoke ? told('p99', p99) : judged('p99', p99, MOST_LATE_MS, 'most'),
    );
    return {
      ...{ bench: 'sla', value: rounded(many), floor: rounded(floor), ratio: rounded(ratio), unit: 'CPU s/clock' },
      ...{ p50: rounded(p50), p99: rounded(p99), spread: [rounded(ratio), rounded(ratio)] as const },
      ...{ checks: this.checks, ok: this.checks.every(({ ok }) => ok) },
    };
  }

  /** CPU seconds of everything for each clock, from the ticket's opening until its workflow sleeps. */
  private async costOf(count: number): Promise<number> {
    const usedCpu = this.world.cpuClock({ bridge: this.bridge, worker: this.worker }, SERVERS);
    const ids = await this.tickets.open(count, () => LONG_SECONDS);
    await this.tickets.watched(ids);
    return secondsOf(usedCpu()) / count;
  }

  private async fallDue(count: number, overSeconds: number): Promise<number[]> {
    // so long that all of them are open, and warned of, before the first falls due
    const lead = 5 + count / 10;
    const begun = performance.now();
    const ids = await this.tickets.open(count, (index) => {
      const passed = (performance.now() - begun) / 1000;
      return Math.max(1, lead + (index * overSeconds) / count - passed);
    });
    this.progress.say(`${count} clocks fall due within ${overSeconds} s`);
    await this.tickets.breached(ids);
    const late = await this.tickets.lateness(ids);
    this.checks.push(whole('breaches on record', late.length, count));
    return late;
  }

  /** The worker is dead when clocks fall due. Gives the seconds from its being ready again until all are on record. */
  private async restart(): Promise<number> {
    const { missed } = this.extent;
    const seconds = 4 + missed / 20;
    const ids = await this.tickets.open(missed, () => seconds);
    await this.tickets.watched(ids);
    process.kill(this.worker.pid, 'SIGKILL');
    await pause(seconds * 1000);
    this.worker = await this.world.startApp('worker');
    const ready = performance.now();
    await this.tickets.breached(ids);
    return (performance.now() - ready) / 1000;
  }

  private async costOfFloor(): Promise<number> {
    const env = { ...this.world.env('worker'), STELLWERK_TASK_QUEUE: `${this.world.taskQueue}-floor` };
    const floor = await this.world.start('floor', 'tools/bench/sla.floor.js', env);
    const ids = Array.from({ length: this.extent.floor }, () => `${this.world.name}/floor/${randomUUID()}`);
    const usedCpu = this.world.cpuClock({ floor }, SERVERS);
    await floor.ask({ ids } satisfies SleepTask);
    return secondsOf(usedCpu()) / ids.length;
  }
}

function secondsOf(used: Readonly<Record<string, number>>): number {
  return Object.values(used).reduce((sum, one) => sum + one, 0) / 1000;
}
