import { handlers } from '../integration/api/scan/routes.js';

/** Links that exist, so that the fuzzer gets past "unknown". */
export interface PublicThings {
  /** The token of a one-time link. */
  readonly handOver: string;
  /** The token of a calendar’s address. */
  readonly calendar: string;
  /** The token of a mailed link, by its purpose. */
  readonly mailedLinks: Readonly<Record<string, string>>;
}

type Schema = Record<string, unknown>;
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly type: 'json' | 'form'; readonly schema: Schema };
  /** Redirects, pages, or neither beside problems. */
  readonly answers?: 'page' | 'redirect' | 'json' | 'script' | 'calendar' | 'nothing';
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'cookie';
  readonly schema: Schema;
}

const TEXT: Schema = { type: 'string' };
const query = (name: string, schema: Schema = TEXT): Parameter => ({ name, in: 'query', schema });
const cookie = (name: string): Parameter => ({ name, in: 'cookie', schema: TEXT });
const inPath = (name: string, ...known: readonly string[]): Parameter => ({
  ...{ name, in: 'path', schema: { anyOf: [{ enum: known }, { type: 'string', minLength: 1 }] } },
});
const form = (properties: Record<string, Schema>, required: readonly string[] = []) =>
  ({ type: 'form', schema: { type: 'object', properties, required } }) as const;
const json = (properties: Record<string, Schema>, required: readonly string[] = []) =>
  ({ type: 'json', schema: { type: 'object', properties, required } }) as const;

const PATH = { anyOf: [{ enum: ['/docs', '//evil.example', '/\\evil.example', 'https://evil.example'] }, TEXT] };
/** As a browser gives it, and so not. */
const CREDENTIAL: Schema = {
  type: 'object',
  properties: {
    ...{ id: TEXT, rawId: TEXT, type: { enum: ['public-key'] }, clientExtensionResults: { type: 'object' } },
    response: {
      type: 'object',
      properties: { clientDataJSON: TEXT, authenticatorData: TEXT, signature: TEXT, userHandle: TEXT },
    },
  },
};

/** What strangers may call and the API's own description leaves out, by `METHOD /address` as the server has it. */
function publicOperations({ handOver, mailedLinks, calendar }: PublicThings): Readonly<Record<string, Operation>> {
  const link = [inPath('purpose', ...Object.keys(mailedLinks)), inPath('token', ...Object.values(mailedLinks))];
  const once = [inPath('token', handOver)];
  const decision = { decision: { enum: ['approve', 'reject'] }, reason: TEXT, name: TEXT, credential: TEXT };
  return {
    'GET /v1/sign-in': {
      parameters: [
        ...[query('provider', { type: 'string', format: 'uuid' }), query('tenant'), query('mail')],
        ...[query('returnTo', PATH), query('again', { enum: ['true', 'false'] })],
      ],
      answers: 'redirect',
    },
    'POST /v1/sign-in': {
      parameters: [query('provider', { type: 'string', format: 'uuid' }), query('tenant'), query('returnTo', PATH)],
      answers: 'page',
    },
    'GET /v1/sign-in/callback/:home/:provider': {
      parameters: [
        ...[inPath('home', 'muster', 'msp'), inPath('provider', 'entra')],
        ...[query('code'), query('state'), query('iss'), query('error'), query('error_description')],
        ...[cookie('stellwerk-sign-in'), cookie('stellwerk-session')],
      ],
      answers: 'redirect',
    },
    'GET /v1/sign-in/ended': { answers: 'page' },
    'POST /v1/sign-in/back-channel-logout': { requestBody: form({ logout_token: TEXT }, ['logout_token']) },
    'GET /sign-in': { parameters: [query('returnTo', PATH)], answers: 'page' },
    'GET /sign-in/passkey.js': { answers: 'script' },
    'POST /v1/sign-in/passkey/options': { requestBody: json({ returnTo: PATH }), answers: 'json' },
    'POST /v1/sign-in/passkey': {
      parameters: [cookie('stellwerk-passkey'), cookie('stellwerk-session')],
      requestBody: json({ credential: CREDENTIAL }, ['credential']),
      answers: 'json',
    },
    'POST /v1/sign-in/passkey/invitation': {
      requestBody: json(
        { token: { anyOf: [{ enum: Object.values(mailedLinks) }, { type: 'string', maxLength: 200 }] } },
        ['token'],
      ),
      answers: 'json',
    },
    'GET /links/:purpose/:token': { parameters: link, answers: 'page' },
    'POST /links/:purpose/:token': { parameters: link, requestBody: form(decision), answers: 'page' },
    'GET /calendars/:token': { parameters: [inPath('token', calendar)], answers: 'calendar' },
    'POST /v1/notification-callbacks/:id': {
      parameters: [inPath('id', '01975d1c-7a00-7000-8000-000000000013')],
      requestBody: json({ id: TEXT, answer: TEXT }),
    },
    'GET /hand-over/:token': { parameters: once, answers: 'page' },
    'POST /hand-over/:token': { parameters: once, answers: 'page' },
  };
}

