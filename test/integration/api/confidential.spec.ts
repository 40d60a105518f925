import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fresh, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { localIn } from '../../support/api/dates.js';
import { hashOf, LOCKED, RequestFactory } from '../../support/api/request.factory.js';
import { startUnlimitedApi } from './scan/unlimited.js';

const LEAVER = 'greta.geheim';
const NO_ID = '01975d1c-7a00-7000-8000-00000000dead';
const UNTIL = '2099-01-01T00:00:00Z';

let fixture: ApiFixture;
let ids: { id: string; runId: string };
beforeAll(async () => {
  // every address is read by everybody, expensive ones too
  fixture = await startUnlimitedApi();
  const secret = RequestFactory.of('muster')
    .about(LEAVER)
    .planned()
    .withRun('completed')
    .wrote('disable_sign_in', LOCKED)
    .inStatus('closed');
  ids = await secret.with({ confidential_until: UNTIL, confidants: ['technician@msp'] }).in(fixture.database.admin);
});
afterAll(() => fixture.stop());

const get = (path: string, as: Who) => fixture.call('GET', path, { as });

/** Those who see it: the requester, who decides at the customer, and the technician who is named. */
const INSIDERS: Who[] = ['muster/requester', 'muster/approver', 'muster/customer_admin', 'msp/technician'];
const OUTSIDERS: Who[] = ['muster/auditor', 'msp/owner', 'msp/operator', 'msp/auditor', 'nordlicht/customer_admin'];

/** Every address that can be read, from the API's own description; `{id}` stands for a request, then for a run. */
async function readable(): Promise<string[]> {
  const { body } = await get('/openapi.json', 'msp/owner');
  const paths = Object.entries(body.paths as Record<string, object>).flatMap(([path, verbs]) =>
    'get' in verbs ? [path] : [],
  );
  return paths.flatMap((path) => [ids.id, ids.runId].map((id) => path.replace(/\{[^}]+\}/g, id)));
}

