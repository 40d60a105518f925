import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { invitationNewsSignal } from '#workflows';
import type { RunningApi } from '../../apps/api/create-api.js';
import { ended, invited, linkIn, mailTo, startApiOf } from '../support/mailed.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;
let api: RunningApi;

beforeAll(async () => {
  harness = await startProcessHarness();
  api = await startApiOf(harness);
});
afterAll(async () => {
  await api?.stop();
  await harness?.stop();
});

const admin = () => harness.database.admin;

async function keyOfAdmin(): Promise<string> {
  const key = newApiKey();
  const row = {
    tenant_id: TENANT,
    id: newId(),
    role: 'customer_admin',
    subject: 'customer_admin@muster',
    name: 'test',
  };
  await admin()
    .insertInto('api_keys')
    .values({ ...row, key_hash: hashOfApiKey(key) })
    .execute();
  return key;
}

describe('an invitation', () => {
  it('goes out by mail, anew with another link when it is sent again, and ends with its acceptance or withdrawal', async () => {
    const { id, mail, handle } = await invited(harness);
    const first = await mailTo(harness, mail);
    expect(first).toMatchObject({ subject: expect.stringMatching(/^Einladung zu Stellwerk/) });
    const events = await admin()
      .selectFrom('outbox')
      .select('value')
      .where('key', '=', `${TENANT}/invitation/${id}`)
      .execute();
    expect(events.map(({ value }) => value.toString())).toEqual([JSON.stringify({ invitationId: id })]);
    const key = await keyOfAdmin();
    const call = (method: string, path: string, body?: object) =>
      fetch(`${api.url}/v1/invitations/${id}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    expect((await call('POST', '/send-again')).status).toBe(200);
    await handle.signal(invitationNewsSignal, { eventId: newId() });
    const second = await mailTo(harness, mail, 2);
    expect(linkIn(api, second.text)).not.toBe(linkIn(api, first.text));
    expect(await (await fetch(linkIn(api, first.text))).text()).toContain('gilt nicht mehr');
    expect((await call('DELETE', '', { reason: 'Doch nicht.' })).status).toBe(200);
    await handle.signal(invitationNewsSignal, { eventId: newId() });
    await ended(handle);
  });

  it('that nobody accepts in time expires, on record', async () => {
    const { id, handle } = await invited(harness, { endsInSeconds: 2 });
    await ended(handle);
    const row = admin().selectFrom('invitations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(await row).toMatchObject({ expired_at: expect.any(Date), accepted_at: null });
    const entries = await admin().selectFrom('audit_entries').select('action').where('object_id', '=', id).execute();
    expect(entries.map(({ action }) => action)).toEqual(['invitation.sent', 'invitation.expired']);
  });
});
