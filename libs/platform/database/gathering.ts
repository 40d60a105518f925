/** An ask with its answer still to come. */
interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** How one ask of a gathering went. */
export type Reply<Answer> = { readonly answer: Answer } | { readonly error: unknown } | 'again';

/**
 * Lets asks that arrive together share one trip to the database: while one trip is under way the next asks gather, and
 * the next trip takes them all. An ask never joins a trip that has begun, so what it reads is as fresh as if it went alone.
 */
export class Gathering<Ask, Answer> {
  private waiting: Waiting<Ask, Answer>[] = [];
  private running = false;

  /**
   * `go` gives a reply to each ask, in their order; with `again` the ask takes part in the next trip. When it rejects, all
   * asks of the trip get that error.
   */
  constructor(
    private readonly most: number,
    private readonly go: (asks: readonly Ask[]) => Promise<readonly Reply<Answer>[]>,
  ) {}

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ ask, resolve, reject });
      if (this.running) return;
      this.running = true;
      // what arrives in the same turn of the event loop goes along
      setImmediate(() => void this.run());
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) await this.trip(this.waiting.splice(0, this.most));
    this.running = false;
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
