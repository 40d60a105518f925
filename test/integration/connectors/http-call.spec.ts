import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { httpCall as block } from '#libs/connectors';
import type { Json, JsonObject } from '#libs/kernel';
import { Resources } from '../sandbox/sandbox-fixture.js';
import { freePort } from '../../../tools/sandbox/directory/free-port.js';
import { Customer } from './block-context.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

describe('http.call', () => {
  const resources = new Resources();
  const received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let answer: Answer;
  let origin: string;
  beforeAll(async () => {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        received.push({ method: request.method!, url: request.url!, headers: request.headers, body });
        answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    resources.add(server, () => server.closeAllConnections());
    resources.add(server, () => server.close());
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    received.length = 0;
    answer = json(200, { status: 'ok' });
  });
  afterAll(() => resources.cleanUp());

  const json =
    (status: number, body: Json, headers: Record<string, string> = {}): Answer =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
  function customer(config: JsonObject = { origins: [origin] }): Customer {
    const made = new Customer({ tenant: 'muster', name: 'hooks', kind: 'http', config, secretRef: null });
    made.secrets.set('secret://hook-token', 'tok-3n-of-the-hook');
    return made;
  }
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  type Input = Parameters<typeof block.plan>[1];
  async function called(input: Input, step = customer().step({ stepId: 'notify_webhook' })) {
    const effect = await block.plan(step, input);
    const receipt = ((await block.apply(step, input, effect)) ?? null) as JsonObject | null;
    return { step, effect, receipt, proof: await block.verify(step, input, effect, receipt) };
  }
  const post = (path = '/hook'): Input => ({ url: origin + path, method: 'POST', body: { user: 'änne' } });

  it('sends a secret to nobody in public without encryption', async () => {
    const config = { origins: ['http://93.184.216.34'] };
    const system = { tenant: 'muster', name: 'hooks', kind: 'http' as const, config, secretRef: null };
    const toPublic = new Customer(system, { allowances: [], publicAddresses: 'open' });
    toPublic.secrets.set('secret://hook-token', 'tok-3n-of-the-hook');
    const headers = { authorization: 'Bearer secret://hook-token' };
    const input = { url: 'http://93.184.216.34/hook', method: 'POST', headers } as Input;
    const step = toPublic.step({ stepId: 'notify_webhook' });
    const effect = await block.plan(step, input).catch((error: unknown) => error);
    const refused = effect instanceof Error ? effect : await failure(block.apply(step, input, effect as never));
    expect(refused).toMatchObject({ code: 'outgoing.address_forbidden' });
  });

  it('calls with the same Idempotency-Key at every repeat and proves it by the answer', async () => {
    const { effect, proof } = await called(post());
    await called(post());
    expect(effect).toMatchObject({
      identity: null,
      irreversible: expect.any(String),
      changes: [{ opaque: true, target: `${origin}/hook` }],
    });
    expect(received.map((call) => [call.method, call.body, call.headers['content-type']])).toEqual([
      ['POST', '{"user":"änne"}', 'application/json'],
      ['POST', '{"user":"änne"}', 'application/json'],
    ]);
    const keys = received.map((call) => call.headers['idempotency-key']);
    expect(new Set(keys)).toEqual(new Set(['muster/019a0000-0000-7000-8000-000000000001/notify_webhook']));
    expect(proof).toMatchObject({
      proven: true,
      evidence: { status: 200, excerpt: '{"status":"ok"}', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('sends the body that was approved, whatever order its keys have by then', async () => {
    const body = { user: 'änne', groups: [{ name: 'vpn', id: 7 }], 10: 'ten' };
    const effect = await block.plan(customer().step(), { ...post(), body });
    const stored = { ...post(), body: { groups: [{ id: 7, name: 'vpn' }], 10: 'ten', user: 'änne' } };
    await block.apply(customer().step(), stored, effect);
    const sha256 = createHash('sha256').update(received[0]!.body).digest('hex');
    expect(effect.changes[0]!.after).toEqual({ method: 'POST', bodySha256: sha256 });
    expect(JSON.parse(received[0]!.body)).toEqual(body);
  });

  it('puts secrets into headers at the moment of the call and nowhere else', async () => {
    answer = (request, response) => response.end(`you sent ${String(request.headers.authorization)}`);
    const { effect, receipt, proof } = await called({
      ...post(),
      headers: { Authorization: 'Bearer secret://hook-token' },
    });
    expect(received[0]!.headers.authorization).toBe('Bearer tok-3n-of-the-hook');
    expect(proof.evidence['excerpt']).toBe('you sent Bearer ***');
    expect(JSON.stringify({ effect, receipt, proof })).not.toContain('tok-3n-of-the-hook');
  });

  it('does not tell a secret that no header can hold', async () => {
    const broken = customer();
    broken.secrets.set('secret://hook-token', 'two\nlines-of-it');
    const error = await failure(called({ ...post(), headers: { 'X-Token': 'secret://hook-token' } }, broken.step()));
    expect(error).toMatchObject({ code: 'http.header_refused', retryable: false });
    expect(String(error) + String((error as Error).cause)).not.toContain('lines-of-it');
    expect(received).toEqual([]);
  });

  it.each([408, 425, 429, 500, 503])('tries again after %i', async (status) => {
    answer = json(status, {}, { 'retry-after': '7' });
    expect(await failure(called(post()))).toMatchObject({
      code: 'http.temporarily_refused',
      retryable: true,
      retryAfterSeconds: 7,
    });
  });

  it.each([400, 401, 404, 409, 302])('fails on %i, and follows no redirect', async (status) => {
    answer = json(status, { why: 'no' }, { location: '/elsewhere' });
    expect(await failure(called(post()))).toMatchObject({
      code: 'http.unexpected_status',
      retryable: false,
      context: { status, excerpt: '{"why":"no"}' },
    });
    expect(received).toHaveLength(1);
    expect(await called({ ...post(), expectStatus: [status] })).toMatchObject({ proof: { proven: true } });
  });

  it('reads no answer beyond 1 MiB', async () => {
    answer = (_request, response) => response.end('x'.repeat(1024 * 1024 + 1));
    expect(await failure(called(post()))).toMatchObject({ code: 'http.answer_too_large', retryable: false });
    answer = (_request, response) => response.end('x'.repeat(1024 * 1024));
    const { proof } = await called(post());
    expect(String(proof.evidence['excerpt'])).toHaveLength(200);
  });

  it('is unreachable when nobody listens or the connection breaks', async () => {
    answer = (_request, response) => response.destroy();
    expect(await failure(called(post()))).toMatchObject({ code: 'connector.system_unreachable', retryable: true });
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect(await failure(called({ url: nobody, method: 'GET' }, customer({ origins: [nobody] }).step()))).toMatchObject(
      {
        code: 'connector.system_unreachable',
      },
    );
    const smtp = 'http://127.0.0.1:25';
    expect(await failure(called({ url: smtp, method: 'GET' }, customer({ origins: [smtp] }).step()))).toMatchObject({
      code: 'outgoing.address_forbidden',
    });
  });

  it('gives up on an answer that does not come, and ends at once with its worker', async () => {
    let asked = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    answer = () => asked();
    const ending = new AbortController();
    const step = { ...customer().step(), signal: ending.signal };
    const outcome = failure(called(post(), step));
    await arrived;
    ending.abort(new Error('worker ended'));
    expect(await outcome).toMatchObject({ message: 'worker ended' });
    const impatient = customer({ origins: [origin], answerWithinSeconds: 1 }).step();
    expect(await failure(called(post(), impatient))).toMatchObject({
      code: 'connector.system_unreachable',
      message: expect.stringContaining('1 s'),
    });
  });

  it('goes only where the system’s configuration lets it', async () => {
    const refused = { code: 'http.origin_refused', retryable: false };
    expect(
      await failure(Promise.resolve().then(() => called({ url: 'http://169.254.169.254/latest', method: 'GET' }))),
    ).toMatchObject(refused);
    expect(
      await failure(Promise.resolve().then(() => called({ url: 'file:///etc/passwd', method: 'GET' }))),
    ).toMatchObject(refused);
    const login = origin.replace('//', '//user:pass@');
    expect(await failure(Promise.resolve().then(() => called({ url: login, method: 'GET' })))).toMatchObject(refused);
    expect(await failure(Promise.resolve().then(() => called(post(), customer({}).step())))).toMatchObject({
      code: 'connector.config_invalid',
    });
    expect(await called(post(), customer({ anyOrigin: true }).step())).toMatchObject({ proof: { proven: true } });
    expect(received).toHaveLength(1);
  });

  describe('with a read-back', () => {
    const input = (): Input => ({
      ...post(),
      readBack: { url: `${origin}/state`, jsonPointer: '/items/0/a~1b', equals: 'open' },
    });
    const state =
      (value: Json): Answer =>
      (request, response) =>
        json(200, request.method === 'GET' ? { items: [{ 'a/b': value }] } : {})(request, response);

    it('is proven by what another call finds', async () => {
      answer = state('open');
      const { proof } = await called(input());
      expect(proof).toMatchObject({
        proven: true,
        evidence: { by: 'read-back by another call', readBack: { value: 'open', matches: true } },
      });
      expect(received[1]!.headers['idempotency-key']).toBeUndefined();
    });

    it('is not proven by another value, a missing one, or another status', async () => {
      answer = state('closed');
      expect((await called(input())).proof).toMatchObject({
        proven: false,
        evidence: { readBack: { value: 'closed', matches: false } },
      });
      answer = json(200, []);
      expect((await called(input())).proof.proven).toBe(false);
      answer = (request, response) => json(request.method === 'GET' ? 404 : 200, {})(request, response);
      expect((await called(input())).proof).toMatchObject({
        proven: false,
        evidence: { readBack: { status: 404, matches: false } },
      });
    });
  });

  it('undoes by the call that the process names, under a key of its own', async () => {
    const input: Input = { ...post(), undo: { url: `${origin}/hook/1`, method: 'DELETE', expectStatus: [204] } };
    const { step, effect } = await called(input);
    expect(effect.irreversible).toBeNull();
    answer = (_request, response) => response.writeHead(204).end();
    const back = await block.undo(step, input, effect, []);
    const receipt = (await block.apply(step, input, back)) as JsonObject;
    expect(await block.verify(step, input, back, receipt)).toMatchObject({ proven: true, evidence: { status: 204 } });
    expect(received[1]).toMatchObject({
      method: 'DELETE',
      url: '/hook/1',
      headers: { 'idempotency-key': `${step.idempotencyKey}/undo` },
    });
    expect(await block.undo(step, post(), effect, [])).toMatchObject({ changes: [], irreversible: expect.any(String) });
  });
});
