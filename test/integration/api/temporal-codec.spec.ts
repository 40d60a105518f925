import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { sql } from 'kysely';
import { pino } from 'pino';
import { startApi, type RunningApi } from '../../../apps/api/create-api.js';
import { newId } from '#libs/kernel';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { RequestFactory } from '../../support/api/request.factory.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { openPayloads, type TestPayloads } from '../../support/payloads.js';

const UI = 'http://127.0.0.1:20001';
const ADDRESS = '/v1/temporal/codec/decode?preserveStorageRefs=true';
const NAMESPACE = 'stellwerk';

let fixture: ApiFixture;
let api: RunningApi;
let payloads: TestPayloads;

beforeAll(async () => {
  fixture = await startApiFixture();
  const masterKeys = testMasterKeys();
  payloads = openPayloads(fixture.database.urlFor('bridge'), masterKeys);
  api = await startApi(
    {
      database: { url: fixture.database.urlFor('api'), poolSize: 5 },
      http: { host: '127.0.0.1', port: 0, bodyLimitBytes: 262_144 },
      kafka: { brokers: [], prefix: 'test.' },
      signingKeyFile: null,
      masterKeys,
      secretsFile: null,
      publicUrl: 'http://127.0.0.1:1',
      cores: 24,
      temporalUiOrigin: UI,
    },
    { logger: pino({ level: 'silent' }) },
  );
});
afterAll(async () => {
  await api?.stop();
  await payloads?.stop();
  await fixture?.stop();
});

