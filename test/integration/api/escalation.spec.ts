import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, systemClock } from '#libs/kernel';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { escalation as runningEscalation, mspPerson } from './scan/escalation-things.js';
import { Things } from './scan/things.js';

let fixture: ApiFixture;
let things: Things;
beforeAll(async () => {
  fixture = await startApiFixture();
  things = new Things(fixture.database.admin, 'muster');
});
afterAll(() => fixture?.stop());

async function sent(as: Who, method: string, path: string, body?: object, tenant = 'muster') {
  const headers = { 'idempotency-key': newId(), ...(as.startsWith('msp/') ? { 'stellwerk-tenant': tenant } : {}) };
  return fixture.call(method, path, { as, headers, ...(body === undefined ? {} : { body }) });
}

async function done(as: Who, method: string, path: string, body?: object, tenant?: string) {
  const answer = await sent(as, method, path, body, tenant);
  expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
  return answer.body as Record<string, unknown> & { readonly id: string };
}

const row = (id: string) =>
  fixture.database.admin.selectFrom('escalations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('an escalation', () => {
  it('is started by hand with a chain of the customer’s or the MSP’s, frozen as it was', async () => {
    const person = await mspPerson(things);
    const steps = [{ kind: 'notify', receivers: [{ kind: 'person', subject: person }] }];
    await done('msp/operator', 'PUT', '/v1/sla/chains/shared', { steps }, 'msp');
    const ticket = await things.ticket();
    const body = { chain: 'shared', reason: 'Their boss is on the phone.' };
    const started = await done('msp/technician', 'POST', `/v1/tickets/${ticket}/escalations`, body);
    expect(started).toMatchObject({
      ticket,
      status: 'running',
      cause: 'hand',
      chain: { tenant: 'msp', version: 1, steps },
    });

    await done(
      'msp/operator',
      'PUT',
      '/v1/sla/chains/shared',
      { steps: [...steps, { kind: 'wait', minutes: 5 }] },
      'msp',
    );
    expect((await row(started.id)).chain).toMatchObject({ steps });
    const seen = await done('msp/technician', 'GET', `/v1/escalations/${started.id}`);
    expect(seen['timeline']).toMatchObject([{ kind: 'started', who: 'technician@msp' }]);
    const { items } = await done('msp/technician', 'GET', `/v1/escalations?ticket=${ticket}&status=running`);
    expect(items).toMatchObject([{ id: started.id }]);
  });

  it('is acknowledged once: whoever comes second is told so, and by whom', async () => {
    const id = await runningEscalation(things);
    const answers = await Promise.all(
      (['msp/technician', 'msp/operator'] as const).map((as) =>
        sent(as, 'POST', `/v1/escalations/${id}/acknowledgement`),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await row(id)).toMatchObject({ status: 'acknowledged', acknowledged_via: 'api', acknowledged_until: null });
  });
});

describe('whoever acknowledges', () => {
  /** The technician was told by a step that names this. */
  async function toldBy(receiver: object): Promise<string> {
    const { admin } = fixture.database;
    const id = await runningEscalation(things);
    const { ticket_id } = await row(id);
    const chain = { steps: [{ kind: 'notify', receivers: [receiver] }], repeat: 0, acknowledgementMinutes: null };
    await admin
      .updateTable('escalations')
      .set({ chain: JSON.stringify(chain) })
      .where('id', '=', id)
      .execute();
    const place = { tenant_id: 'muster', id: newId(), ticket_id, escalation_id: id, round: 0, step: 0, kind: 'step' };
    const whom = { recipient_kind: 'person', recipient: 'technician@msp', due_at: new Date(0), ended_at: new Date(0) };
    await admin
      .insertInto('notifications')
      .values({ ...place, ...whom, status: 'sent' })
      .execute();
    return id;
  }
  const timeOf = async (id: string) =>
    fixture.database.admin
      .selectFrom('ticket_time_entries')
      .selectAll()
      .where('ticket_id', '=', (await row(id)).ticket_id)
      .execute();

  it('because they are on call has their time run on the ticket, as a call-out', async () => {
    const named = await toldBy({ kind: 'person', subject: 'technician@msp' });
    await done('msp/technician', 'POST', `/v1/escalations/${named}/acknowledgement`);
    expect(await timeOf(named)).toEqual([]);

    const called = await toldBy({ kind: 'schedule', id: newId() });
    await done('msp/technician', 'POST', `/v1/escalations/${called}/acknowledgement`);
    expect(await timeOf(called)).toMatchObject([{ kind: 'call_out', technician: 'technician@msp', to_at: null }]);

    // whose time runs already goes on with that
    const again = await toldBy({ kind: 'schedule', id: newId() });
    await done('msp/technician', 'POST', `/v1/escalations/${again}/acknowledgement`);
    expect(await timeOf(again)).toEqual([]);
  });
});

