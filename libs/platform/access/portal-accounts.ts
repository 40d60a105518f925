import { sql } from 'kysely';
import { inTenants, type Database, type Transaction } from '../database/index.js';

/** Somebody's account of the portal: the person who signs in, and the keys that let them in. It is opened and closed as a whole. */
export interface PortalAccount {
  /** Keys and sign-ins that let the person in now. */
  readonly openKeys: number;
  /** Keys and sign-ins that a step of a run closed, and nobody gave back. */
  readonly closedKeys: number;
}

/** The portal accounts of customers' people. `by` names the step that closes: `<tenant>/<run>/<step>`. */
export class PortalAccounts {
  constructor(private readonly database: Database) {}

  /** The account of a person by login name, with or without a mail domain. */
  find(tenant: string, user: string, by: string): Promise<PortalAccount> {
    return inTenants(this.database, [tenant], async (tx) => {
      const { rows } = await sql<PortalAccount>`
        SELECT count(*) FILTER (WHERE is_open) AS "openKeys", count(*) FILTER (WHERE closed_by = ${by}) AS "closedKeys"
        FROM (
          SELECT revoked_at IS NULL AS is_open, closed_by FROM api_keys WHERE ${isOf(tenant, user)}
          UNION ALL
          SELECT status = 'active', closed_by FROM people WHERE ${isOf(tenant, user)}
        ) ways_in`.execute(tx);
      return rows[0]!;
    });
  }

  /** Closes every way in that is open. A repeat finds none and changes nothing. */
  async close(tenant: string, user: string, by: string): Promise<void> {
    await this.write(tenant, async (tx) => {
      await sql`UPDATE api_keys SET revoked_at = now(), closed_by = ${by} WHERE revoked_at IS NULL AND ${isOf(tenant, user)}`.execute(
        tx,
      );
      // a closed person's sessions and tokens let in no more, whatever they say
      await sql`UPDATE people SET status = 'closed', closed_by = ${by} WHERE status = 'active' AND ${isOf(tenant, user)}`.execute(
        tx,
      );
    });
  }

  /** Gives back the ways in that this step closed, and no other. */
  async giveBack(tenant: string, user: string, by: string): Promise<void> {
    await this.write(tenant, async (tx) => {
      await sql`UPDATE api_keys SET revoked_at = NULL, closed_by = NULL WHERE closed_by = ${by} AND ${isOf(tenant, user)}`.execute(
        tx,
      );
      await sql`UPDATE people SET status = 'active', closed_by = NULL WHERE closed_by = ${by} AND ${isOf(tenant, user)}`.execute(
        tx,
      );
    });
  }

  private write(tenant: string, work: (tx: Transaction) => Promise<unknown>): Promise<unknown> {
    return inTenants(this.database, [tenant], work);
  }
}

/** Subjects are `<name>@<tenant>`; a person is named by the customer's directory. */
function isOf(tenant: string, user: string) {
  const subject = `${user.split('@')[0]!}@${tenant}`.toLowerCase();
  return sql<boolean>`tenant_id = ${tenant} AND lower(subject) = ${subject}`;
}
