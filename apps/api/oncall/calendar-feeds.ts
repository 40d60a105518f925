import { sql } from 'kysely';
import { newId, type Json } from '#libs/kernel';
import { FeedNotFound, findSchedule, listSchedules, presentInstant, recordOf, shiftsOf } from '#libs/oncall';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Row, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import { hashOfLinkToken, isLinkToken, newLinkToken } from '#libs/platform/secrets';
import type { Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { CALENDAR_ADDRESS } from '../http/secret-addresses.js';
import { calendarText, type CalendarEntry } from './calendar-text.js';
import { feedView, type FeedDto, type FeedsView, type MadeFeedView } from './reach.dto.js';
import { scheduleNotFound } from './schedule-desk.js';

const DAY_MS = 86_400_000;
const DAYS_BACK = 14;
const DAYS_AHEAD = 92;

type FeedRow = Row<'oncall_feeds'>;

/** Addresses that calendar programs ask for shifts: a token stands for whoever made it. */
export class CalendarFeeds {
  constructor(
    private readonly database: Database,
    private readonly publicUrl: string,
  ) {}

  /** The caller’s own. */
  list({ actor, tenant }: Writer): Promise<FeedsView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const rows = await tx
        .selectFrom('oncall_feeds')
        .selectAll()
        .where('tenant_id', '=', tenant)
        .where('owner', '=', actor.subject)
        .where('revoked_at', 'is', null)
        .orderBy('created_at', 'desc')
        .limit(LARGEST_PAGE)
        .execute();
      return { items: rows.map(feedView) };
    });
  }

  /**
   * Draws an address. It is kept nowhere, so a repeat gets the answer without it. Throws `ScheduleNotFound` and what an
   * idempotent call throws.
   */
  make(call: CallKey, { actor, tenant }: Writer, body: FeedDto): Promise<MadeFeedView> {
    const schedule = body.schedule ?? null;
    const token = newLinkToken();
    const address = `${this.publicUrl}${CALENDAR_ADDRESS.replace(':token', token)}`;
    return this.database.transaction().execute(async (tx) => {
      const { firstAnswer } = await openCall(tx, call);
      if (firstAnswer) return firstAnswer as unknown as MadeFeedView;
      if (schedule !== null && !(await findSchedule(tx, [tenant], schedule))) throw scheduleNotFound(schedule);
      const feed = { tenant_id: tenant, id: newId(), owner: actor.subject, schedule_id: schedule };
      const row = await tx
        .insertInto('oncall_feeds')
        .values({ ...feed, token_hash: hashOfLinkToken(token) })
        .returningAll()
        .executeTakeFirstOrThrow();
      await onRecord(tx, row, 'calendar_feed.made');
      await keepAnswer(tx, call, 201, { ...feedView(row), address: null } as unknown as Json).execute(tx);
      return { ...feedView(row), address };
    });
  }

  /** Throws `FeedNotFound`; also for somebody else’s. */
  revoke({ actor, tenant }: Writer, id: string): Promise<void> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await tx
        .updateTable('oncall_feeds')
        .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .where('owner', '=', actor.subject)
        .returningAll()
        .executeTakeFirst();
      if (!row) throw new FeedNotFound(`There is no such calendar address ${id} of yours.`);
      await onRecord(tx, row, 'calendar_feed.revoked');
    });
  }

  /** What the address shows: 14 days back and 92 ahead. Null when it holds no longer, or nobody drew it. */
  async calendar(token: string): Promise<string | null> {
    if (!isLinkToken(token)) return null;
    const hash = hashOfLinkToken(token);
    const { rows } = await sql<{ tenant: string | null }>`SELECT tenant_of_feed(${hash}) AS tenant`.execute(
      this.database,
    );
    const tenant = rows[0]?.tenant ?? null;
    if (tenant === null) return null;
    return inTenants(this.database, [tenant], async (tx) => {
      const feed = await feedThatHolds(tx, tenant, hash);
      return feed === undefined ? null : calendarOf(tx, feed);
    });
  }
}

/** Whoever left sees no more shifts. */
function feedThatHolds(tx: Transaction, tenant: string, hash: Buffer): Promise<FeedRow | undefined> {
  return tx
    .selectFrom('oncall_feeds as f')
    .selectAll('f')
    .where('f.tenant_id', '=', tenant)
    .where('f.token_hash', '=', hash)
    .where('f.revoked_at', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('people as p')
            .select('p.id')
            .whereRef('p.tenant_id', '=', 'f.tenant_id')
            .whereRef('p.subject', '=', 'f.owner')
            .where('p.status', '<>', 'active'),
        ),
      ),
    )
    .executeTakeFirst();
}

async function calendarOf(tx: Transaction, { tenant_id: tenant, schedule_id, owner }: FeedRow): Promise<string> {
  const now = await presentInstant(tx);
  const [from, to] = [now - DAYS_BACK * DAY_MS, now + DAYS_AHEAD * DAY_MS];
  const all = await listSchedules(tx, [tenant], LARGEST_PAGE);
  const rows = schedule_id === null ? all : all.filter(({ id }) => id === schedule_id);
  const entries: CalendarEntry[] = [];
  for (const row of rows) {
    const shifts = shiftsOf(await recordOf(tx, row, from), from, to);
    const shown = schedule_id === null ? shifts.filter(({ person }) => person === owner) : shifts;
    entries.push(
      ...shown.map((shift) => ({
        ...{ ...shift, schedule: row.id },
        summary: schedule_id === null ? row.name : `${row.name}: ${shift.person}`,
      })),
    );
  }
  return calendarText(schedule_id === null ? owner : (rows[0]?.name ?? ''), entries, now);
}

async function onRecord(tx: Transaction, row: FeedRow, action: string): Promise<void> {
  const object = { kind: 'calendar_feed', id: row.id };
  const after = feedView(row) as unknown as Json;
  await appendAudit(tx, row.tenant_id, { action, actor: row.owner, object, after });
}
