import type { Logger } from '#libs/platform/observability';
import { planLeases } from './lease-plan.js';
import type { LeaseStore } from './lease.store.js';

export const LEASE_MS = 10_000;
export const RENEW_MS = 2_000;
// what a relay has begun near the end of a lease should be over before another relay may begin
const MARGIN_MS = 2_000;

/** The shards that this relay may send now. Leases may overlap for a moment; readers ignore a sequence they already have. */
export class ShardLeases {
  private held: readonly number[] = [];
  private validUntil = 0;
  private surplus: readonly number[] = [];

  constructor(
    private readonly store: LeaseStore,
    private readonly me: string,
    private readonly logger: Logger,
  ) {}

  mine(): readonly number[] {
    return performance.now() < this.validUntil - MARGIN_MS ? this.held : [];
  }

  async renew(): Promise<void> {
    // counted from before the question, so that our lease never seems longer than the database's
    const asked = performance.now();
    const leases = await this.store.read();
    const owners = new Set(
      leases.filter((lease) => lease.live && lease.owner !== null).map((lease) => lease.owner),
    ).add(this.me);
    const plan = planLeases(leases, this.me, Math.max(owners.size, await this.store.countRelays(LEASE_MS)));
    this.surplus = plan.giveBack;
    const held = await this.store.hold([...plan.keep, ...plan.take], LEASE_MS);
    if (held.join() !== this.held.join()) this.logger.info({ shards: held }, 'relay holds shards');
    this.held = held;
    this.validUntil = asked + LEASE_MS;
  }

  /** Gives back what is over our share. The relay calls it between two rounds, when none of it is being sent. */
  async settle(): Promise<void> {
    const surplus = this.surplus;
    this.surplus = [];
    if (surplus.length > 0) await this.store.giveBack(surplus);
  }

  async giveBackAll(): Promise<void> {
    const all = [...this.held, ...this.surplus];
    this.held = [];
    await this.store.giveBack(all);
  }
}