describe('an answer that a provider brings', () => {
  const SECRET = 'shared-with-the-provider';
  let channel = '';
  beforeAll(async () => {
    await done('msp/owner', 'PUT', '/v1/secrets/callback-sms', { value: SECRET }, 'msp');
    const config = {
      ...{ kind: 'sms', url: 'https://sms.example/send', idAt: '/sid', body: { to: '{to}', message: '{text}' } },
      callback: { secret: 'secret://callback-sms', idAt: '/sid', answerAt: '/text', accepts: ['1', 'ok'] },
    };
    channel = (await done('msp/operator', 'PUT', '/v1/notification-channels/sms', config, 'msp')).id;
  });

  /** Somebody who was told by a short message that the provider calls `sid`. */
  async function told(): Promise<{ readonly escalation: string; readonly sid: string }> {
    const { admin } = fixture.database;
    const escalation = await runningEscalation(things);
    const { ticket_id } = await row(escalation);
    const [id, sid] = [newId(), randomUUID()];
    const place = { tenant_id: 'muster', ticket_id, escalation_id: escalation, round: 0, step: 0, kind: 'step' };
    const whom = { recipient_kind: 'person', recipient: 'technician@msp', due_at: new Date(0), ended_at: new Date(0) };
    await admin
      .insertInto('notifications')
      .values({ ...place, ...whom, id, status: 'sent' })
      .execute();
    const attempt = { tenant_id: 'muster', notification_id: id, number: 1, channel: 'sms', provider_id: sid };
    await admin
      .insertInto('notification_attempts')
      .values({ ...attempt, ended_at: new Date(0), outcome: 'sent' })
      .execute();
    return { escalation, sid };
  }

  interface Forgery {
    readonly secret?: string;
    readonly secondsAgo?: number;
    readonly to?: string;
    readonly signed?: object;
  }

  async function bring(body: object, { secret = SECRET, secondsAgo = 0, to = channel, signed = body }: Forgery = {}) {
    const timestamp = String(Math.floor(systemClock.now().getTime() / 1000) - secondsAgo);
    const signature = createHmac('sha256', secret)
      .update(`${timestamp}.${JSON.stringify(signed)}`)
      .digest('hex');
    const headers = { 'stellwerk-timestamp': timestamp, 'stellwerk-signature': signature };
    return fixture.call('POST', `/v1/notification-callbacks/${to}`, { headers, body });
  }

  it('acknowledges in the name of whoever was told, and does nothing twice', async () => {
    const { escalation, sid } = await told();
    const answers = await Promise.all([bring({ sid, text: ' OK ' }), bring({ sid, text: ' OK ' })]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    expect(await row(escalation)).toMatchObject({ acknowledged_by: 'technician@msp', acknowledged_via: 'sms' });
  });

  it('that says something else, or is about nothing of ours, does nothing', async () => {
    const { escalation, sid } = await told();
    expect((await bring({ sid, text: 'who is this?' })).status).toBe(204);
    expect((await bring({ sid: 'unknown', text: 'ok' })).status).toBe(204);
    expect((await row(escalation)).status).toBe('running');
  });

  it.each<[string, Forgery]>([
    ['signed by somebody else', { secret: 'guessed' }],
    ['that was changed on its way', { signed: { sid: 'x', text: 'ok' } }],
    ['that is played again later', { secondsAgo: 301 }],
    ['from the future', { secondsAgo: -301 }],
    ['for a channel that is none', { to: '01975d1c-7a00-7000-8000-00000000dead' }],
    ['for what is no channel’s id', { to: 'sms' }],
  ])('%s is refused, and told nothing', async (_name, forgery) => {
    const { escalation, sid } = await told();
    const { status, body } = await bring({ sid, text: 'ok' }, forgery);
    expect([status, (body as { code: string }).code]).toEqual([403, 'escalation.callback_refused']);
    expect(JSON.stringify(body)).not.toMatch(/muster|technician|sms\.example/);
    expect((await row(escalation)).status).toBe('running');
  });
});
