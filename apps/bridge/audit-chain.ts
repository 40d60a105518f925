import { anchorChains, chainEntries, type AnchorSigner } from '#libs/platform/audit';
import type { Database } from '#libs/platform/database';

export const CHAIN_MS = 1_000;
const IDLE_MS = 2_000;
const SHORTEST_MS = 15_000;
const LONGEST_MS = 60_000;

/**
 * Chains what was put on record, and anchors the chains: once nothing new came for two seconds, at most every 15 seconds,
 * and at the latest every minute. Safe to run in several bridges at once.
 */
export class AuditChain {
  private chainedAt = -Infinity;
  private anchoredAt = -Infinity;
  private grown = false;

  constructor(
    private readonly database: Database,
    private readonly sign: AnchorSigner,
    private readonly milliseconds: () => number = () => performance.now(),
  ) {}

  /** One look. Rejects when the database cannot be asked. */
  async look(): Promise<void> {
    for (;;) {
      const { chained, more } = await chainEntries(this.database);
      if (chained > 0) {
        this.grown = true;
        this.chainedAt = this.milliseconds();
      }
      if (!more) break;
      if (this.isDue()) await this.anchor();
    }
    if (this.isDue()) await this.anchor();
  }

  private isDue(): boolean {
    const now = this.milliseconds();
    const sinceAnchor = now - this.anchoredAt;
    return sinceAnchor >= LONGEST_MS || (this.grown && sinceAnchor >= SHORTEST_MS && now - this.chainedAt >= IDLE_MS);
  }

  private async anchor(): Promise<void> {
    await anchorChains(this.database, this.sign);
    this.anchoredAt = this.milliseconds();
    this.grown = false;
  }
}
