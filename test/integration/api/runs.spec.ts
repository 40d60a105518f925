import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { json } from '#libs/platform/database';
import { fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { LOCKED, RequestFactory } from '../../support/api/request.factory.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture.stop());

const runOf = (tenant: string, status: string) =>
  RequestFactory.of(tenant)
    .inStatus('closed')
    .withRun(status)
    .wrote('disable_sign_in', LOCKED)
    .in(fixture.database.admin);

async function addHistory(tenant: string, runId: string, length: number): Promise<void> {
  const rows = Array.from({ length }, (_, index) => ({
    tenant_id: tenant,
    run_id: runId,
    seq: index + 1,
    kind: 'step_ended',
    step_id: 'disable_sign_in',
    attempt: 1,
    who: 'stellwerk',
    seconds: 0.25,
    data: json({ before: [LOCKED], after: [LOCKED], evidence: { entryCSN: 'x' }, outcome: 'succeeded' }),
  }));
  await fixture.database.admin.insertInto('run_timeline').values(rows).execute();
}

describe('reading runs', () => {
  it('gives the full history, page by page, with who, before, after, evidence and seconds', async () => {
    const { runId } = await runOf('muster', 'completed');
    await addHistory('muster', runId, 5);
    const first = await fixture.call('GET', `/v1/runs/${runId}?limit=3`, { as: 'muster/auditor' });
    expect(first.body.timeline[0]).toMatchObject({
      seq: 1,
      step: 'disable_sign_in',
      attempt: 1,
      who: 'stellwerk',
      before: [{ target: 'uid=eva', field: 'shadowExpire', value: null }],
      after: [{ target: 'uid=eva', field: 'shadowExpire', value: '1' }],
      evidence: { entryCSN: 'x' },
      seconds: 0.25,
      data: { outcome: 'succeeded' },
    });
    const second = await fixture.call('GET', `/v1/runs/${runId}?limit=3&cursor=${first.body.nextCursor}`, {
      as: 'muster/auditor',
    });
    const seqs = [...first.body.timeline, ...second.body.timeline].map((entry: { seq: number }) => entry.seq);
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    expect(second.body.nextCursor).toBeNull();
  });

  it('shows what each step found and what was read back, field by field', async () => {
    const { runId } = await runOf('muster', 'completed');
    const { steps } = (await fixture.call('GET', `/v1/runs/${runId}`, { as: 'muster/auditor' })).body;
    expect(steps).toMatchObject([{ id: 'disable_sign_in' }]);
    expect(steps[0].before).toEqual([{ target: 'uid=eva', field: 'shadowExpire', value: null }]);
    expect(steps[0].after).toEqual([{ target: 'uid=eva', field: 'shadowExpire', value: '1' }]);
  });

  it('lists what the caller sees, by tenant and status', async () => {
    const { runId } = await runOf('nordlicht', 'failed');
    const list = async (as: 'msp/technician' | 'muster/approver', query: string) =>
      (await fixture.call('GET', `/v1/runs?${query}`, { as })).body.items.map((item: { id: string }) => item.id);
    expect(await list('msp/technician', 'tenant=nordlicht&status=failed')).toEqual([runId]);
    expect(await list('msp/technician', 'limit=200')).toContain(runId);
    expect(await list('muster/approver', 'limit=200')).not.toContain(runId);
  });
});

describe('reinstating', () => {
  const reinstate = (runId: string, body: unknown, headers = fresh()) =>
    fixture.call('POST', `/v1/runs/${runId}/reinstate`, { as: 'muster/requester', body, headers });

  it('requests that a run be taken back, once at a time', async () => {
    const { runId } = await runOf('muster', 'completed_with_errors');
    const headers = fresh();
    const answer = await reinstate(
      runId,
      { overwrite: ['disable_sign_in:.#shadowexpire'], reason: 'She stays.' },
      headers,
    );
    expect(answer).toMatchObject({ status: 202, body: { status: 'planning' } });
    expect(
      (await reinstate(runId, { overwrite: ['disable_sign_in:.#shadowexpire'], reason: 'She stays.' }, headers)).body,
    ).toEqual(answer.body);
    const shown = await fixture.call('GET', `/v1/requests/${answer.body.id}`, { as: 'muster/auditor' });
    expect(shown.body).toMatchObject({
      type: 'reinstatement',
      user: 'eva.beck',
      lastWorkingAt: null,
      body: { runId, overwrite: ['disable_sign_in:.#shadowexpire'], reason: 'She stays.' },
    });
    const event = await fixture.database.admin
      .selectFrom('outbox')
      .selectAll()
      .where('key', '=', `muster/request/${answer.body.id}`)
      .executeTakeFirstOrThrow();
    expect(event.headers['ce_type']).toBe('de.stellwerk.request.reinstatement.submitted.v1');
    expect((await reinstate(runId, {})).body.code).toBe('run.reinstatement_open');
  });

  it('takes a body that is not there as one without wishes', async () => {
    const { runId } = await runOf('muster', 'cancelled');
    expect((await reinstate(runId, undefined)).status).toBe(202);
  });

  it('takes the customer from the run when the MSP names none', async () => {
    const { runId } = await runOf('nordlicht', 'completed');
    const headers = fresh();
    const call = (more: Record<string, string> = {}) =>
      fixture.call('POST', `/v1/runs/${runId}/reinstate`, { as: 'msp/operator', headers: { ...headers, ...more } });
    expect((await call({ 'stellwerk-tenant': 'muster' })).body.code).toBe('run.not_found');
    const answer = await call();
    expect(answer.status).toBe(202);
    expect((await call({ 'stellwerk-tenant': 'nordlicht' })).body).toEqual(answer.body);
    const shown = await fixture.call('GET', `/v1/requests/${answer.body.id}`, { as: 'nordlicht/auditor' });
    expect(shown.body).toMatchObject({ tenant: 'nordlicht', requestedBy: 'operator@msp' });
  });

  it('takes one of two that come at once', async () => {
    const { runId } = await runOf('muster', 'completed');
    const answers = await Promise.all([reinstate(runId, {}), reinstate(runId, {}), reinstate(runId, {})]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409, 409]);
  });
});
