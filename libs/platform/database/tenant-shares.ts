import { DatabaseUnavailable } from './database-errors.js';

/** So long a transaction waits for its tenant's turn. */
const PATIENCE_MS = 10_000;

interface Share {
  inUse: number;
  readonly waiting: (() => void)[];
}

/**
 * Shares a pool's connections out: whatever one tenant's transactions take and however long they last, some connections are
 * left for the others. Who is over its share waits for its own tenant's transactions, in their order.
 */
export class TenantShares {
  private readonly shares = new Map<string, Share>();
  /** Connections that one tenant has at most. */
  readonly most: number;

  constructor(
    poolSize: number,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.most = Math.max(1, Math.ceil(poolSize * 0.4));
  }

  /** Runs work that takes one connection. Throws `DatabaseUnavailable` when the turn does not come within ten seconds. */
  async within<T>(tenants: readonly string[], work: () => Promise<T>): Promise<T> {
    // lists of several tenants are the MSP's own
    const name = tenants.length === 1 ? tenants[0]! : '';
    const share = this.shareOf(name);
    if (share.inUse >= this.most) await this.turn(share);
    else share.inUse += 1;
    try {
      return await work();
    } finally {
      this.leave(name, share);
    }
  }

  private shareOf(name: string): Share {
    const known = this.shares.get(name);
    if (known) return known;
    const made: Share = { inUse: 0, waiting: [] };
    this.shares.set(name, made);
    return made;
  }

  private turn(share: Share): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        share.waiting.splice(share.waiting.indexOf(begin), 1);
        reject(new DatabaseUnavailable('This tenant keeps all its connections busy. Try again in a moment.'));
      }, this.patienceMs);
      share.waiting.push(begin);
    });
  }

  /** The place goes to the next who waits, else back. */
  private leave(name: string, share: Share): void {
    const next = share.waiting.shift();
    if (next) return next();
    share.inUse -= 1;
    if (share.inUse === 0) this.shares.delete(name);
  }
}
