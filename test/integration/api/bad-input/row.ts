import type { Call } from '../../../support/api/api-fixture.js';
import type { Undo, World } from './world.js';

export interface Sent extends Call {
  readonly method?: string;
  readonly path: string;
  /** Bytes that no client sends: they go over the line instead, and no request comes of them. */
  readonly wire?: string;
}

/** What a row has besides: most rows have none of it. */
export interface More {
  /** Fields that the answer names, with their codes. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, RegExp>>;
  readonly given?: (world: World) => Promise<Undo>;
  readonly withoutDatabase?: boolean;
  readonly withoutKeys?: boolean;
  /** To a server that does not wait long. */
  readonly impatient?: boolean;
}

/** One bad input and its answer. Whatever the input, it writes no row and appends no event. */
export interface BadInput extends More {
  readonly what: string;
  readonly send: (world: World) => Sent;
  readonly status: number;
  readonly code: string;
}

type Short = readonly [what: string, send: (world: World) => Sent, more?: More];

/** Rows with the same answer. */
export function answeredBy(status: number, code: string, ...rows: readonly Short[]): BadInput[] {
  return rows.map(([what, send, more]) => ({ what, send, status, code, ...more }));
}

/** The answer names this field with this code. */
export function at(path: string, code: string): More {
  return { fields: { [path]: code } };
}

export const NO_ID = '01975d1c-7a00-7000-8000-00000000dead';
export const RETRY: More = { headers: { 'retry-after': /^[1-9]\d*$/ } };

type Changed = Partial<Sent> | ((world: World) => Partial<Sent>);

/** A submission by Muster's requester, changed. */
export function submit(change: Changed = {}) {
  return (world: World): Sent => ({
    method: 'POST',
    path: '/v1/requests',
    as: 'muster/requester',
    headers: { 'idempotency-key': world.key },
    body: world.wish,
    ...(typeof change === 'function' ? change(world) : change),
  });
}

/** A submission without a key of the API. */
export function anonymous(headers: Record<string, string> = {}) {
  return ({ wish }: World): Sent => ({ method: 'POST', path: '/v1/requests', body: wish, headers });
}

/** Bytes as they go over the line. */
export function onTheLine(...lines: readonly string[]) {
  return (): Sent => ({ path: '', wire: lines.join('\r\n') });
}

/** A submission whose wish is changed. */
export function wish(change: object) {
  return submit((world) => ({ body: { ...world.wish, ...change } }));
}

export function get(path: string | ((world: World) => string), as: Call['as'] = 'muster/auditor') {
  return (world: World): Sent => ({ path: typeof path === 'string' ? path : path(world), ...(as ? { as } : {}) });
}

export function decide(
  request: keyof World['ids'],
  change: object = {},
  as: NonNullable<Call['as']> = 'muster/approver',
) {
  return ({ ids, planHash }: World): Sent => ({
    method: 'POST',
    path: `/v1/requests/${ids[request]}/decisions`,
    as,
    body: { decision: 'approve', planHash, ...change },
  });
}

export function reinstate(run: keyof World['ids'], body: unknown = {}) {
  return ({ ids, key }: World): Sent => ({
    method: 'POST',
    path: `/v1/runs/${ids[run]}/reinstate`,
    as: 'muster/requester',
    headers: { 'idempotency-key': key },
    body,
  });
}

export function replay(letter: (world: World) => string, tenant = 'muster') {
  return (world: World): Sent => ({
    method: 'POST',
    path: `/v1/dead-letters/${letter(world)}/replay`,
    as: 'msp/operator',
    headers: { 'stellwerk-tenant': tenant },
  });
}
