import { sql } from 'kysely';
import { appendAudit, ENGINE } from '../audit/index.js';
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
          SELECT status = 'active', closed_by FROM people WHERE ${isPersonOf(tenant, user)}
        ) ways_in`.execute(tx);
      return rows[0]!;
    });
  }

  /** Closes every way in that is open. A repeat finds none and changes nothing. */
  async close(tenant: string, user: string, by: string): Promise<void> {
    await this.write({ tenant, user, by, action: 'portal_account.closed' }, async (tx) => [
      await sql`UPDATE api_keys SET revoked_at = now(), closed_by = ${by} WHERE revoked_at IS NULL AND ${isOf(tenant, user)}`.execute(
        tx,
      ),
      // a closed person's sessions and tokens let in no more, whatever they say
      await sql`UPDATE people SET status = 'closed', closed_by = ${by} WHERE status = 'active' AND ${isPersonOf(tenant, user)}`.execute(
        tx,
      ),
    ]);
  }

  /** Gives back the ways in that this step closed, and no other. */
  async giveBack(tenant: string, user: string, by: string): Promise<void> {
    await this.write({ tenant, user, by, action: 'portal_account.given_back' }, async (tx) => [
      await sql`UPDATE api_keys SET revoked_at = NULL, closed_by = NULL WHERE closed_by = ${by} AND ${isOf(tenant, user)}`.execute(
        tx,
      ),
      await sql`UPDATE people SET status = 'active', closed_by = NULL WHERE closed_by = ${by} AND ${isPersonOf(tenant, user)}`.execute(
        tx,
      ),
    ]);
  }

  private async write(change: AccountChange, work: (tx: Transaction) => Promise<readonly Changed[]>): Promise<void> {
    await inTenants(this.database, [change.tenant], async (tx) => {
      const [keys, people] = (await work(tx)).map(({ numAffectedRows }) => Number(numAffectedRows ?? 0n));
      if (keys !== 0 || people !== 0) await putOnRecord(tx, change, { keys: keys!, people: people! });
    });
  }
}

type Changed = { readonly numAffectedRows?: bigint };

interface AccountChange {
  readonly tenant: string;
  readonly user: string;
  readonly by: string;
  readonly action: string;
}

async function putOnRecord(
  tx: Transaction,
  { tenant, user, by, action }: AccountChange,
  changed: { readonly keys: number; readonly people: number },
): Promise<void> {
  const { rows } = await sql<{ request: string }>`
    SELECT request_id AS request FROM runs WHERE tenant_id = ${tenant} AND id::text = ${by.split('/')[1] ?? ''}`.execute(
    tx,
  );
  const object = { kind: 'portal_account', id: subjectOf(tenant, user) };
  const request = rows[0]?.request ?? null;
  await appendAudit(tx, tenant, { action, actor: ENGINE, object, request, after: { step: by, ...changed } });
}

/** Subjects are `<name>@<tenant>`; a person is named by the customer's directory. */
function subjectOf(tenant: string, user: string): string {
  return `${user.split('@')[0]!}@${tenant}`.toLowerCase();
}

function isOf(tenant: string, user: string) {
  return sql<boolean>`tenant_id = ${tenant} AND lower(subject) = ${subjectOf(tenant, user)}`;
}

/** An emergency account is nobody's: it stays, whatever its name. */
function isPersonOf(tenant: string, user: string) {
  return sql<boolean>`source <> 'emergency' AND ${isOf(tenant, user)}`;
}
