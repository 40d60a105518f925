import type { Who } from '../../support/api/api-fixture.js';
import { hashOf } from '../../support/api/request.factory.js';
import { clockChanges, localIn } from '../../support/api/dates.js';
import { firstCallUnderWay, rightsAreMissing, type Undo, type World } from './bad-input.world.js';

/** One bad input and its answer. Whatever the input, it writes no row and appends no event. */
export interface BadInput {
  readonly what: string;
  readonly send: (world: World) => {
    readonly method?: string;
    readonly path: string;
    readonly as?: Who;
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
    readonly raw?: string | Uint8Array;
  };
  readonly status: number;
  readonly code: string;
  /** Fields that are named, with their codes. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, RegExp>>;
  readonly given?: (world: World) => Promise<Undo>;
  readonly withoutDatabase?: boolean;
}

type Sent = ReturnType<BadInput['send']>;

const NO_ID = '01975d1c-7a00-7000-8000-00000000dead';
const RETRY = { 'retry-after': /^[1-9]\d*$/ };

/** A submission by Muster's requester, changed. */
const submit =
  (change: Partial<Sent> | ((world: World) => Partial<Sent>) = {}) =>
  (world: World): Sent => ({
    method: 'POST',
    path: '/v1/requests',
    as: 'muster/requester',
    headers: { 'idempotency-key': world.key },
    ...(typeof change === 'function' ? change(world) : { body: world.wish, ...change }),
  });
const wish = (change: object) => submit(({ wish: whole }) => ({ body: { ...whole, ...change } }));
const raw = (text: string | Uint8Array) => submit({ raw: text, body: undefined });
const get =
  (path: string | ((world: World) => string), as: Who = 'muster/auditor') =>
  (world: World): Sent => ({
    method: 'GET',
    path: typeof path === 'string' ? path : path(world),
    as,
  });
const decide =
  (request: keyof World['ids'], change: object = {}, as: Who = 'muster/approver') =>
  ({ ids, planHash }: World): Sent => ({
    method: 'POST',
    path: `/v1/requests/${ids[request]}/decisions`,
    as,
    body: { decision: 'approve', planHash, ...change },
  });
const reinstate =
  (run: keyof World['ids'], body: unknown = {}) =>
  ({ ids, key }: World): Sent => ({
    method: 'POST',
    path: `/v1/runs/${ids[run]}/reinstate`,
    as: 'muster/requester',
    headers: { 'idempotency-key': key },
    body,
  });
const replay = (letter: string, headers: Record<string, string> = { 'stellwerk-tenant': 'muster' }): Sent => ({
  method: 'POST',
  path: `/v1/dead-letters/${letter}/replay`,
  as: 'msp/operator',
  headers,
});

const addresses: readonly BadInput[] = [
  { what: 'an unknown address', send: get('/v1/nothing'), status: 404, code: 'http.not_found' },
  { what: 'an address that climbs', send: get('/v1/requests/..%2f..%2fhealth'), status: 400, code: 'http.invalid_id' },
  { what: 'an address that no UTF-8 is', send: get('/v1/requests/%ff'), status: 400, code: 'http.malformed_request' },
  {
    what: 'a wrong method',
    send: (world) => ({ ...submit()(world), method: 'DELETE' }),
    status: 405,
    code: 'http.method_not_allowed',
    headers: { allow: /GET.*POST/ },
  },
  {
    what: 'a wrong method below an id',
    send: ({ ids }) => ({ method: 'PATCH', path: `/v1/requests/${ids.waiting}` }),
    status: 405,
    code: 'http.method_not_allowed',
  },
  { what: 'an id that is none', send: get('/v1/requests/42'), status: 400, code: 'http.invalid_id' },
  { what: 'an id with a quote', send: get("/v1/runs/'%3B--"), status: 400, code: 'http.invalid_id' },
  {
    what: 'a page of no size',
    send: get('/v1/requests?limit=0'),
    status: 400,
    code: 'http.invalid_query',
    fields: { limit: 'too_small' },
  },
  {
    what: 'a page too large',
    send: get('/v1/runs?limit=201'),
    status: 400,
    code: 'http.invalid_query',
    fields: { limit: 'too_large' },
  },
  {
    what: 'a page size given twice',
    send: get('/v1/requests?limit=1&limit=2'),
    status: 400,
    code: 'http.invalid_query',
    fields: { limit: 'not_a_whole_number' },
  },
  {
    what: 'an unknown parameter',
    send: get('/v1/requests?sort=user'),
    status: 400,
    code: 'http.invalid_query',
    fields: { sort: 'unknown_field' },
  },
  {
    what: 'a prototype’s parameter',
    send: get('/v1/requests?__proto__=x&constructor=y'),
    status: 400,
    code: 'http.invalid_query',
  },
  {
    what: 'an unknown status',
    send: get('/v1/runs?status=lost'),
    status: 400,
    code: 'http.invalid_query',
    fields: { status: 'not_allowed' },
  },
  { what: 'a forged cursor', send: get('/v1/requests?cursor=Zm9yZ2Vk'), status: 400, code: 'http.invalid_cursor' },
  {
    what: 'a cursor with SQL',
    send: get(`/v1/requests?cursor=${cursor(['requests', "1'; DROP TABLE x", NO_ID])}`),
    status: 400,
    code: 'http.invalid_cursor',
  },
  {
    what: 'a cursor out of range',
    send: get(`/v1/requests?cursor=${cursor(['requests', 1e300, NO_ID])}`),
    status: 400,
    code: 'http.invalid_cursor',
  },
  {
    what: 'a cursor of another list',
    send: get(`/v1/runs?cursor=${cursor(['requests', 1, NO_ID])}`),
    status: 400,
    code: 'http.invalid_cursor',
  },
  {
    what: 'a cursor of another run',
    send: get(({ ids }) => `/v1/runs/${ids.endedRun}?cursor=${cursor(['timeline', NO_ID, 1])}`),
    status: 400,
    code: 'http.invalid_cursor',
  },
];

const bodies: readonly BadInput[] = [
  { what: 'JSON that breaks off', send: raw('{"type":"offboarding"'), status: 400, code: 'http.malformed_json' },
  { what: 'JSON with a comment', send: raw('{/* */}'), status: 400, code: 'http.malformed_json' },
  {
    what: 'bytes that are no UTF-8',
    send: raw(Buffer.from('7b2275736572223a22ff227d', 'hex')),
    status: 400,
    code: 'http.invalid_utf8',
  },
  {
    what: 'half a surrogate pair in UTF-8',
    send: raw(Buffer.from('7b2275736572223a22eda080227d', 'hex')),
    status: 400,
    code: 'http.invalid_utf8',
  },
  { what: '__proto__', send: raw('{"__proto__":{"isAdmin":true}}'), status: 400, code: 'http.prototype_key' },
  {
    what: '__proto__ in disguise, deeper',
    send: raw('{"notify":{"\\u005f_proto__":{}}}'),
    status: 400,
    code: 'http.prototype_key',
  },
  {
    what: 'constructor.prototype',
    send: raw('{"constructor":{"prototype":{}}}'),
    status: 400,
    code: 'http.prototype_key',
  },
  {
    what: 'a nesting without end',
    send: raw(`{"steps":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
    status: 400,
    code: 'http.body_too_deep',
  },
  {
    what: 'a body over the limit',
    send: raw(JSON.stringify({ user: 'x'.repeat(300_000) })),
    status: 413,
    code: 'http.body_too_large',
  },
  {
    what: 'text',
    send: submit({ raw: 'hello', headers: { 'content-type': 'text/plain' } }),
    status: 415,
    code: 'http.unsupported_media_type',
  },
  {
    what: 'a form',
    send: submit({ raw: 'user=eva', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    status: 415,
    code: 'http.unsupported_media_type',
  },
  { what: 'a list', send: submit({ body: [] }), status: 422, code: 'request.invalid', fields: { '': 'not_an_object' } },
  { what: 'null', send: raw('null'), status: 422, code: 'request.invalid' },
  {
    what: 'no body',
    send: submit({ body: undefined }),
    status: 422,
    code: 'request.invalid',
    fields: { type: 'missing', user: 'missing', lastWorkingAt: 'missing' },
  },
];

const fields: readonly BadInput[] = [
  {
    what: 'an unknown field',
    send: wish({ priority: 1 }),
    status: 422,
    code: 'request.invalid',
    fields: { priority: 'unknown_field' },
  },
  {
    what: 'an unknown field deeper',
    send: wish({ notify: { sms: '1' } }),
    status: 422,
    code: 'request.invalid',
    fields: { 'notify.sms': 'unknown_field' },
  },
  {
    what: 'another type',
    send: wish({ type: 'onboarding' }),
    status: 422,
    code: 'request.invalid',
    fields: { type: 'not_allowed' },
  },
  {
    what: 'a user that is a number',
    send: wish({ user: 7 }),
    status: 422,
    code: 'request.invalid',
    fields: { user: 'not_text' },
  },
  {
    what: 'an empty user',
    send: wish({ user: '' }),
    status: 422,
    code: 'request.invalid',
    fields: { user: 'not_text' },
  },
  {
    what: 'a user with a NUL',
    send: wish({ user: 'eva\u0000' }),
    status: 422,
    code: 'request.invalid',
    fields: { user: 'not_text' },
  },
  {
    what: 'a user with half a surrogate pair',
    send: wish({ user: 'eva\ud800' }),
    status: 422,
    code: 'request.invalid',
    fields: { user: 'not_text' },
  },
  {
    what: 'a user too long',
    send: wish({ user: 'x'.repeat(257) }),
    status: 422,
    code: 'request.invalid',
    fields: { user: 'not_text' },
  },
  {
    what: 'a reference with a line break',
    send: wish({ reference: 'a\nb' }),
    status: 422,
    code: 'request.invalid',
    fields: { reference: 'not_text' },
  },
  {
    what: 'a day that is none',
    send: wish({ lastWorkingAt: '2027-02-30T12:00' }),
    status: 422,
    code: 'request.invalid',
    fields: { lastWorkingAt: 'not_a_date_time' },
  },
  {
    what: 'a day without an hour',
    send: wish({ lastWorkingAt: '2027-02-20' }),
    status: 422,
    code: 'request.invalid',
    fields: { lastWorkingAt: 'not_a_date_time' },
  },
  {
    what: 'an offset that is none',
    send: wish({ lastWorkingAt: '2027-02-20T12:00+25:00' }),
    status: 422,
    code: 'request.invalid',
    fields: { lastWorkingAt: 'not_a_date_time' },
  },
  {
    what: 'an unknown step',
    send: wish({ steps: ['delete_company'] }),
    status: 422,
    code: 'request.invalid',
    fields: { steps: 'not_allowed' },
  },
  {
    what: 'a step twice',
    send: wish({ steps: ['disable_sign_in', 'disable_sign_in'] }),
    status: 422,
    code: 'request.invalid',
    fields: { steps: 'duplicate' },
  },
  { what: 'steps that are no list', send: wish({ steps: 'disable_sign_in' }), status: 422, code: 'request.invalid' },
  {
    what: 'an address that is none',
    send: wish({ notify: { mail: ['hr'] } }),
    status: 422,
    code: 'request.invalid',
    fields: { 'notify.mail': 'not_a_mail_address' },
  },
  {
    what: 'a webhook by FTP',
    send: wish({ notify: { webhook: 'ftp://x.example/' } }),
    status: 422,
    code: 'request.invalid',
    fields: { 'notify.webhook': 'not_a_url' },
  },
  {
    what: 'notify that is a list',
    send: wish({ notify: [] }),
    status: 422,
    code: 'request.invalid',
    fields: { notify: 'not_an_object' },
  },
  { what: 'no step selected', send: wish({ steps: [] }), status: 422, code: 'request.no_step_selected' },
  {
    what: 'yesterday',
    send: wish({ lastWorkingAt: localIn(-1) }),
    status: 422,
    code: 'request.last_working_at_past',
    fields: { lastWorkingAt: 'past' },
  },
  {
    what: 'some seconds ago',
    send: submit(({ wish: whole }) => ({ body: { ...whole, lastWorkingAt: secondsAgo(3) } })),
    status: 422,
    code: 'request.last_working_at_past',
  },
  {
    what: 'in 401 days',
    send: wish({ lastWorkingAt: localIn(401) }),
    status: 422,
    code: 'request.last_working_at_too_far',
  },
  {
    what: 'an hour that the clock leaves out',
    send: wish({ lastWorkingAt: clockChanges().nonexistent }),
    status: 422,
    code: 'request.last_working_at_nonexistent',
  },
  {
    what: 'a decision that is none',
    send: decide('waiting', { decision: 'maybe' }),
    status: 422,
    code: 'request.invalid',
    fields: { decision: 'not_allowed' },
  },
  {
    what: 'a hash that is none',
    send: decide('waiting', { planHash: 'abc' }),
    status: 422,
    code: 'request.invalid',
    fields: { planHash: 'not_a_hash' },
  },
  {
    what: 'a reason with a NUL',
    send: decide('waiting', { reason: '\u0000' }),
    status: 422,
    code: 'request.invalid',
    fields: { reason: 'not_text' },
  },
  {
    what: 'fields to overwrite that are no list',
    send: reinstate('endedRun', { overwrite: {} }),
    status: 422,
    code: 'request.invalid',
    fields: { overwrite: 'not_a_list' },
  },
];

const callers: readonly BadInput[] = [
  {
    what: 'no key',
    send: submit({ as: undefined }),
    status: 401,
    code: 'auth.key_missing',
    headers: { 'www-authenticate': /^Bearer/ },
  },
  {
    what: 'a wrong key',
    send: submit({ as: undefined, headers: { authorization: 'Bearer sw_made_up_0123456789' } }),
    status: 401,
    code: 'auth.key_invalid',
    headers: { 'www-authenticate': /^Bearer/ },
  },
  {
    what: 'another scheme',
    send: submit({ as: undefined, headers: { authorization: 'Basic YTpi' } }),
    status: 401,
    code: 'auth.key_invalid',
  },
  { what: 'a role that only reads', send: submit({ as: 'muster/auditor' }), status: 403, code: 'access.denied' },
  {
    what: 'a customer at the dead-letter desk',
    send: get('/v1/dead-letters', 'muster/customer_admin'),
    status: 403,
    code: 'access.denied',
  },
  {
    what: 'a requester who approves',
    send: decide('waiting', {}, 'muster/requester'),
    status: 403,
    code: 'access.denied',
  },
  {
    what: 'the MSP without a customer',
    send: submit({ as: 'msp/operator' }),
    status: 400,
    code: 'tenant.header_missing',
  },
  {
    what: 'the MSP with an unknown customer',
    send: submit(({ wish: body, key }) => ({
      as: 'msp/operator',
      body,
      headers: { 'idempotency-key': key, 'stellwerk-tenant': 'nobody' },
    })),
    status: 404,
    code: 'tenant.not_found',
  },
  {
    what: 'a customer that names another',
    send: submit(({ wish: body, key }) => ({
      body,
      headers: { 'idempotency-key': key, 'stellwerk-tenant': 'nordlicht' },
    })),
    status: 404,
    code: 'tenant.not_found',
  },
  {
    what: 'a list of another tenant',
    send: get('/v1/requests?tenant=nordlicht'),
    status: 404,
    code: 'tenant.not_found',
  },
  {
    what: 'another tenant’s request',
    send: get(({ ids }) => `/v1/requests/${ids.foreignRequest}`),
    status: 404,
    code: 'request.not_found',
  },
  {
    what: 'another tenant’s plan',
    send: get(({ ids }) => `/v1/requests/${ids.foreignRequest}/plan`),
    status: 404,
    code: 'request.not_found',
  },
  {
    what: 'a decision on another tenant’s plan',
    send: decide('foreignRequest'),
    status: 404,
    code: 'request.not_found',
  },
  {
    what: 'another tenant’s run',
    send: get(({ ids }) => `/v1/runs/${ids.foreignRun}`),
    status: 404,
    code: 'run.not_found',
  },
  { what: 'taking back another tenant’s run', send: reinstate('foreignRun'), status: 404, code: 'run.not_found' },
  { what: 'no Idempotency-Key', send: submit({ headers: {} }), status: 400, code: 'idempotency.key_missing' },
  {
    what: 'an Idempotency-Key too long',
    send: submit({ headers: { 'idempotency-key': 'x'.repeat(256) } }),
    status: 400,
    code: 'idempotency.key_invalid',
  },
  {
    what: 'a used key with another body',
    send: submit(({ wish: whole, usedKey }) => ({
      body: { ...whole, user: 'max' },
      headers: { 'idempotency-key': usedKey },
    })),
    status: 422,
    code: 'idempotency.key_reused',
  },
  {
    what: 'a used key at another address',
    send: (world) => ({ ...reinstate('endedRun')(world), headers: { 'idempotency-key': world.usedKey } }),
    status: 422,
    code: 'idempotency.key_reused',
  },
  {
    what: 'a key whose first call is under way',
    send: submit(),
    given: firstCallUnderWay,
    status: 409,
    code: 'idempotency.in_progress',
    headers: RETRY,
  },
];

const states: readonly BadInput[] = [
  {
    what: 'a plan that is being drawn',
    send: get(({ ids }) => `/v1/requests/${ids.planning}/plan`),
    status: 409,
    code: 'plan.not_ready',
    headers: RETRY,
  },
  {
    what: 'a decision before there is a plan',
    send: decide('planning'),
    status: 409,
    code: 'request.not_awaiting_approval',
  },
  {
    what: 'a decision on a rejected request',
    send: decide('rejected'),
    status: 409,
    code: 'request.not_awaiting_approval',
  },
  {
    what: 'a made-up hash',
    send: decide('waiting', { planHash: hashOf('made up') }),
    status: 409,
    code: 'plan.hash_mismatch',
  },
  {
    what: 'an approval by the requester',
    send: decide('ofApprover', {}, 'muster/customer_admin'),
    status: 403,
    code: 'approval.requester_cannot_decide',
  },
  {
    what: 'an approval by the leaver',
    send: decide('aboutApprover'),
    status: 403,
    code: 'approval.leaver_cannot_decide',
  },
  { what: 'taking back a run that goes on', send: reinstate('openRun'), status: 409, code: 'run.not_ended' },
  { what: 'taking back a reinstatement', send: reinstate('reinstatement'), status: 409, code: 'run.not_reinstatable' },
  {
    what: 'taking back what is being taken back',
    send: reinstate('takenBackRun'),
    status: 409,
    code: 'run.reinstatement_open',
  },
  { what: 'an unknown dead letter', send: () => replay(NO_ID), status: 404, code: 'dead_letter.not_found' },
  {
    what: 'a dead letter of another tenant',
    send: ({ ids }) => replay(ids.letter, { 'stellwerk-tenant': 'nordlicht' }),
    status: 404,
    code: 'dead_letter.not_found',
  },
  {
    what: 'a dead letter that was replayed',
    send: ({ ids }) => replay(ids.replayedLetter),
    status: 409,
    code: 'dead_letter.already_replayed',
  },
];

const ourSide: readonly BadInput[] = [
  {
    what: 'a database that is away',
    send: submit(),
    withoutDatabase: true,
    status: 503,
    code: 'database.unavailable',
    headers: RETRY,
  },
  { what: 'a defect on our side', send: get('/v1/requests'), given: rightsAreMissing, status: 500, code: 'internal' },
];

export const badInput: readonly BadInput[] = [...addresses, ...bodies, ...fields, ...callers, ...states, ...ourSide];

function cursor(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function secondsAgo(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
