/** An ask with its answer still to come. */
interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** How one ask of a gathering went. */
export type Reply<Answer> = { readonly answer: Answer } | { readonly error: unknown } | 'again';

export interface GatheringLimits {
  /** So many asks share a trip at most. */
  readonly most: number;
  /** While one trip is under way, a second one begins once so many wait; never, when left out. */
  readonly crowd?: number;
}

/**
 * Lets asks that arrive together share one trip to the database: while a trip is under way the next asks gather, and
 * the next trip takes them all. An ask never joins a trip that has begun, so what it reads is as fresh as if it went alone.
 */
export class Gathering<Ask, Answer> {
  private waiting: Waiting<Ask, Answer>[] = [];
  private underWay = 0;

  /**
   * `go` gives a reply to each ask, in their order; with `again` the ask takes part in a later trip. When it rejects, all
   * asks of the trip get that error.
   */
  constructor(
    private readonly limits: GatheringLimits,
    private readonly go: (asks: readonly Ask[]) => Promise<readonly Reply<Answer>[]>,
  ) {}

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ask, resolve, reject });
      if (this.mayBegin()) this.begin();
    });
  }

  private mayBegin(): boolean {
    if (this.underWay === 0) return true;
    return this.underWay === 1 && this.waiting.length >= (this.limits.crowd ?? Infinity);
  }

  private begin(): void {
    this.underWay += 1;
    // what arrives in the same turn of the event loop goes along
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) await this.trip(this.waiting.splice(0, this.limits.most));
    this.underWay -= 1;
  }

  private async trip(travellers: readonly Waiting<Ask, Answer>[]): Promise<void> {
    try {
      const replies = await this.go(travellers.map(({ ask }) => ask));
      travellers.forEach((traveller, index) => this.settle(traveller, replies[index]!));
    } catch (error) {
      for (const { reject } of travellers) reject(error);
    }
  }

  private settle(traveller: Waiting<Ask, Answer>, reply: Reply<Answer>): void {
    if (reply === 'again') this.waiting.push(traveller);
    else if ('error' in reply) traveller.reject(reply.error);
    else traveller.resolve(reply.answer);
  }
}

/** A gathering for each tenant, because a transaction writes for one only (design, rule 9). */
export class TenantGatherings<Ask, Answer> {
  private readonly ofTenants = new Map<string, Gathering<Ask, Answer>>();

  /** `go` as for a `Gathering`, with the tenant that its asks are about. */
  constructor(
    private readonly limits: GatheringLimits,
    private readonly go: (tenant: string, asks: readonly Ask[]) => Promise<readonly Reply<Answer>[]>,
  ) {}

  ask(tenant: string, ask: Ask): Promise<Answer> {
    const known = this.ofTenants.get(tenant);
    if (known) return known.ask(ask);
    const made = new Gathering<Ask, Answer>(this.limits, (asks) => this.go(tenant, asks));
    this.ofTenants.set(tenant, made);
    return made.ask(ask);
  }
}
