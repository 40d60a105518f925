import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { inTenants, openDatabase, type Database } from '#libs/platform/database';
import { MailedLinks, revokeMailedLinks, type WantedLink } from '#libs/platform/mailed-links';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { ActByLink, type Presented } from '../../../apps/api/mailed-links/act-by-link.js';
import type { LinkPage } from '../../../apps/api/mailed-links/link-page.js';
import { toldPage } from '../../../apps/api/pages/page.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { testMasterKeys } from '../../support/master-keys.js';

let database: TestDatabase;
let api: Database;
let worker: Database;
let links: MailedLinks;
let desk: ActByLink;
let acts = 0;
let refused: string[] = [];

/** Counts its acts by a row of its own, so that what is taken back shows. */
const page: LinkPage = {
  purpose: 'approval',
  show: () => Promise.resolve({ page: toldPage(['To decide']) }),
  act: async (tx, link, form) => {
    if (form.get('decision') !== 'approve') return { usesUp: false, page: toldPage(['Choose']) };
    const { tenant, id } = link;
    await sql`INSERT INTO event_keys (tenant_id, key, sequence) VALUES (${tenant}, ${`test/${id}/${newId()}`}, 1)`.execute(
      tx,
    );
    return { usesUp: true, page: toldPage(['Done']) };
  },
  afterwards: () => void (acts += 1),
};

beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['muster', 'nordlicht'])
    await database.admin
      .insertInto('tenants')
      .values({ id, kind: 'customer', name: id, time_zone: 'Europe/Berlin' })
      .execute();
  api = openDatabase({ url: database.urlFor('api'), poolSize: 6 }, 'test-api');
  worker = openDatabase({ url: database.urlFor('worker'), poolSize: 4 }, 'test-worker');
  links = new MailedLinks(worker, new SealedValues(worker, openKeyRing(testMasterKeys())), 'https://portal.example');
  desk = new ActByLink(api, [page], ({ id }, code) => void refused.push(`${id} ${code}`));
});
beforeEach(() => {
  acts = 0;
  refused = [];
});
afterAll(async () => {
  await api.destroy();
  await worker.destroy();
  await database.drop();
});

const wanted = (change: Partial<WantedLink> = {}): WantedLink => ({
  tenant: 'muster',
  purpose: 'approval',
  objectId: newId(),
  recipient: 'anna@firma.example',
  language: null,
  validHours: 48,
  ...change,
});

function presented(url: string, change: Partial<Presented> = {}): Presented {
  const [purpose = '', token = ''] = new URL(url).pathname.split('/').slice(2);
  return { purpose, token, language: 'en', ...change };
}

const approve = new Map([['decision', 'approve']]);
const headingOf = async (answer: Promise<{ readonly page: { readonly heading: string } }>) =>
  (await answer).page.heading;
const rows = async (): Promise<unknown> =>
  (
    await sql`SELECT l::text AS text, (SELECT count(*) FROM event_keys) AS written FROM mailed_links l ORDER BY id`.execute(
      database.admin,
    )
  ).rows;

