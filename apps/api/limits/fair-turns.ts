/** How many calls an instance works on at a time. */
export interface TurnLimits {
  /** Of all tenants together: as many as the database's pool serves without making them wait there, in its own order. */
  readonly all: number;
  /** Of one tenant, as long as another one calls too. */
  readonly each: number;
  /** Of one tenant's expensive calls, which may take long: its others go on beside them. */
  readonly expensive: number;
  /** How long a tenant's call is remembered, in milliseconds: so long the others keep to `each`. */
  readonly rememberMs: number;
}

/** A call that lines up. */
interface Waiting {
  readonly isExpensive: boolean;
  readonly begin: () => void;
}

const REMEMBERED_MS = 2_000;
/** Connections that stay free for calls which need a second one. */
const SPARE_CONNECTIONS = 2;

interface Line {
  running: number;
  runningExpensive: number;
  readonly waiting: Waiting[];
  lastAt: number;
}

/**
 * Whose call is worked on next. A tenant that is alone never waits here: what is written together is gathered, and the more
 * calls there are, the more is saved. As soon as another one calls, each has its share, and free places go to the tenants in
 * turn, whatever the length of their lines. So a call of a quiet tenant waits for what is under way, never for what somebody
 * else has lined up.
 */
export class FairTurns {
  /** In the order in which they are served next. */
  private readonly lines = new Map<string, Line>();
  private running = 0;

  constructor(
    private readonly limits: TurnLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** For calls that share a database pool: they line up here, where tenants are served in turn, instead of there. */
  static forPool(connections: number): FairTurns {
    const all = Math.max(2, connections - SPARE_CONNECTIONS);
    const each = Math.ceil(all / 2);
    return new FairTurns({ all, each, expensive: Math.ceil(each / 2), rememberMs: REMEMBERED_MS });
  }

  /** Waits for a turn and gives what ends it; ending twice is harmless. Who gives up meanwhile still gets a turn, and ends it. */
  async take(tenant: string, isExpensive = false): Promise<() => void> {
    const line = this.lineOf(tenant);
    line.lastAt = this.now();
    const turn = new Promise<void>((begin) => line.waiting.push({ isExpensive, begin }));
    this.serve();
    await turn;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      line.running -= 1;
      if (isExpensive) line.runningExpensive -= 1;
      this.running -= 1;
      this.serve();
    };
  }

  /** How many calls of a tenant wait. */
  waitingOf(tenant: string): number {
    return this.lines.get(tenant)?.waiting.length ?? 0;
  }

  private lineOf(tenant: string): Line {
    const known = this.lines.get(tenant);
    if (known) return known;
    const line: Line = { running: 0, runningExpensive: 0, waiting: [], lastAt: 0 };
    this.lines.set(tenant, line);
    return line;
  }

  private serve(): void {
    this.forget();
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const { tenant, line, place } = next;
      // behind all others
      this.lines.delete(tenant);
      this.lines.set(tenant, line);
      const [{ isExpensive, begin }] = line.waiting.splice(place, 1) as [Waiting];
      line.running += 1;
      if (isExpensive) line.runningExpensive += 1;
      this.running += 1;
      begin();
    }
  }

  private next(): { readonly tenant: string; readonly line: Line; readonly place: number } | undefined {
    const { all, each, expensive } = this.limits;
    const isAlone = this.lines.size === 1;
    if (!isAlone && this.running >= all) return undefined;
    for (const [tenant, line] of this.lines) {
      if (!isAlone && line.running >= each) continue;
      const place = line.waiting.findIndex(
        ({ isExpensive }) => !isExpensive || isAlone || line.runningExpensive < expensive,
      );
      if (place !== -1) return { tenant, line, place };
    }
    return undefined;
  }

  private forget(): void {
    const before = this.now() - this.limits.rememberMs;
    for (const [tenant, { running, waiting, lastAt }] of this.lines)
      if (running === 0 && waiting.length === 0 && lastAt < before) this.lines.delete(tenant);
  }
}
