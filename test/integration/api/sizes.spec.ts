import { gzipSync } from 'node:zlib';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getMetadataStorage } from 'class-validator';
import type { RunningApi } from '../../../apps/api/create-api.js';
import { callApi, fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { exchange } from '../../support/api/wire.js';

let fixture: ApiFixture;
let impatient: RunningApi;

beforeAll(async () => {
  fixture = await startApiFixture();
  impatient = await fixture.startAnother(fixture.database.urlFor('api'), { requestTimeoutMs: 300 });
});
afterAll(() => fixture?.stop());

const bearer = () => ({ authorization: `Bearer ${fixture.keyOf('muster/requester')}` });

describe('a body', () => {
  it('that comes in pieces without a length is cut off at the same size', async () => {
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const head = `POST /v1/requests HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`;
    expect(await exchange(fixture.api.url, head + piece + piece)).toMatch(/^HTTP\/1\.1 413 [^]*http\.body_too_large/);
  });

  it('of an ordinary route is smaller than a file of requests', async () => {
    const raw = JSON.stringify({ type: 'offboarding', user: 'x'.repeat(70_000) });
    const small = await fixture.call('POST', '/v1/requests', { as: 'muster/requester', raw, headers: fresh() });
    expect(small).toMatchObject({ status: 413, body: { code: 'http.body_too_large' } });
    const headers = { ...fresh(), 'content-type': 'text/csv' };
    const file = await fixture.call('POST', '/v1/requests/import?dryRun=true&type=onboarding', {
      as: 'muster/requester',
      raw: `a\n${'x'.repeat(70_000)}`,
      headers,
    });
    expect(file.status).not.toBe(413);
  });

  it('that unpacks to gigabytes is not unpacked', async () => {
    const raw = gzipSync(Buffer.alloc(10_000_000));
    const headers = { ...fresh(), 'content-encoding': 'gzip' };
    const answer = await fixture.call('POST', '/v1/requests', { as: 'muster/requester', raw, headers });
    expect(answer).toMatchObject({ status: 415, body: { code: 'http.unsupported_media_type' } });
  });
});

describe('an address and its headers', () => {
  it('without end are refused', async () => {
    const address = await fixture.call('GET', `/v1/runs?cursor=${'x'.repeat(5_000)}`, { as: 'muster/auditor' });
    expect(address).toMatchObject({ status: 414, body: { code: 'http.address_too_long' } });
    const head = `GET /v1/runs HTTP/1.1\r\nhost: x\r\nx-much: ${'y'.repeat(17_000)}\r\n\r\n`;
    expect(await exchange(fixture.api.url, head)).toMatch(/^HTTP\/1\.1 431 [^]*http\.head_too_large/);
  });

  it('with a thousand parameters name no more than one of each', async () => {
    const query = Array.from({ length: 300 }, (_, n) => `p${n}=1`).join('&');
    const answer = await fixture.call('GET', `/v1/runs?${query}`, { as: 'muster/auditor' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid_query' } });
  });
});

describe('a caller who sends slowly', () => {
  it.each([
    ['its headers', 'POST /v1/requests HTTP/1.1\r\nhost: x\r\n'],
    [
      'its body',
      'POST /v1/requests HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    ],
  ])('%s is hung up on', async (_what, text) => {
    expect(await exchange(impatient.url, text)).toMatch(/^HTTP\/1\.1 408 [^]*http\.too_slow|^$/);
    expect((await callApi(impatient.url, 'GET', '/v1/runs', { headers: bearer() })).status).toBe(200);
  });
});

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly maximum?: number };
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly schema: { readonly $ref?: string; readonly type?: string } }> }
  >;
}

