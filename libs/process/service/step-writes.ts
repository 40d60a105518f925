import { sql } from 'kysely';
import type { Effect } from '#libs/kernel';
import { isDatabaseUnavailable, json, TenantGatherings, type Database, type Reply } from '#libs/platform/database';

/** One write of a step: its begin or its end. */
type StepWrite = { readonly run: string; readonly step: string } & (
  | { readonly does: 'begin'; readonly who: string; readonly image: Effect }
  | { readonly does: 'end'; readonly ending: object; readonly event: object }
);

/** More in one transaction would hold runs for each other; fewer would not be worth a second one beside it. */
const TOGETHER = { most: 16, crowd: 4 };

/**
 * The begins and ends of steps, of all runs that a worker has in hand. What a customer's steps write at the same moment
 * shares a transaction, because round trips and commits are what a step costs; each has its own answer, and none fails for
 * another's fault.
 */
export class StepWrites {
  private readonly gatherings: TenantGatherings<StepWrite, string>;

  constructor(private readonly database: Database) {
    this.gatherings = new TenantGatherings(TOGETHER, (tenant, writes) => this.commitTogether(tenant, writes));
  }

  /** Gives what `write_steps` answers (see the migrations `begin_step` and `end_step`), once it is committed. */
  write(tenant: string, write: StepWrite): Promise<string> {
    return this.gatherings.ask(tenant, write);
  }

  private async commitTogether(tenant: string, writes: readonly StepWrite[]): Promise<readonly Reply<string>[]> {
    try {
      return (await this.commit(tenant, writes)).map((answer) => ({ answer }));
    } catch (error) {
      if (writes.length === 1 || isDatabaseUnavailable(error)) throw error;
      return Promise.all(writes.map((write) => this.commitAlone(tenant, write)));
    }
  }

  /** One of them was refused, and with it the transaction of all: alone, each meets its own fate. */
  private commitAlone(tenant: string, write: StepWrite): Promise<Reply<string>> {
    return this.commit(tenant, [write]).then(
      ([answer]) => ({ answer: answer! }),
      (error: unknown) => ({ error }),
    );
  }

  private async commit(tenant: string, writes: readonly StepWrite[]): Promise<readonly string[]> {
    const { rows } = await sql<{ answers: string[] }>`
      SELECT write_steps(${tenant}, ${json(writes)}) AS answers`.execute(this.database);
    return rows[0]!.answers;
  }
}
