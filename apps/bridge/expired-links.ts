import { sql } from 'kysely';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Row } from '#libs/platform/database';
import { appendTimeline } from '#libs/process';

const AT_ONCE = 100;

type ExpiredLink = Pick<Row<'one_time_links'>, 'tenant_id' | 'id' | 'run_id' | 'step_id'>;

/**
 * Deletes what stands behind links that nobody opened in time, and says so in the history of their runs. (They could not
 * be opened any more anyway.) Safe to repeat and to run in several bridges at once. Gives how many there were.
 */
export async function expireLinks(database: Database): Promise<number> {
  let count = 0;
  for (;;) {
    const links = await findExpired(database);
    for (const link of links) count += (await expire(database, link)) ? 1 : 0;
    if (links.length < AT_ONCE) return count;
  }
}

function findExpired(database: Database): Promise<ExpiredLink[]> {
  return database
    .selectFrom('one_time_links')
    .select(['tenant_id', 'id', 'run_id', 'step_id'])
    .where('expires_at', '<', sql<Date>`now()`)
    .where('expired_at', 'is', null)
    .where('revealed_at', 'is', null)
    .where('revoked_at', 'is', null)
    .limit(AT_ONCE)
    .execute();
}

async function expire(database: Database, link: ExpiredLink): Promise<boolean> {
  return inTenants(database, [link.tenant_id], async (tx) => {
    const changed = await tx
      .updateTable('one_time_links')
      .set({ ciphertext: null, expired_at: sql<Date>`now()` })
      .where('tenant_id', '=', link.tenant_id)
      .where('id', '=', link.id)
      .where('expires_at', '<', sql<Date>`now()`)
      .where('expired_at', 'is', null)
      .where('revealed_at', 'is', null)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    await appendTimeline(tx, link.tenant_id, link.run_id, [
      { kind: 'link_expired', who: ENGINE, stepId: link.step_id, data: { linkId: link.id } },
    ]);
    const run = await tx
      .selectFrom('runs')
      .select('request_id')
      .where('tenant_id', '=', link.tenant_id)
      .where('id', '=', link.run_id)
      .executeTakeFirstOrThrow();
    await appendAudit(tx, link.tenant_id, {
      ...{ action: 'one_time_link.expired', actor: ENGINE, object: { kind: 'one_time_link', id: link.id } },
      ...{ request: run.request_id, after: { run: link.run_id, step: link.step_id } },
    });
    return true;
  });
}