interface Wire {
  metadata: Record<string, string>;
  data: string;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A payload of a workflow, as the Temporal UI sends it. */
async function sealed(value: unknown, workflowId: string): Promise<Wire> {
  const context = { type: 'workflow', namespace: NAMESPACE, workflowId } as const;
  const [payload] = await payloads.codec.encode([defaultPayloadConverter.toPayload(value)], context);
  return toWire(payload!);
}

function toWire({ metadata, data }: Payload): Wire {
  const texts = Object.entries(metadata!).map(([name, bytes]) => [name, base64(bytes)] as const);
  return { metadata: Object.fromEntries(texts), data: base64(data!) };
}

function ask(as: Who, asked: readonly Wire[], headers: Record<string, string> = {}): Promise<Response> {
  return fetch(api.url + ADDRESS, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${fixture.keyOf(as)}`,
      'content-type': 'application/json',
      'x-namespace': NAMESPACE,
      ...headers,
    },
    body: JSON.stringify({ payloads: asked }),
  });
}

const readable = ({ data }: Wire): unknown => JSON.parse(Buffer.from(data, 'base64').toString()) as unknown;
const decoded = async (answer: Response): Promise<Wire[]> => ((await answer.json()) as { payloads: Wire[] }).payloads;

describe('payloads in the Temporal UI', () => {
  it('are shown to an operator, with what was never encrypted as it is, and the look is on record', async () => {
    const one = await sealed({ reason: 'Kündigung' }, `muster/offboarding/${newId()}`);
    const plain = toWire(defaultPayloadConverter.toPayload({ from: 'before' }));
    const answer = await ask('msp/operator', [one, plain]);
    expect(answer.status).toBe(200);
    const [first, second] = await decoded(answer);
    expect(readable(first!)).toEqual({ reason: 'Kündigung' });
    expect(first!.metadata['encoding']).toBe(base64(Buffer.from('json/plain')));
    expect(second).toEqual(plain);
    const { rows } = await sql<{ actor: string; outcome: string; after: unknown }>`
      SELECT actor, outcome, after FROM audit_entries WHERE tenant_id = 'muster' AND action = 'payload.decoded'`.execute(
      fixture.database.admin,
    );
    expect(rows).toEqual([{ actor: 'operator@msp', outcome: 'done', after: expect.objectContaining({ shown: 1 }) }]);
  });

  it('of a customer that is not granted stay encrypted, byte for byte, and that is on record', async () => {
    const technician = await ask('msp/technician', [await sealed('x', `muster/mover/${newId()}`)]);
    expect(technician.status).toBe(403);
    const stranger = await sealed({ reason: 'of nobody we see' }, `unknown-customer/mover/${newId()}`);
    expect(await decoded(await ask('msp/operator', [stranger]))).toEqual([stranger]);
    const { rows } = await sql<{ object_id: string; outcome: string }>`
      SELECT object_id, outcome FROM audit_entries WHERE action = 'payload.decoded' AND object_id = 'unknown-customer'`.execute(
      fixture.database.admin,
    );
    expect(rows).toEqual([{ object_id: 'unknown-customer', outcome: 'denied' }]);
  });

  it('of a confidential request are shown to those whom it names, and to nobody else', async () => {
    const { id } = await RequestFactory.of('muster', 'customer_admin@muster')
      .with({ confidential_until: '2099-01-01T00:00:00Z', confidants: ['owner@msp'] })
      .in(fixture.database.admin);
    const secret = await sealed({ reason: 'vertraulich' }, `muster/offboarding/${id}`);
    expect(await decoded(await ask('msp/operator', [secret]))).toEqual([secret]);
    expect(readable((await decoded(await ask('msp/owner', [secret])))[0]!)).toEqual({ reason: 'vertraulich' });
    // under the name of another workflow it does not open
    const renamed = {
      ...secret,
      metadata: { ...secret.metadata, 'stellwerk-workflow': base64(Buffer.from('muster/x/y')) },
    };
    expect(await decoded(await ask('msp/operator', [renamed]))).toEqual([renamed]);
  });

  it('that are damaged or forged come back as they are, and the others are shown', async () => {
    const workflowId = `muster/mover/${newId()}`;
    const good = await sealed('good', workflowId);
    const bad = { ...good, data: base64(randomBytes(80)) };
    const other = { ...good, metadata: { ...good.metadata, 'stellwerk-key': base64(Buffer.from('nordlicht/1')) } };
    const unknown = { ...good, metadata: { ...good.metadata, 'stellwerk-key': base64(Buffer.from('../x')) } };
    const answer = await decoded(await ask('msp/owner', [bad, other, unknown, good]));
    expect(answer.slice(0, 3)).toEqual([bad, other, unknown]);
    expect(readable(answer[3]!)).toBe('good');
  });

  it('of the engine’s own workflows are shown to the MSP', async () => {
    const own = await sealed({ after: null }, 'stellwerk/reconcile/queue');
    expect(readable((await decoded(await ask('msp/operator', [own])))[0]!)).toEqual({ after: null });
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string, path = ADDRESS): Promise<Response> =>
    fetch(api.url + path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' },
    });

  it('may call the codec when it is the Temporal UI’s', async () => {
    const answer = await preflight(UI);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('access-control-allow-headers')).toContain('x-namespace');
    const called = await ask('msp/operator', [], { origin: UI });
    expect(called.headers.get('access-control-allow-origin')).toBe(UI);
    expect(called.headers.get('vary')).toContain('origin');
  });

  it('may send a cookie along when it is the Temporal UI’s; another page’s is not even looked at', async () => {
    const withCookie = (origin: string, path = ADDRESS): Promise<Response> =>
      fetch(api.url + path, {
        method: 'POST',
        headers: { origin, cookie: 'stellwerk-session=made-up', 'content-type': 'application/json' },
        body: '{"payloads":[]}',
      });
    const code = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;
    // the cookie is a wrong one: that it is judged is what the origin decides
    expect(await code(await withCookie(UI))).toBe('auth.session_invalid');
    expect(await code(await withCookie('http://127.0.0.1:20002'))).toMatch(/cross_site/);
    expect(await code(await withCookie(UI, '/v1/requests'))).toMatch(/cross_site/);
  });

  it.each([
    ['another origin', 'http://127.0.0.1:20002', ADDRESS],
    ['a look-alike', `${UI}.evil.example`, ADDRESS],
    ['no origin', 'null', ADDRESS],
    ['another address of ours', UI, '/v1/secrets'],
  ])('gets no leave to read as %s', async (_what, origin, path) => {
    const answer = await preflight(origin, path);
    expect(answer.status).not.toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const called = await ask('msp/operator', [], { origin });
    if (path === ADDRESS) expect(called.headers.get('access-control-allow-origin')).toBeNull();
  });
});