/** The same for everybody, whatever is sent: files, and the description itself. */
const FILES = ['/openapi.json', '/docs', '/docs/start.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'];

/** Addresses that nobody needs a key for and the API's description leaves out, e.g. `POST /hand-over/:token`. */
export function undescribedAddresses(): readonly string[] {
  return handlers()
    .filter(({ operationId, access }) => operationId === undefined && access === 'public')
    .flatMap(({ addresses }) => addresses)
    .filter((address) => !FILES.some((file) => address === `GET ${file}`));
}

const CONTENT = {
  page: { 'text/html': { schema: TEXT } },
  redirect: {},
  json: { 'application/json': { schema: { type: 'object' } } },
  script: { 'text/javascript': { schema: TEXT } },
  calendar: { 'text/calendar': { schema: TEXT } },
  nothing: {},
} as const;

const header = (pattern: string) => ({ required: true, schema: { type: 'string', pattern } });
/** What stands on every answer. */
const HEADERS = {
  'x-content-type-options': header('^nosniff$'),
  'cache-control': header('^no-store$'),
  'referrer-policy': header('^no-referrer$'),
  'content-security-policy': header("^default-src 'none'.*frame-ancestors 'none'"),
  'x-request-id': header('.'),
};
const PROBLEM = {
  'application/problem+json': {
    schema: {
      type: 'object',
      required: ['type', 'title', 'status', 'code'],
      properties: { status: { type: 'integer', minimum: 400, maximum: 499 }, code: { type: 'string', minLength: 3 } },
    },
  },
};

/** A description of them (OpenAPI 3.1), for the fuzzer alone: no client is to be written against pages. */
export function publicDescription(things: PublicThings): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [address, operation] of Object.entries(publicOperations(things))) {
    const [method, path] = address.split(' ') as [string, string];
    const described = path.replace(/:(\w+)/g, '{$1}');
    paths[described] = { ...paths[described], [method.toLowerCase()]: describedOperation(address, operation) };
  }
  return { openapi: '3.1.0', info: { title: 'What strangers call', version: '1' }, paths };
}

function describedOperation(address: string, { parameters = [], requestBody, answers = 'nothing' }: Operation): object {
  const type = requestBody?.type === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  const content = CONTENT[answers];
  return {
    operationId: address.replace(/\W+/g, '_'),
    parameters: parameters.map((one) => ({ ...one, required: one.in === 'path' })),
    ...(requestBody && { requestBody: { required: true, content: { [type]: { schema: requestBody.schema } } } }),
    responses: {
      '2XX': { description: 'Done.', headers: HEADERS, content },
      ...(answers === 'redirect' && { '303': { description: 'Go there.', headers: HEADERS } }),
      '4XX': { description: 'Refused.', headers: HEADERS, content: { ...PROBLEM, ...CONTENT.page } },
    },
  };
}

/** What the description has, in the server's words. */
export function describedAddresses(): readonly string[] {
  return Object.keys(publicOperations({ handOver: 'x', calendar: 'x', mailedLinks: { approval: 'x' } }));
}
