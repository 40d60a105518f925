import { Gathering, type Reply } from '../database/index.js';
import type { Logger } from '../observability/index.js';
import { RateEntry, SlotEntry, type Lease } from './entries.js';
import { ADDRESS_RATES, HOLDERS, type AddressName, type CallClass, type UsualLimits } from './limit-table.js';
import { ConcurrencyExceeded, RateExceeded } from './limit.errors.js';
import type { Asked, Granted, LimitStore } from './limit.store.js';
import { markOf, networkOf } from './marks.js';
import { rateFields } from './rate-fields.js';

/** Whose limits a call counts against. */
export interface LimitedCaller {
  /** The id of the key, session or client. */
  readonly key: string;
  readonly subject: string;
  /** The tenant that the caller belongs to, whomever it writes for: a customer's flood must not keep the MSP from helping it. */
  readonly tenant: string;
}

/** What becomes of a call. */
export type Verdict =
  | { readonly admitted: true; readonly fields: Readonly<Record<string, string>>; leave(): void }
  | {
      readonly admitted: false;
      /** Milliseconds until another try makes sense. */
      readonly waitMs: number;
      readonly fields: Readonly<Record<string, string>>;
      readonly error: RateExceeded | ConcurrencyExceeded;
    };

/** What one caller's calls of one class count against. */
interface Account {
  readonly rates: readonly RateEntry[];
  readonly slots: readonly SlotEntry[];
  usedAt: number;
}

const TICK_MS = 1_000;
const FORGET_MS = 60_000;
const MOST_ACCOUNTS = 20_000;
/** After a failure the database is left alone for so long; meanwhile each instance keeps to the whole limit by itself. */
const ALONE_MS = 1_000;
const MOST_ASKS = 200;

/**
 * Limits of calls, shared by all instances of the API. Tokens and slots are leased in portions beforehand, so that a call
 * of a busy caller asks nobody. Without the database the limits hold per instance.
 */
export class Limits {
  private readonly accounts = new Map<string, Account>();
  private readonly entries = new Map<string, RateEntry | SlotEntry>();
  private readonly trips: Gathering<Asked, Granted>;
  private timer: NodeJS.Timeout | null = null;
  private aloneUntil = -Infinity;
  private wasAlone = false;

  constructor(
    private readonly store: Pick<LimitStore, 'lease'>,
    /** Of tenants that have none of their own. */
    readonly usual: UsualLimits,
    private readonly logger: Pick<Logger, 'warn' | 'info'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.trips = new Gathering({ most: MOST_ASKS }, (asked) => this.travel(asked));
  }

  /** Renews and gives back from now on, until `stop`. */
  start(): void {
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** Gives back whatever is held. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    const tells = [...this.entries.values()].map((entry) => {
      const asked: Asked =
        entry instanceof RateEntry
          ? entry.givenBack()
          : { kind: 'slots', ...entry.key, want: 0, most: entry.slots.most };
      return entry.tell(asked, this.now);
    });
    await Promise.allSettled(tells);
  }

  /**
   * Whether a call may go on that counts for so many; the caller leaves once it is answered. A promise only where something
   * has to be leased.
   */
  admit(caller: LimitedCaller, callClass: CallClass, countsFor = 1): Verdict | Promise<Verdict> {
    const account = this.accountOf(`${caller.key} ${caller.subject} ${callClass}`, () =>
      this.openAccount(caller, callClass),
    );
    return this.tryAdmit(account, countsFor) ?? this.admitAfterLease(account, countsFor);
  }

  /** Whether somebody at this address who is not signed in may go on: nothing is held, so nobody leaves. */
  admitAddress(name: AddressName, address: string): Verdict | Promise<Verdict> {
    const account = this.addressAccount(name, address);
    return this.tryAdmit(account, 1) ?? this.admitAfterLease(account, 1);
  }

  /** How long an address has to wait whose limit was used up a moment ago, in milliseconds; 0: it may go on. Asks nobody. */
  addressWait(name: AddressName, address: string): number {
    const account = this.accounts.get(`${name} ${address}`);
    const tokens = account?.rates[0]!.tokens;
    return tokens?.state(this.now()) === 'shut' ? tokens.waitFrom(this.now()) : 0;
  }

  /** Whether a call from this address counted against this limit of late. */
  hasCounted(name: AddressName, address: string): boolean {
    return this.accounts.has(`${name} ${address}`);
  }

  private addressAccount(name: AddressName, address: string): Account {
    return this.accountOf(`${name} ${address}`, () => {
      const key = { tenant: null, name, ref: markOf(name, networkOf(address)) };
      return { rates: [this.rateEntry(key, ADDRESS_RATES[name])], slots: [], usedAt: this.now() };
    });
  }

  private openAccount({ key, subject, tenant }: LimitedCaller, callClass: CallClass): Account {
    const refs = { key, person: markOf('subject', subject), tenant: '' };
    const rates = HOLDERS.map((holder) =>
      this.rateEntry(
        { tenant, name: `${callClass}.${holder}`, ref: refs[holder] },
        this.usual.rates[`${callClass}.${holder}`],
      ),
    );
    const slots = (['key', 'tenant'] as const).map((holder) =>
      this.slotEntry(
        { tenant, name: `under_way.${holder}`, ref: refs[holder] },
        this.usual.slots[`under_way.${holder}`],
      ),
    );
    return { rates, slots, usedAt: this.now() };
  }

  private accountOf(id: string, open: () => Account): Account {
    const known = this.accounts.get(id);
    if (known) return known;
    // the longest known goes: whoever calls on is known again at once
    if (this.accounts.size >= MOST_ACCOUNTS) this.accounts.delete(this.accounts.keys().next().value!);
    const opened = open();
    this.accounts.set(id, opened);
    return opened;
  }

