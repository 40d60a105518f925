import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anchorChains, chainEntries, contentHash, entryHash, FIRST_PREVIOUS, linkHash } from '#libs/platform/audit';
import { openDatabase, type Database } from '#libs/platform/database';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
let bridge: Database;
let secret: string;

beforeAll(async () => {
  fixture = await startApiFixture();
  bridge = openDatabase({ url: fixture.database.urlFor('bridge'), poolSize: 2 }, 'audit-test');
  for (const [tenant, limit] of [
    ['muster', 3],
    ['nordlicht', 4],
    ['muster', 5],
  ] as const)
    await put(tenant, limit);
  await actOnSecret();
  await chainEntries(bridge);
  await anchorChains(bridge, null);
});
afterAll(async () => {
  await bridge?.destroy();
  await fixture?.stop();
});

const put = (tenant: string, accountsPerHour: number) =>
  fixture.call('PUT', '/v1/settings', {
    as: 'msp/owner',
    headers: { 'stellwerk-tenant': tenant },
    body: { accountsPerHour, lastAdministrator: 'refuse' },
  });
const list = async (query = '', as: Who = 'msp/owner') => fixture.call('GET', `/v1/audit?${query}`, { as });
const actionsOf = async (query: string, as?: Who): Promise<string[]> =>
  (await list(query, as)).body.items.map(({ action }: { action: string }) => action);

/** An act on a request that only some may see. */
async function actOnSecret(): Promise<void> {
  const factory = RequestFactory.of('muster').about('greta.geheim').planned();
  const ids = await factory.with({ confidential_until: '2099-01-01T00:00:00Z' }).in(fixture.database.admin);
  secret = ids.id;
  const body = { act: 'cancel', reason: 'she stays after all' };
  const answer = await fixture.call('POST', `/v1/requests/${secret}/acts`, {
    as: 'muster/customer_admin',
    headers: fresh(),
    body,
  });
  expect(answer.status).toBe(200);
}

describe('GET /v1/audit', () => {
  it('tells who did what with before and after, the newest first', async () => {
    const { status, body } = await list('tenant=muster&action=settings.');
    expect(status).toBe(200);
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({
      ...{ tenant: 'muster', action: 'settings.changed', outcome: 'done', actor: 'owner@msp', erased: false },
      object: { kind: 'settings', id: 'muster' },
      before: { accountsPerHour: 3, lastAdministrator: 'refuse' },
      after: { accountsPerHour: 5 },
      link: { seq: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('pages through several tenants in one order', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await list(`action=settings.changed&limit=1${cursor}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toHaveLength(3);
    expect(seen).toEqual([...seen].sort().reverse());
  });

  it.each([
    ['actor=owner@msp&tenant=muster&action=settings.', 2],
    ['actor=nobody@msp', 0],
    ['objectKind=settings&objectId=nordlicht', 1],
    ['outcome=failed', 0],
    ['to=2001-01-01T00:00:00Z', 0],
    ['action=settings.&tenant=muster&from=2001-01-01T00:00:00Z&to=2199-01-01T00:00:00Z', 2],
    ['from=2199-01-01T00:00:00Z', 0],
  ])('filters by %s', async (query, count) => {
    expect((await list(query)).body.items).toHaveLength(count);
  });

  it.each<Who>(['muster/auditor', 'muster/customer_admin'])('shows %s nothing of another customer', async (as) => {
    const { body } = await list('', as);
    expect(new Set(body.items.map(({ tenant }: { tenant: string }) => tenant))).toEqual(new Set(['muster']));
    expect((await list('tenant=nordlicht', as)).status).toBe(404);
  });

  it.each<Who>(['msp/operator', 'msp/technician', 'muster/approver', 'muster/requester'])(
    'is closed to %s',
    async (as) => {
      expect((await list('', as)).status).toBe(403);
      expect((await fixture.call('GET', '/v1/audit/export', { as })).status).toBe(403);
    },
  );

  it('does not leak a confidential request to those who may not see it', async () => {
    expect(await actionsOf('tenant=muster', 'muster/customer_admin')).toContain('request.cancelled');
    for (const as of ['muster/auditor', 'msp/owner', 'msp/auditor'] as const) {
      for (const path of ['/v1/audit?tenant=muster', '/v1/audit/export?tenant=muster&links=true']) {
        const { text } = await fixture.call('GET', path, { as });
        expect(text).toContain('settings.changed');
        expect(text).not.toContain(secret);
        expect(text).not.toContain('she stays');
      }
    }
  });
});

describe('GET /v1/audit/export', () => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  type Line = any;
  const exported = async (query: string, as: Who = 'muster/customer_admin'): Promise<Line[]> => {
    const { status, headers, text } = await fixture.call('GET', `/v1/audit/export?${query}`, { as });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };

  /** What a receiver does who trusts nobody. Gives the head. */
  function computeChain(lines: Line[]): string {
    let previous = FIRST_PREVIOUS;
    for (const { type, tenant, link, ...entry } of lines.filter((line) => line.link)) {
      if (type === 'entry') {
        const { object, at, ...rest } = entry;
        const chainable = { ...rest, at: new Date(at), objectKind: object.kind, objectId: object.id };
        expect(contentHash(chainable)).toBe(link.contentHash);
        expect(entryHash(chainable, link.contentHash)).toBe(link.entryHash);
      }
      const { seq, entryHash: hashed, chainedAt } = link;
      previous = linkHash({ tenant, seq, previous, entry: hashed, chainedAt: new Date(chainedAt) });
      expect(previous).toBe(link.hash);
    }
    return previous;
  }

  it('lets a receiver compute the whole chain up to the published anchor', async () => {
    const lines = await exported('');
    const anchor = lines.find(({ type }) => type === 'anchor');
    expect(computeChain(lines)).toBe(anchor.hash);
    expect(lines.at(-1)).toEqual({ type: 'end', entries: lines.filter(({ type }) => type === 'entry').length });
  });

  it('lets one compute it although entries are hidden from them or filtered out, when the links are given', async () => {
    const lines = await exported('links=true&action=settings.', 'muster/auditor');
    expect(lines.some(({ type }) => type === 'link')).toBe(true);
    const anchor = lines.find(({ type }) => type === 'anchor');
    expect(computeChain(lines)).toBe(anchor.hash);
    const without = await exported('action=settings.', 'muster/auditor');
    expect(without.map(({ type }) => type)).toEqual(['entry', 'entry', 'anchor', 'end']);
  });

  it('is itself on record, before it begins', async () => {
    await exported('actor=owner@msp');
    const { body } = await list('tenant=muster&action=audit.exported&limit=1');
    expect(body.items[0]).toMatchObject({ actor: 'customer_admin@muster', after: { actor: 'owner@msp' }, link: null });
  });
});
