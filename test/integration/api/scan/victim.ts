import type { ApiFixture } from '../../../support/api/api-fixture.js';
import { examplesOf, type ExampleCall } from './example.js';
import { routeExamples } from './examples/index.js';
import type { ScannedRoute } from './routes.js';
import { send, TENANT_HEADER, type Caller } from './send.js';
import { plant, rowsOf } from './tenant-tables.js';
import { Things } from './things.js';

/** Whose data is looked for. */
export const VICTIM = 'muster';
/** Whose people, and people of the MSP with no grant but for it, look for it. */
export const OTHER = 'nordlicht';
/** Stands in every text and JSON column of the victim's rows that can hold it. */
export const MARK = 'zwetschgenkuchen';

/** An id wherever it stands in a text. */
export const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What stands in the victim's rows and nowhere else. */
export interface Victim {
  /** Calls of each operation that succeed in the victim's own hands. */
  readonly calls: ReadonlyMap<string, readonly ExampleCall[]>;
  /** Every id of the victim, with the table and column of a first row that has it. */
  readonly ids: readonly string[];
  /** One id of each table. */
  readonly kinds: readonly string[];
}

/**
 * Fills the victim's tables: each example of each operation is made and called by the victim's own people, the rows are
 * planted into, and then each is made once more, so that rows as they really are stand beside planted ones.
 */
export async function buildVictim(fixture: ApiFixture, routes: readonly ScannedRoute[]): Promise<Victim> {
  const { admin } = fixture.database;
  const things = new Things(admin, VICTIM);
  await callEach(fixture, routes, things);
  const planted = await makeEach(routes, things);
  await plant(admin, VICTIM, MARK);
  const plain = await makeEach(routes, things);
  const calls = routes.map(
    ({ operationId }) => [operationId, [...planted.get(operationId)!, ...plain.get(operationId)!]] as const,
  );
  return { calls: new Map(calls), ...(await idsOf(fixture)) };
}

async function makeEach(routes: readonly ScannedRoute[], things: Things): Promise<Map<string, ExampleCall[]>> {
  const made = new Map<string, ExampleCall[]>();
  for (const { operationId } of routes) {
    const calls: ExampleCall[] = [];
    for (const { make } of examplesOf(operationId, routeExamples)) calls.push(await make(things));
    made.set(operationId, calls);
  }
  return made;
}

/** So that what only a call leaves behind is there too: events, answers on record, history. */
async function callEach({ api, keyOf }: ApiFixture, routes: readonly ScannedRoute[], things: Things): Promise<void> {
  const caller: Caller = { name: 'msp/owner', kind: 'msp', key: keyOf('msp/owner') };
  for (const route of routes)
    for (const { make } of examplesOf(route.operationId, routeExamples)) {
      const headers: Record<string, string> = route.takes.has(`header:${TENANT_HEADER}`)
        ? { [TENANT_HEADER]: VICTIM }
        : {};
      await send(api.url, route, await make(things), caller, { headers });
    }
}

async function idsOf({ database: { admin } }: ApiFixture): Promise<Pick<Victim, 'ids' | 'kinds'>> {
  const others = new Set<string>();
  for (const tenant of ['msp', OTHER])
    for (const rows of (await rowsOf(admin, tenant)).values())
      for (const row of rows) for (const [id] of row.matchAll(ID)) others.add(id);
  const ids = new Set<string>();
  const kinds = new Map<string, string>();
  for (const [table, rows] of await rowsOf(admin, VICTIM))
    for (const row of rows)
      for (const [column, value] of Object.entries(JSON.parse(row) as Record<string, unknown>))
        for (const [id] of JSON.stringify(value ?? '').matchAll(ID))
          if (!others.has(id)) {
            ids.add(id);
            if (column === 'id' || !kinds.has(table)) kinds.set(table, id);
          }
  return { ids: [...ids], kinds: [...new Set(kinds.values())] };
}
