import type { Batch, ReceivedRecord } from '#libs/platform/kafka';
import { admit, type Admission, type Order } from './admission.js';
import type { DispatchStore, KnownTenants } from './dispatch.store.js';
import type { Patience } from './patience.js';
import type { KnownFacts } from './recognition.js';

/** What is known about some records of a batch before the first of them is delivered. */
export interface SliceContext {
  readonly batch: Batch;
  readonly patience: Patience;
  readonly msp: string;
  readonly tenants: ReadonlySet<string>;
  readonly admissions: readonly Admission[];
  /** `<tenant>/<event>` of what was delivered before; grows, since an event may come twice in one slice. */
  readonly taken: Set<string>;
  readonly facts: KnownFacts;
}

export function eventRef(order: Order): string {
  return `${order.tenant}/${order.eventId}`;
}

/** Reads what the records need, in a few questions to the database whatever their number. */
export class SliceReader {
  private known: KnownTenants | null = null;

  constructor(private readonly store: DispatchStore) {}

  async read(batch: Batch, patience: Patience, records: readonly ReceivedRecord[]): Promise<SliceContext> {
    const { ids, msp } = await this.tenantsFor(records);
    const admissions = records.map((record) => admit(record, (id) => ids.has(id)));
    const orders = admissions.flatMap((admission) => (admission.kind === 'order' ? [admission.order] : []));
    const taken = await this.store.taken(orders);
    const facts = await this.store.facts(orders.filter((order) => !taken.has(eventRef(order))));
    return { batch, patience, msp, tenants: ids, admissions, taken, facts };
  }

  /** Read again when a record names a tenant that was not there last time: it may be new. */
  private async tenantsFor(records: readonly ReceivedRecord[]): Promise<KnownTenants> {
    const known = this.known;
    if (known && records.every((record) => known.ids.has(record.headers['ce_tenantid'] ?? ''))) return known;
    this.known = await this.store.tenants();
    return this.known;
  }
}
