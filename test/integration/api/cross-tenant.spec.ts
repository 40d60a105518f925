import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiAnswer, type ApiFixture } from '../../support/api/api-fixture.js';
import type { ExampleCall } from './scan/example.js';
import { scannedRoutes, type ScannedRoute } from './scan/routes.js';
import { send, TENANT_HEADER, type Caller } from './scan/send.js';
import { columnsToPlant, rowsOf } from './scan/tenant-tables.js';
import { startUnlimitedApi } from './scan/unlimited.js';
import { buildVictim, ID, MARK, OTHER, strangers, VICTIM, type Victim } from './scan/victim.js';

const routes = await scannedRoutes();
const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);

let fixture: ApiFixture;
let victim: Victim;
let callers: readonly Caller[];
let before: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  fixture = await startUnlimitedApi();
  victim = await buildVictim(fixture, routes);
  callers = await strangers(fixture);
  before = await rowsOf(fixture.database.admin, VICTIM);
});
afterAll(() => fixture?.stop());

const CLOSED = [401, 403, 404];
const isId = (value: string): boolean => /^[0-9a-f]{8}-/.test(value);
const namesId = ({ path = {} }: ExampleCall): boolean => Object.values(path).some(isId);

interface Attempt {
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Whether it is addressed to the victim, so that it has to be refused. */
  readonly refused: boolean;
}

/** The ways to reach for the victim's things by this call. */
function attemptsOf(route: ScannedRoute, call: ExampleCall, { kind }: Caller): Attempt[] {
  const takesHeader = route.takes.has(`header:${TENANT_HEADER}`);
  const inOwn = kind === 'msp' && takesHeader ? { headers: { [TENANT_HEADER]: OTHER } } : {};
  const attempts: Attempt[] = [];
  if (namesId(call)) attempts.push({ what: 'its ids', refused: true });
  if (namesId(call) && takesHeader)
    attempts.push({ what: 'its ids for the own tenant', headers: { [TENANT_HEADER]: OTHER }, refused: true });
  if (Object.values(call.path ?? {}).includes(VICTIM)) attempts.push({ what: 'its address', refused: true });
  if (takesHeader) attempts.push({ what: 'its name', headers: { [TENANT_HEADER]: VICTIM }, refused: true });
  if (route.takes.has('query:tenant'))
    attempts.push({ what: 'the list of it', query: { tenant: VICTIM }, refused: true });
  if (!namesId(call) && !Object.values(call.path ?? {}).includes(VICTIM) && route.method === 'GET')
    attempts.push({ what: 'all there is', ...inOwn, refused: false });
  return attempts;
}

/** What an answer tells of the victim that the caller did not say itself. */
function toldBy({ text, headers }: ApiAnswer, said: string): string[] {
  const told = text + JSON.stringify([...headers]);
  const seen = new Set(told.match(ID));
  const ids = victim.ids.filter((id) => seen.has(id) && !said.includes(id));
  return [
    ...(told.includes(MARK) ? [MARK] : []),
    ...ids,
    ...(said.includes(VICTIM) || !told.includes(VICTIM) ? [] : [VICTIM]),
  ];
}

async function attempt(route: ScannedRoute, call: ExampleCall, caller: Caller, how: Attempt): Promise<void> {
  const answer = await send(fixture.api.url, route, call, caller, how);
  const told = toldBy(answer, JSON.stringify([call, how]));
  const closed = how.refused ? CLOSED.includes(answer.status) : answer.status < 500;
  const seen = { caller: caller.name, what: how.what, status: answer.status, closed, told };
  expect(seen).toEqual({ ...seen, closed: true, told: [] });
}

describe('another tenant', () => {
  it.each(named)('gets nothing of a tenant, whatever its role: %s', async (_name, route) => {
    for (const call of victim.calls.get(route.operationId)!) {
      const all = callers.flatMap((caller) => attemptsOf(route, call, caller).map((how) => [caller, how] as const));
      await Promise.all(all.map(([caller, how]) => attempt(route, call, caller, how)));
    }
  });

  const byId = named.filter(([, { path }]) => path.includes('{'));
  it.each(byId)('gets nothing by any other id of a tenant: %s', async (_name, route) => {
    const [call] = victim.calls.get(route.operationId)!;
    if (!namesId(call!)) return;
    const strongest = callers.filter(({ name }) => /customer_admin|owner/.test(name));
    const attempts = victim.kinds.map((id, index) => {
      const path = Object.fromEntries(
        Object.entries(call!.path!).map(([name, value]) => [name, isId(value) ? id : value]),
      );
      const caller = strongest[index % strongest.length]!;
      return attempt(route, { ...call, path }, caller, { what: id, refused: true });
    });
    await Promise.all(attempts);
  });

  it('changed nothing of a tenant by all that', async () => {
    const after = await rowsOf(fixture.database.admin, VICTIM);
    for (const [table, rows] of before) expect([table, after.get(table)]).toEqual([table, rows]);
  });

  it('would be noticed: the tenant’s own people are told what was planted, and its ids', async () => {
    const own: Caller = { name: 'owner', kind: 'msp', key: fixture.keyOf('msp/owner') };
    const told = new Set<string>();
    for (const route of routes.filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/')))
      for (const call of victim.calls.get(route.operationId)!) {
        const headers: Record<string, string> = route.takes.has(`header:${TENANT_HEADER}`)
          ? { [TENANT_HEADER]: VICTIM }
          : {};
        const answer = await send(fixture.api.url, route, call, own, { headers });
        for (const what of toldBy(answer, '')) told.add(what === MARK ? `${route.operationId} tells the mark` : what);
      }
    expect([...told].filter((what) => what.endsWith('mark')).length).toBeGreaterThan(5);
    expect([...told].filter(isId).length).toBeGreaterThan(20);
  });

  it('has a row in every table that carries a tenant: MADE_UP in scan/tenant-tables.ts says what one needs', async () => {
    const empty = [...before].filter(([, rows]) => rows.length === 0).map(([table]) => table);
    expect(empty).toEqual([]);
    const texts = await columnsToPlant(fixture.database.admin);
    const unmarked = [...before].filter(([table, rows]) => texts.has(table) && !rows.some((row) => row.includes(MARK)));
    expect(unmarked.map(([table]) => table)).toEqual([]);
  });
});
