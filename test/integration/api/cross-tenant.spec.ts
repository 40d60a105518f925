import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiAnswer, type ApiFixture } from '../../support/api/api-fixture.js';
import { TokenIssuer } from '../../support/identity/token-issuer.js';
import { attemptsOf, ENDS_SESSION, isId, namesId, type Attempt } from './scan/attempts.js';
import { scannedRoutes, type ScannedRoute } from './scan/routes.js';
import { send, TENANT_HEADER, type Caller } from './scan/send.js';
import { bodiesThatName, NAMES_NOTHING, valueAt } from './scan/body-names.js';
import { FOREIGN_BODIES, namesOf, namesOfNothing, type Names } from './scan/foreign-bodies.js';
import { strangers, type Stranger } from './scan/strangers.js';
import { columnsToPlant, rowsOf } from './scan/tenant-tables.js';
import { Things } from './scan/things.js';
import { startUnlimitedApi } from './scan/unlimited.js';
import { buildVictim, ID, MARK, OTHER, VICTIM, type Victim } from './scan/victim.js';

const routes = await scannedRoutes();
const fields = await bodiesThatName();
const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);

let fixture: ApiFixture;
let victim: Victim;
let callers: readonly Stranger[];
let issuer: TokenIssuer;
let theirs: Names;
let before: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  fixture = await startUnlimitedApi();
  victim = await buildVictim(fixture, routes);
  issuer = await TokenIssuer.start();
  callers = await strangers(fixture, issuer);
  await new Things(fixture.database.admin, OTHER).endedRun();
  theirs = await namesOf(fixture.database.admin, new Things(fixture.database.admin, VICTIM));
  before = await rowsOf(fixture.database.admin, VICTIM);
});
afterAll(async () => {
  await fixture?.stop();
  await issuer?.stop();
});

// not 401: a stranger is somebody who is let in, at home
const CLOSED = [403, 404];

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

async function attempt(route: ScannedRoute, caller: Caller, how: Attempt): Promise<void> {
  const answer = await send(fixture.api.url, route, how.call, caller, how);
  const told = toldBy(answer, JSON.stringify(how));
  const closed = how.refused ? CLOSED.includes(answer.status) : answer.status < 500;
  const seen = { caller: caller.name, what: how.what, status: answer.status, closed, told };
  expect(seen).toEqual({ ...seen, closed: true, told: [] });
}

/** Each stranger is somebody who gets in and reads at the other customer: else all the refusals would say nothing. */
async function expectLetIn(): Promise<void> {
  const seen = await Promise.all(
    callers.map(async ({ name, key, headers }) => {
      const proof = { ...headers, ...(key === null ? {} : { authorization: `Bearer ${key}` }) };
      const { status, body } = await fixture.call('GET', `/v1/runs?tenant=${OTHER}`, { headers: proof });
      return [name, status, body?.items?.length > 0 || body];
    }),
  );
  expect(seen).toEqual(callers.map(({ name }) => [name, 200, true]));
}

describe('another tenant', () => {
  it('has people and machines that are let in, and read what is their own', expectLetIn);

  it.each(named)('gets nothing of a tenant, whatever its role: %s', async (_name, route) => {
    const calls = victim.calls.get(route.operationId)!;
    for (const [index, call] of calls.entries()) {
      // people and tokens without the most rights reach for things as they really are only, in the later half
      const those = callers.filter(({ by, strongest }) => by === 'key' || strongest || index >= calls.length / 2);
      const all = those.flatMap((caller) => attemptsOf(route, call, caller).map((how) => [caller, how] as const));
      const without = those.filter((caller) => !all.some(([who]) => who === caller));
      expect(ENDS_SESSION.includes(route.operationId) ? without.filter(({ by }) => by !== 'session') : without).toEqual(
        [],
      );
      await Promise.all(all.map(([caller, how]) => attempt(route, caller, how)));
    }
  });

  const byId = named.filter(([, { path }]) => /\{(id|session|grantId|run)\}/.test(path));
  it.each(byId)('gets nothing by any other id of a tenant: %s', async (name, route) => {
    const calls = victim.calls.get(route.operationId)!;
    // the other half is the same calls about things without the mark
    const different = calls.slice(0, calls.length / 2);
    expect(different.filter(namesId)).toEqual(different);
    const strongest = callers.filter((caller) => caller.strongest);
    const attempts = different.flatMap((call) =>
      victim.kinds.map((id, index) => {
        const path = Object.fromEntries(
          Object.entries(call.path!).map(([part, value]) => [part, isId(value) ? id : value]),
        );
        // in turns: each id meets each of them at some route
        const caller = strongest[(index + name.length) % strongest.length]!;
        return attempt(route, caller, { what: id, call: { ...call, path }, refused: true });
      }),
    );
    await Promise.all(attempts);
  });

  const byBody = FOREIGN_BODIES.map((foreign) => {
    const route = routes.find(({ operationId }) => operationId === foreign.operationId)!;
    return [foreign.operationId, foreign.field, route, foreign] as const;
  });
  const homeOf = (route: ScannedRoute): Record<string, string> =>
    route.takes.has(`header:${TENANT_HEADER}`) ? { [TENANT_HEADER]: OTHER } : {};

  it.each(byBody)(
    'is refused a body in its own tenant that names another’s, as if there were none: %s %s',
    async (_operation, _field, route, { make }) => {
      const own = new Things(fixture.database.admin, OTHER);
      for (const caller of callers.filter(({ strongest }) => strongest)) {
        const [foreign, none] = [theirs, namesOfNothing()].map(async (names) => {
          const call = await make(own, names);
          const answer = await send(fixture.api.url, route, call, caller, { headers: homeOf(route) });
          return { answer, said: JSON.stringify(call) };
        });
        const { answer, said } = await foreign!;
        const expected = (await none!).answer;
        expect([caller.name, answer.status, answer.body?.code]).toEqual([
          caller.name,
          expected.status,
          expected.body?.code,
        ]);
        expect([caller.name, answer.text, answer.status >= 400 && answer.status < 500]).toEqual([
          caller.name,
          answer.text,
          true,
        ]);
        expect(toldBy(answer, said)).toEqual([]);
      }
    },
  );

  it.each(byBody.filter(([, , , { refusedAnyway }]) => refusedAnyway === undefined))(
    'is let write that body with names of its own: %s %s',
    async (_operation, _field, route, { make }) => {
      const own = new Things(fixture.database.admin, OTHER);
      const names = await namesOf(fixture.database.admin, own);
      const answers = callers
        .filter(({ strongest }) => strongest)
        .map(async (caller) => {
          const call = await make(own, names);
          const { status, body } = await send(fixture.api.url, route, call, caller, { headers: homeOf(route) });
          return status < 300 ? 'done' : body?.code;
        });
      expect(await Promise.all(answers)).toContain('done');
    },
  );

  it('is tried at each field of a body that names something, as the description has them', async () => {
    const own = new Things(fixture.database.admin, OTHER);
    const tried = await Promise.all(
      FOREIGN_BODIES.map(async ({ operationId, field, make }) => {
        const { body } = await make(own, theirs);
        const isNamed = Object.values(theirs).some((name: string) => valueAt(body, field).includes(name));
        return isNamed ? `${operationId} ${field}` : `${operationId} ${field} names nothing of the other’s`;
      }),
    );
    const found = fields.map(({ operationId, field }) => `${operationId} ${field}`);
    // add it to FOREIGN_BODIES, or to NAMES_NOTHING with the reason
    expect([...tried, ...Object.keys(NAMES_NOTHING)].sort()).toEqual([...found].sort());
  });

  it('is still let in after all that', expectLetIn);

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