describe('a mailed link', () => {
  it('is the same at a repeat of the activity that sends it, and another for another reader', async () => {
    const link = wanted();
    const first = await links.offer(link);
    expect(await links.offer(link)).toEqual(first);
    expect((await links.offer({ ...link, recipient: 'otto@firma.example' })).url).not.toBe(first.url);
  });

  it('is one link, whoever mails it at the same time', async () => {
    const link = wanted();
    const offered = await Promise.all([links.offer(link), links.offer(link), links.offer(link)]);
    expect(new Set(offered.map(({ url }) => url)).size).toBe(1);
  });

  it('changes nothing when it is looked at, acts once, and says afterwards that it was used', async () => {
    const { url } = await links.offer(wanted());
    const before = await rows();
    for (let scan = 0; scan < 3; scan += 1) expect(await headingOf(desk.look(presented(url)))).toBe('To decide');
    expect(await headingOf(desk.act(presented(url), new Map()))).toBe('Choose');
    expect(await rows()).toEqual(before);
    expect(await headingOf(desk.act(presented(url), approve))).toBe('Done');
    for (const again of [desk.act(presented(url), approve), desk.look(presented(url))])
      expect(await again).toMatchObject({ status: 410, page: { heading: 'This link was used already' } });
    expect(acts).toBe(1);
  });

  it('pressed twice at the same time acts once; what the second wrote is taken back', async () => {
    const link = await links.offer(wanted());
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => headingOf(desk.act(presented(link.url), approve))),
    );
    expect(answers.filter((heading) => heading === 'Done')).toHaveLength(1);
    const { rows: written } = await sql<{ count: number }>`
      SELECT count(*) FROM event_keys WHERE key LIKE ${`test/${link.id}/%`}`.execute(database.admin);
    expect(written[0]!.count).toBe(1);
  });

  it('that expired or was revoked acts no more, and each says why', async () => {
    const expired = await links.offer(wanted());
    await sql`UPDATE mailed_links SET expires_at = now() WHERE id = ${expired.id}`.execute(database.admin);
    await desk.look(presented(expired.url));
    expect(refused).toEqual([]);
    expect(await headingOf(desk.act(presented(expired.url), approve))).toBe('This link has expired');
    const link = wanted();
    const revoked = await links.offer(link);
    await inTenants(api, ['muster'], (tx) => revokeMailedLinks(tx, link));
    expect(await headingOf(desk.act(presented(revoked.url), approve))).toBe('This link is no longer valid');
    expect(refused).toEqual([`${expired.id} expired`, `${revoked.id} revoked`]);
    // whoever is asked anew gets another one
    expect((await links.offer(link)).url).not.toBe(revoked.url);
    expect(acts).toBe(0);
  });

  it.each(['suspended', 'offboarding'] as const)(
    'of a customer that is %s shows nothing and acts on nothing',
    async (status) => {
      const { url } = await links.offer(wanted({ tenant: 'nordlicht' }));
      const stands = (now: string) =>
        sql`UPDATE tenants SET status = ${now} WHERE id = 'nordlicht'`.execute(database.admin);
      await stands(status);
      const before = await rows();
      for (const answer of [desk.look(presented(url)), desk.act(presented(url), approve)])
        expect(await answer).toMatchObject({ status: 403, page: { heading: 'Your company’s access is suspended' } });
      expect(await rows()).toEqual(before);
      await stands('active');
      expect(await headingOf(desk.act(presented(url), approve))).toBe('Done');
    },
  );

  it('whose row was deleted is told apart from one that never was', async () => {
    const { url, id } = await links.offer(wanted());
    await database.admin.deleteFrom('mailed_links').where('id', '=', id).execute();
    expect(await desk.act(presented(url), approve)).toMatchObject({
      status: 410,
      page: { heading: 'This link is gone' },
    });
  });

  it('speaks the reader’s language when that is known, else the browser’s', async () => {
    const german = await links.offer(wanted({ language: 'de' }));
    await desk.act(presented(german.url), approve);
    expect(await desk.look(presented(german.url))).toMatchObject({ language: 'de' });
    const unknown = await links.offer(wanted());
    expect(await desk.look(presented(unknown.url, { language: 'de' }))).toMatchObject({ language: 'de' });
  });
});

describe('an attacker', () => {
  const FORGED = { status: 404, page: { heading: 'We did not issue this link' } };

  it('who changes a bit, cuts the token short or makes one up is told that it is not ours', async () => {
    const { url } = await links.offer(wanted());
    const { token } = presented(url);
    const flipped = token.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    const middle = token.slice(0, 40) + (token[40] === 'A' ? 'B' : 'A') + token.slice(41);
    const madeUp = `muster.${randomBytes(100).toString('base64url')}`;
    for (const forged of [flipped, middle, token.slice(0, -3), `${token}x`, madeUp, '', 'x', token.split('.')[1]!])
      expect(await desk.act(presented(url, { token: forged }), approve)).toMatchObject(FORGED);
    expect(await headingOf(desk.look(presented(url)))).toBe('To decide');
  });

  it('who presents one customer’s link as another’s, or for another purpose, is told that it is not ours', async () => {
    await links.offer(wanted({ tenant: 'nordlicht' }));
    const { url } = await links.offer(wanted());
    const { token } = presented(url);
    for (const change of [
      { token: token.replace('muster.', 'nordlicht.') },
      { token: token.replace('muster.', 'nobody.') },
      { purpose: 'survey' },
      { purpose: '__proto__' },
    ])
      expect(await desk.act(presented(url, change), approve)).toMatchObject(FORGED);
  });

  it('who reads the whole database finds no token, and with the API’s rights can make no link', async () => {
    const { url } = await links.offer(wanted());
    const { token } = presented(url);
    const { rows: found } = await sql<{ text: string }>`
      SELECT l::text AS text FROM mailed_links l UNION ALL SELECT s::text FROM sealed_values s UNION ALL SELECT k::text FROM mailed_link_keys k`.execute(
      database.admin,
    );
    expect(found.map((row) => row.text).join()).not.toContain(token.split('.')[1]);
    const row = {
      ...{ tenant_id: 'muster', id: newId(), purpose: 'approval', object_id: newId(), recipient: 'x@y.example' },
      ...{ language: null, token_hash: randomBytes(32), expires_at: new Date('2030-01-01') },
    };
    const insert = inTenants(api, ['muster'], (tx) => tx.insertInto('mailed_links').values(row).execute());
    await expect(insert).rejects.toThrow(/permission denied/);
    const renew = inTenants(api, ['muster'], (tx) =>
      sql`UPDATE mailed_links SET expires_at = now() + interval '1 year'`.execute(tx),
    );
    await expect(renew).rejects.toThrow(/permission denied/);
  });
});
