import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callApi, type ApiAnswer } from '../../support/api/api-fixture.js';
import type { RunningApi } from '../../../apps/api/create-api.js';
import { exchange, exchangeHttp } from '../../support/api/wire.js';
import type { BadInput } from './bad-input/row.js';
import { badInput } from './bad-input/table.js';
import { buildWorld, countRows, type World } from './bad-input/world.js';

let shared: World;
beforeAll(async () => {
  shared = await buildWorld();
});
afterAll(() => shared.fixture.stop());

function send({ send: build, ...at }: BadInput, world: World): Promise<ApiAnswer> {
  const { method = 'GET', path, as, headers, body, raw, wire } = build(world);
  const key: Record<string, string> = as ? { authorization: `Bearer ${world.fixture.keyOf(as)}` } : {};
  const { url } = apiOf(at, world);
  if (wire !== undefined) return exchangeHttp(url, wire);
  return callApi(url, method, path, { body, headers: { ...key, ...headers }, ...(raw === undefined ? {} : { raw }) });
}

type Place = Pick<BadInput, 'withoutDatabase' | 'withoutKeys' | 'impatient'>;

function apiOf({ withoutDatabase, withoutKeys, impatient }: Place, world: World): RunningApi {
  if (withoutDatabase) return world.withoutDatabase;
  if (withoutKeys) return world.withoutKeys;
  return impatient ? world.impatient : world.fixture.api;
}

function expectProblem(answer: ApiAnswer, row: BadInput): void {
  const problem = {
    type: `urn:stellwerk:problem:${row.code}`,
    title: expect.any(String),
    code: row.code,
    detail: expect.any(String),
    status: row.status,
  };
  expect(answer).toMatchObject({ status: row.status, body: problem });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  // what never became a request has no id
  if (row.send(shared).wire === undefined) expect(answer.headers.get('x-request-id')).toBeTruthy();
  const paths = (answer.body.errors ?? []).map((error: { path: string }) => error.path);
  expect(paths).toEqual([...new Set(paths)]);
  const named = Object.fromEntries(
    (answer.body.errors ?? []).map((error: { path: string; code: string }) => [error.path, error.code]),
  );
  expect(named).toMatchObject(row.fields ?? {});
  for (const [name, form] of Object.entries(row.headers ?? {})) expect(answer.headers.get(name)).toMatch(form);
  expect(answer.text).not.toMatch(/postgres|kysely|node_modules|\bat [\w.]+ \(/i);
}

describe('bad input', () => {
  it.each(badInput.map((row) => [row.what, row.code, row] as const))(
    '%s: %s, and writes nothing',
    async (_what, _code, row) => {
      const world = { ...shared, key: randomUUID() };
      const undo = await row.given?.(world);
      try {
        const before = await countRows(world);
        expectProblem(await send(row, world), row);
        expect(await countRows(world)).toEqual(before);
      } finally {
        await undo?.();
      }
    },
  );

  it('has a row for every code that the description lists', async () => {
    const { body: document } = await shared.fixture.call('GET', '/openapi.json');
    const listed = new Set(
      [...JSON.stringify(document).matchAll(/"code":"([a-z_]+(?:\.[a-z_]+)*)"/g)].map((match) => match[1]!),
    );
    const tried = new Set(badInput.map((row) => row.code));
    expect(listed.size).toBeGreaterThan(30);
    expect([...listed].filter((code) => !tried.has(code))).toEqual([]);
  });

  it('answers what is no HTTP as a problem too', async () => {
    const text = await exchange(shared.fixture.api.url, 'GET / HTTP/1.1\r\nbad header\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*http\.malformed_request/);
  });
});
