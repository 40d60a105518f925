import { answeredBy, at, get, NO_ID, onTheLine, replay, submit } from './row.js';

const raw = (text: string | Uint8Array, type = 'application/json') =>
  submit(({ key }) => ({ raw: text, headers: { 'idempotency-key': key, 'content-type': type } }));
const hex = (text: string) => raw(Buffer.from(text, 'hex'));
const cursor = (...parts: readonly unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const deep = `{"steps":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
const requests = (query: string) => get(`/v1/requests?${query}`);
const runs = (query: string) => get(`/v1/runs?${query}`);

/** Addresses, parameters, and bodies that are no JSON object. */
export const httpRows = [
  ...answeredBy(404, 'http.not_found', ['an unknown address', get('/v1/nothing')]),
  ...answeredBy(400, 'http.malformed_request', ['an address that is no UTF-8', get('/v1/requests/%ff')]),
  ...answeredBy(
    405,
    'http.method_not_allowed',
    ['a wrong method', submit({ method: 'DELETE' }), { headers: { allow: /GET.*POST/ } }],
    [
      'a wrong method with a body of another type',
      ({ ids }) => ({
        method: 'PUT',
        path: `/v1/requests/${ids.waiting}`,
        raw: 'x',
        headers: { 'content-type': 'text/csv' },
      }),
    ],
    ['a wrong method below an id', ({ ids }) => ({ method: 'PATCH', path: `/v1/requests/${ids.waiting}` })],
  ),
  ...answeredBy(
    400,
    'http.invalid_id',
    ['an id that is none', get('/v1/requests/42')],
    ['an id with a quote', get("/v1/runs/'%3B--")],
    ['an id without end', get(`/v1/requests/${'x'.repeat(201)}`)],
    ['an id without end, deeper', get(`/v1/requests/${'x'.repeat(201)}/plan`)],
    ['an id that is none, no customer named', replay(() => '42', '')],
    ['an address that climbs', get('/v1/requests/..%2f..%2fhealth')],
  ),
  ...answeredBy(
    400,
    'http.invalid_query',
    ['a page of no size', requests('limit=0'), at('limit', 'too_small')],
    ['a page too large', runs('limit=201'), at('limit', 'too_large')],
    ['a page size with an exponent', requests('limit=1e1'), at('limit', 'not_a_whole_number')],
    ['a page size in hexadecimal', requests('limit=0x10'), at('limit', 'not_a_whole_number')],
    ['a page size that is empty', requests('limit='), at('limit', 'not_a_whole_number')],
    ['a page size given twice', requests('limit=1&limit=2'), at('limit', 'not_a_whole_number')],
    ['an unknown parameter', requests('sort=user'), at('sort', 'unknown_field')],
    [
      'a language that we do not have',
      get(({ ids }) => `/v1/runs/${ids.endedRun}/certificate/page?lang=fr`),
      at('lang', 'not_allowed'),
    ],
    ['a prototype’s parameter', requests('__proto__=x&constructor=y')],
    ['an action that is none', get('/v1/audit?action=%25', 'muster/auditor'), at('action', 'not_an_action')],
    [
      'an instant without a zone',
      get('/v1/audit?from=2026-11-22T09:30', 'muster/auditor'),
      at('from', 'not_a_date_time'),
    ],
    [
      'links that are neither on nor off',
      get('/v1/audit/export?links=1', 'muster/auditor'),
      at('links', 'not_allowed'),
    ],
    ['an unknown status', runs('status=lost'), at('status', 'not_allowed')],
    ['a switch that is neither on nor off', get('/v1/dead-letters?full=1', 'msp/operator'), at('full', 'not_allowed')],
  ),
  ...answeredBy(
    400,
    'http.invalid_cursor',
    ['a forged cursor of the audit', get(`/v1/audit?cursor=${cursor('audit', 'x')}`, 'muster/auditor')],
    ['a forged cursor', requests('cursor=Zm9yZ2Vk')],
    ['a cursor with SQL', requests(`cursor=${cursor('requests', "1'; DROP TABLE x", NO_ID)}`)],
    ['a cursor out of range', requests(`cursor=${cursor('requests', 1e300, NO_ID)}`)],
    ['a cursor of another list', runs(`cursor=${cursor('requests', 1, NO_ID)}`)],
    ['a cursor of another run', get(({ ids }) => `/v1/runs/${ids.endedRun}?cursor=${cursor('timeline', NO_ID, 1)}`)],
  ),
  ...answeredBy(
    400,
    'http.malformed_json',
    ['JSON that breaks off', raw('{"type":"offboarding"')],
    ['JSON with a comment', raw('{/* */}')],
  ),
  ...answeredBy(
    400,
    'http.invalid_utf8',
    ['bytes that are no UTF-8', hex('7b2275736572223a22ff227d')],
    ['half a surrogate pair in UTF-8', hex('7b2275736572223a22eda080227d')],
  ),
  ...answeredBy(
    400,
    'http.prototype_key',
    ['__proto__', raw('{"__proto__":{"isAdmin":true}}')],
    ['__proto__ in disguise, deeper', raw('{"notify":{"\\u005f_proto__":{}}}')],
    ['constructor.prototype', raw('{"constructor":{"prototype":{}}}')],
  ),
  ...answeredBy(400, 'http.body_too_deep', ['a nesting without end', raw(deep)]),
  ...answeredBy(413, 'http.body_too_large', ['a body over the limit', raw(`"${'x'.repeat(300_000)}"`)]),
  ...answeredBy(414, 'http.address_too_long', ['an address without end', runs(`cursor=${'x'.repeat(5_000)}`)]),
  ...answeredBy(431, 'http.head_too_large', [
    'headers without end',
    onTheLine('GET /v1/runs HTTP/1.1', 'host: x', `x-much: ${'y'.repeat(17_000)}`, '', ''),
  ]),
  ...answeredBy(
    408,
    'http.too_slow',
    ['headers that do not come', onTheLine('POST /v1/requests HTTP/1.1', 'host: x', ''), { impatient: true }],
    [
      'a body that does not come',
      onTheLine(
        'POST /v1/requests HTTP/1.1',
        'host: x',
        'content-type: application/json',
        'content-length: 9',
        '',
        '{',
      ),
      { impatient: true },
    ],
  ),
  ...answeredBy(
    415,
    'http.unsupported_media_type',
    ['text', raw('hello', 'text/plain')],
    ['a form', raw('user=eva', 'application/x-www-form-urlencoded')],
    ['a form without fields', raw('', 'application/x-www-form-urlencoded')],
    ['a patch', raw('{}', 'application/merge-patch+json')],
  ),
];