/** Lists whose length something else bounds. */
const SHORT_LISTS: readonly string[] = [
  // those of one run: a link per hand-over step
  'listHandOvers',
  // versions of one customer's agreement
  'listAgreements',
  // one per process and customer
  'listApprovalPolicies',
  // those in force or to come, the newest 200
  'listDelegations',
  // those of one customer
  'listLegalHolds',
  'listTenantExports',
  // those of one person: one per provider
  'listPersonIdentities',
  // those of one person that are open
  'listOwnSessions',
  'listPersonSessions',
  // those of one person: one per device
  'listOwnPasskeys',
  'listPersonPasskeys',
  // an MSP has a handful; the first 200 by name
  'listOnCallSchedules',
  'getOnCallNow',
  'listTeams',
  // those of one schedule, the newest 200
  'listOnCallSwaps',
  // those of one person that hold
  'listCalendarFeeds',
  // those of one ticket
  'listTicketDates',
  'listTicketAttachments',
  'listTicketTime',
  // one per kind and language; one per mailbox of an installation
  'listTicketMailTexts',
  'listMailboxes',
  // what an MSP promises: a handful of each
  'listEscalationChains',
  'listNotificationChannels',
  'listSlaCalendars',
  'listSlaPolicies',
  'listSlaChanges',
  // what should not be there at all; the 200 that wait the longest
  'listSlaTimers',
  // customers that left, the newest 200
  'listCustomerErasures',
];

describe('every list of the description', () => {
  it('is paged, with at most 200 entries a page', async () => {
    const { body: document } = await fixture.call('GET', '/openapi.json');
    const schemas = document.components.schemas as Record<
      string,
      { readonly properties?: Record<string, { readonly type?: string }> }
    >;
    const faults: string[] = [];
    let lists = 0;
    for (const { get } of Object.values(document.paths) as { readonly get?: Operation }[]) {
      const schema = get?.responses['200']?.content?.['application/json']?.schema;
      const named = schema?.$ref === undefined ? undefined : schemas[schema.$ref.split('/').at(-1)!];
      const isList = schema?.type === 'array' || named?.properties?.['items']?.type === 'array';
      if (!get || !isList || SHORT_LISTS.includes(get.operationId)) continue;
      lists += 1;
      const limit = get.parameters?.find((parameter) => parameter.name === 'limit');
      if (limit?.schema.maximum === undefined || limit.schema.maximum > 200) faults.push(get.operationId);
      const asked = Object.keys(document.paths).find((path) => document.paths[path].get === get)!;
      if (limit && !asked.includes('{'))
        expect((await fixture.call('GET', `${asked}?limit=201`, { as: 'msp/owner' })).status).toBe(400);
    }
    expect(faults).toEqual([]);
    expect(lists).toBeGreaterThanOrEqual(4);
  });
});

/** Rules of class-validator, and of our own, that bound what a text may be. */
const BOUNDED = new Set([
  'isLine',
  'isText',
  'isIn',
  'isEmail',
  'isUrl',
  'maxLength',
  'isLength',
  'matches',
  'isEnum',
  'isUuid',
]);
const OUR_OWN = /^is(?!String$|Optional$|Array$|Object$)[A-Z]/;

describe('every field that is sent', () => {
  const storage = getMetadataStorage() as unknown as {
    readonly validationMetadatas: Map<
      abstract new () => unknown,
      readonly {
        readonly propertyName: string;
        readonly name?: string;
        readonly type: string;
        readonly each: boolean;
      }[]
    >;
  };
  const fields = [...storage.validationMetadatas].flatMap(([Class, rules]) => {
    const names = [...new Set(rules.map((rule) => rule.propertyName))];
    return names.map((name) => ({
      field: `${Class.name}.${name}`,
      type: Reflect.getMetadata('design:type', Class.prototype as object, name) as unknown,
      rules: rules.filter((rule) => rule.propertyName === name),
    }));
  });

  it('has a longest list, where it is one', () => {
    const endless = fields.filter(({ rules }) => {
      const names = rules.map((rule) => rule.name ?? rule.type);
      const isOfFewWords = names.includes('arrayUnique') && names.includes('isIn');
      return names.includes('isArray') && !names.includes('arrayMaxSize') && !isOfFewWords;
    });
    expect(endless.map(({ field }) => field)).toEqual([]);
    expect(fields.length).toBeGreaterThan(40);
  });

  it('has a longest text, where it is one', () => {
    const endless = fields.filter(({ type, rules }) => {
      if (type !== String) return false;
      return !rules.some(({ name = '' }) => BOUNDED.has(name) || OUR_OWN.test(name));
    });
    expect(endless.map(({ field }) => field)).toEqual([]);
  });
});
