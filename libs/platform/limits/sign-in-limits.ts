import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { AppError } from '#libs/kernel';
import { isDatabaseUnavailable, type Database, type Transaction } from '../database/index.js';
import { SignInTooOften } from './limit.errors.js';
import { keyedMarkOf, networkOf } from './marks.js';
import { waitAfter, type FailureKind } from './sign-in-delay.js';

/** Somebody presents a proof of who they are: a password, passkey, code, or the token of a mailed link. */
export interface SignInAttempt {
  /** Where the call comes from (`request.ip`). */
  readonly address: string;
  /** Whom it claims to be, e.g. a mail address or subject; null when only the proof itself says so. */
  readonly account: string | null;
  /** What a browser keeps from an earlier success there, e.g. a random cookie; leave it out when there is none. */
  readonly device?: string | null;
}

/** An attempt that may go on. It counts as failed until it is told otherwise, so that guesses made at once count too. */
export interface BegunSignIn {
  /** The proof held: nothing counts against the account here, and the place is known from now on. */
  succeeded(account?: string): Promise<void>;
  /** Neither right nor wrong, e.g. the issuer did not answer: the attempt does not count. */
  withdraw(): Promise<void>;
}

/**
 * Slows guessing down: per address, and per account from places it has never signed in from. An account's own places have
 * counters of their own, so that nobody can lock a known person out by guessing at them from elsewhere.
 */
export interface SignInLimits {
  /** Call it before the proof is looked at. Throws `SignInTooOften` (429 with `Retry-After`). */
  begin(attempt: SignInAttempt): Promise<BegunSignIn>;
  /** Forgets where accounts signed in from and failed to; gives how many rows that were. Throws while their marks' key cannot be had. */
  forget(tx: Transaction, accounts: readonly string[]): Promise<number>;
}

/** Gives the key that marks are made by, the same at every instance. */
export type MarkKey = () => Promise<Buffer>;

interface Counted {
  readonly kind: FailureKind;
  readonly ref: string;
}
interface Recorded extends Counted {
  readonly failures: number;
  /** Since the last failure. */
  readonly seconds: number;
}

const MOST_ALONE = 10_000;

/** Counts in the database, so that all instances count together; while it or the marks' key is away, each counts by itself. */
export class SharedSignInLimits implements SignInLimits {
  private readonly alone = new Map<string, { failures: number; at: number }>();
  private readonly ownKey = randomBytes(32);

  constructor(
    private readonly database: Database,
    private readonly key: MarkKey,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async begin(attempt: SignInAttempt): Promise<BegunSignIn> {
    const { address } = attempt;
    let counted: readonly Counted[];
    try {
      const key = await this.key();
      const account = attempt.account === null ? null : accountMark(key, attempt.account);
      counted = await this.database
        .transaction()
        .execute((tx) => countShared(tx, addressMark(key, address), account, placesOf(key, attempt)));
    } catch (error) {
      if (!isAway(error)) throw error;
      const account = attempt.account === null ? null : accountMark(this.ownKey, attempt.account);
      counted = this.countAlone(addressMark(this.ownKey, address), account);
    }
    return {
      succeeded: (known) => this.succeeded(counted, attempt, known ?? attempt.account),
      withdraw: () => this.forgive(counted),
    };
  }

  async forget(tx: Transaction, accounts: readonly string[]): Promise<number> {
    const key = await this.key();
    const marks = accounts.map((account) => accountMark(key, account));
    const { rows } = await sql<{ rows: string }>`SELECT forget_accounts(${marks}::text[]) AS rows`.execute(tx);
    return Number(rows[0]!.rows);
  }

  private async succeeded(counted: readonly Counted[], attempt: SignInAttempt, account: string | null): Promise<void> {
    await this.forgive(counted);
    if (account === null) return;
    const key = await this.key();
    await sql`SELECT note_sign_in_success(${accountMark(key, account)}, ${placesOf(key, attempt)})`.execute(
      this.database,
    );
  }

  private async forgive(counted: readonly Counted[]): Promise<void> {
    for (const { kind, ref } of counted) this.alone.delete(`${kind}/${ref}`);
    const [kinds, refs] = columns(counted);
    await sql`SELECT forgive_sign_in(${kinds}, ${refs})`.execute(this.database);
  }

  private countAlone(address: string, account: string | null): readonly Counted[] {
    const counted: Counted[] = [{ kind: 'address', ref: address }];
    if (account !== null) counted.push({ kind: 'stranger', ref: account });
    const now = this.now();
    const known = counted.map((one) => ({
      ...one,
      ...(this.alone.get(`${one.kind}/${one.ref}`) ?? { failures: 0, at: now }),
    }));
    refuseEarly(known.map((one) => ({ ...one, seconds: (now - one.at) / 1_000 })));
    if (this.alone.size > MOST_ALONE) this.alone.clear();
    for (const { kind, ref, failures } of known) this.alone.set(`${kind}/${ref}`, { failures: failures + 1, at: now });
    return counted;
  }
}

async function countShared(
  tx: Transaction,
  address: string,
  account: string | null,
  places: string[],
): Promise<readonly Counted[]> {
  const { rows } = await sql<Recorded>`SELECT * FROM sign_in_record(${address}, ${account}, ${places})`.execute(tx);
  refuseEarly(rows);
  const [kinds, refs] = columns(rows);
  await sql`SELECT note_sign_in_failure(${kinds}, ${refs})`.execute(tx);
  return rows;
}

/** Throws `SignInTooOften` while one of the pauses lasts. An attempt within a pause is not counted: it would only make it longer. */
function refuseEarly(recorded: readonly Recorded[]): void {
  const waits = recorded.map(({ kind, failures, seconds }) => waitAfter(kind, failures, seconds));
  const wait = Math.ceil(Math.max(0, ...waits));
  if (wait === 0) return;
  throw new SignInTooOften(
    `Wait ${wait} s, then try again. Each further failure makes the pause longer, up to a limit.`,
    {
      retryAfterSeconds: wait,
    },
  );
}

function columns(counted: readonly Counted[]): [kinds: string[], refs: string[]] {
  return [counted.map(({ kind }) => kind), counted.map(({ ref }) => ref)];
}

/** The database, or what the marks' key is kept by. */
function isAway(error: unknown): boolean {
  return isDatabaseUnavailable(error) || (error instanceof AppError && error.kind === 'unavailable');
}

/** An account's name as it is counted: case makes no other account. */
function accountMark(key: Buffer, account: string): string {
  return keyedMarkOf(key, 'account', account.trim().toLowerCase());
}

function addressMark(key: Buffer, address: string): string {
  return keyedMarkOf(key, 'address', networkOf(address));
}

function placesOf(key: Buffer, { address, device }: SignInAttempt): string[] {
  const network = keyedMarkOf(key, 'place', networkOf(address));
  return device ? [keyedMarkOf(key, 'device', device), network] : [network];
}