describe('a confidential request', () => {
  it.each(INSIDERS)('is seen by %s in lists, plan, run and history', async (as) => {
    for (const path of ['/v1/requests', `/v1/requests/${ids.id}`, `/v1/requests/${ids.id}/plan`])
      expect(await get(path, as)).toMatchObject({ status: 200, text: expect.stringContaining(LEAVER) });
    for (const path of ['/v1/runs', `/v1/runs/${ids.runId}`])
      expect(await get(path, as)).toMatchObject({ status: 200, text: expect.stringContaining(LEAVER) });
  });

  it.each(OUTSIDERS)('is nowhere in what %s can read, whatever the address', async (as) => {
    const paths = [...new Set(await readable())];
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) {
      const answer = await get(path, as);
      expect({ path, told: answer.text.includes(LEAVER) }).toEqual({ path, told: false });
      if (path.includes(ids.id) || path.includes(ids.runId)) {
        const unknown = await get(path.replace(ids.id, NO_ID).replace(ids.runId, NO_ID), as);
        expect([path, answer.status, answer.body?.code]).toEqual([path, unknown.status, unknown.body?.code]);
        expect([path, answer.status >= 400]).toEqual([path, true]);
      }
    }
  });

  it('answers an outsider’s acts like an unknown id', async () => {
    const headers = { 'stellwerk-tenant': 'muster', ...fresh() };
    const body = { decision: 'approve', planHash: hashOf('x') };
    for (const as of ['msp/operator', 'msp/owner'] as const) {
      const decided = await fixture.call('POST', `/v1/requests/${ids.id}/decisions`, { as, headers, body });
      expect(decided).toMatchObject({ status: 404, body: { code: 'request.not_found' } });
      const confirmed = { planHash: body.planHash };
      const path = `/v1/requests/${ids.id}/confirmations`;
      expect((await fixture.call('POST', path, { as, headers, body: confirmed })).body.code).toBe('request.not_found');
      const taken = await fixture.call('POST', `/v1/runs/${ids.runId}/reinstate`, { as, headers, body: {} });
      expect(taken).toMatchObject({ status: 404, body: { code: 'run.not_found' } });
    }
  });

  it('is not seen by whom it is about, even as an approver', async () => {
    const own = await RequestFactory.of('muster')
      .about('approver')
      .planned()
      .with({ confidential_until: UNTIL })
      .in(fixture.database.admin);
    expect((await get(`/v1/requests/${own.id}`, 'muster/approver')).body.code).toBe('request.not_found');
    expect((await get(`/v1/requests/${own.id}`, 'muster/customer_admin')).status).toBe(200);
  });

  it('is seen by the MSP’s owner when it needs a second person there', async () => {
    const secret = RequestFactory.of('muster').planned().with({ confidential_until: UNTIL });
    const { id } = await secret.with({ needs_second_person: true }).in(fixture.database.admin);
    expect((await get(`/v1/requests/${id}`, 'msp/owner')).status).toBe(200);
    expect((await get(`/v1/requests/${id}`, 'msp/operator')).status).toBe(404);
  });

  it('is like any other once its time has come', async () => {
    const past = RequestFactory.of('muster').with({ confidential_until: '2020-01-01T00:00:00Z' });
    const { id } = await past.in(fixture.database.admin);
    expect((await get(`/v1/requests/${id}`, 'muster/auditor')).status).toBe(200);
  });

  it('is asked for with the request: until the lock-out, for those who are named', async () => {
    const body = { type: 'offboarding', user: 'paul.privat', lastWorkingAt: localIn(20) };
    const submit = (more: object) =>
      fixture.call('POST', '/v1/requests', { as: 'muster/requester', headers: fresh(), body: { ...body, ...more } });
    const { body: accepted } = await submit({ confidential: { technicians: ['Technician@msp'] } });
    const { body: seen } = await get(`/v1/requests/${accepted.id}`, 'msp/technician');
    expect(seen.confidentialUntil).toBe(seen.startsAt);
    expect((await get(`/v1/requests/${accepted.id}`, 'msp/operator')).status).toBe(404);
    const events = await fixture.database.admin
      .selectFrom('outbox')
      .select('value')
      .where('key', '=', `muster/request/${accepted.id}`)
      .execute();
    expect(events.map((event) => JSON.parse(event.value.toString()))).toEqual([{ requestId: accepted.id }]);
  });

  it('is not given away to whoever asks for the same once more', async () => {
    const lastWorkingAt = localIn(20);
    const secret = { type: 'offboarding', user: 'sven.still', lastWorkingAt, confidential: {} };
    const submit = (as: Who, body: object) =>
      fixture.call('POST', '/v1/requests', { as, headers: { 'stellwerk-tenant': 'muster', ...fresh() }, body });
    const { body: accepted } = await submit('muster/customer_admin', secret);
    const asked = { type: 'offboarding', user: 'Sven.Still', lastWorkingAt };
    const outsider = await submit('muster/requester', asked);
    expect(outsider).toMatchObject({ status: 409, body: { code: 'request.not_taken' } });
    expect(outsider.text).not.toMatch(new RegExp(`${accepted.id}|open|confidential|leav`, 'i'));
    const context = { requestId: accepted.id };
    expect((await submit('muster/customer_admin', asked)).body).toMatchObject({
      code: 'request.already_open',
      context,
    });
    const file = { as: 'muster/requester' as const, headers: { 'content-type': 'text/csv', ...fresh() } };
    const raw = `user,lastWorkingAt\nsven.still,${lastWorkingAt}\n`;
    const imported = await fixture.call('POST', '/v1/requests/import?type=offboarding', { ...file, raw });
    expect(imported.body.errors).toMatchObject([{ path: '2.user', code: 'not_taken' }]);
    expect(imported.text).not.toContain(accepted.id);
  });

  it('hands its confidentiality on to what takes it back', async () => {
    const taken = await fixture.call('POST', `/v1/runs/${ids.runId}/reinstate`, {
      as: 'muster/requester',
      headers: fresh(),
      body: {},
    });
    expect(taken.status).toBe(202);
    expect((await get(`/v1/requests/${taken.body.id}`, 'muster/auditor')).status).toBe(404);
    expect((await get(`/v1/requests/${taken.body.id}`, 'msp/technician')).status).toBe(200);
  });
});