  private rateEntry(key: RateEntry['key'], usual: RateEntry['tokens']['currentLimit']): RateEntry {
    return this.entryOf(key, (lease) => new RateEntry(key, usual, lease)) as RateEntry;
  }

  private slotEntry(key: SlotEntry['key'], usual: number): SlotEntry {
    return this.entryOf(key, (lease) => new SlotEntry(key, usual, lease)) as SlotEntry;
  }

  private entryOf({ tenant, name, ref }: RateEntry['key'], make: (lease: Lease) => RateEntry | SlotEntry) {
    const id = JSON.stringify([tenant, name, ref]);
    const known = this.entries.get(id);
    if (known) return known;
    const made = make((asked) => this.trips.ask(asked));
    this.entries.set(id, made);
    return made;
  }

  /** Decides from what is held here; null when something has to be leased first. */
  private tryAdmit(account: Account, countsFor: number): Verdict | null {
    const now = this.now();
    account.usedAt = now;
    let mustAsk = false;
    for (const entry of account.rates) {
      const state = entry.tokens.state(now);
      if (state === 'shut') return refusedRate(account, entry, entry.tokens.waitFrom(now));
      if (state === 'ask') mustAsk = true;
    }
    for (const entry of account.slots) {
      const state = entry.slots.state(now);
      if (state === 'shut') return refusedSlot(account, entry, entry.slots.waitFrom(now));
      if (state === 'ask') mustAsk = true;
    }
    if (mustAsk) return null;
    for (const entry of account.rates) {
      entry.tokens.spend(countsFor);
      if (entry.tokens.runsLow(now)) void entry.more(this.now).catch(() => undefined);
    }
    return this.enter(account, now);
  }

  private enter(account: Account, now: number): Verdict {
    for (const { slots } of account.slots) slots.enter(now);
    let isIn = true;
    const leave = (): void => {
      if (isIn) for (const { slots } of account.slots) slots.leave();
      isIn = false;
    };
    return { admitted: true, fields: rateFields(account.rates), leave };
  }

  private async admitAfterLease(account: Account, countsFor: number): Promise<Verdict> {
    for (;;) {
      const now = this.now();
      if (now < this.aloneUntil) return this.admitAlone(account, countsFor, now);
      const asking = [
        ...account.rates.filter(({ tokens }) => tokens.state(now) === 'ask'),
        ...account.slots.filter(({ slots }) => slots.state(now) === 'ask'),
      ];
      // a failure has set `aloneUntil`
      await Promise.all(asking.map((entry) => entry.more(this.now))).catch(() => undefined);
      const verdict = this.tryAdmit(account, countsFor);
      if (verdict) return verdict;
    }
  }

  private admitAlone(account: Account, countsFor: number, now: number): Verdict {
    const full = account.slots.find(({ slots }) => !slots.isOpenAlone());
    if (full) return refusedSlot(account, full, ALONE_MS);
    for (const entry of account.rates) {
      if (entry.tokens.state(now) === 'open') entry.tokens.spend(countsFor);
      else if (!entry.spendAlone(now, countsFor)) return refusedRate(account, entry, ALONE_MS);
    }
    return this.enter(account, now);
  }

  private async travel(asked: readonly Asked[]): Promise<Reply<Granted>[]> {
    try {
      const granted = await this.store.lease(asked);
      if (this.wasAlone) this.logger.info({}, 'limits are shared again');
      this.wasAlone = false;
      return granted.map((answer) => ({ answer }));
    } catch (error) {
      this.aloneUntil = this.now() + ALONE_MS;
      if (!this.wasAlone) this.logger.warn({ err: error }, 'limits hold per instance as long as the database is away');
      this.wasAlone = true;
      throw error;
    }
  }

  private tick(): void {
    const now = this.now();
    for (const [id, account] of this.accounts) if (now - account.usedAt > FORGET_MS) this.accounts.delete(id);
    if (now < this.aloneUntil) return;
    const inUse = new Set([...this.accounts.values()].flatMap(({ rates, slots }) => [...rates, ...slots]));
    for (const [id, entry] of this.entries) {
      const asked = entry instanceof RateEntry ? entry.expired(now) : entry.due(now);
      if (asked) void entry.tell(asked, this.now).catch(() => undefined);
      else if (!inUse.has(entry) && (entry instanceof RateEntry || entry.slots.isIdle)) this.entries.delete(id);
    }
  }
}

const WHOSE: Readonly<Record<string, string>> = {
  key: 'this key or session',
  person: 'you, with all keys and sessions together',
  tenant: 'your company',
  address: 'your address, without being signed in',
};

function refusedRate({ rates }: Account, { key, tokens }: RateEntry, waitMs: number): Verdict {
  const [callClass, holder] = key.name.split('.') as [string, string];
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const { perSecond, most } = tokens.currentLimit;
  const what = `The limit of ${most} ${callClass} calls in one go and ${perSecond} a second for ${WHOSE[holder]} is reached.`;
  const error = new RateExceeded(`${what} Wait ${seconds} s; spread your calls.`, { retryAfterSeconds: seconds });
  return { admitted: false, waitMs, fields: rateFields(rates), error };
}

function refusedSlot({ rates }: Account, { key, slots }: SlotEntry, waitMs: number): Verdict {
  const holder = key.name.split('.')[1]!;
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const what = `The limit of ${slots.most} calls under way for ${WHOSE[holder]} is reached.`;
  const error = new ConcurrencyExceeded(`${what} Wait for answers before you send more.`, {
    retryAfterSeconds: seconds,
  });
  return { admitted: false, waitMs, fields: rateFields(rates), error };
}
