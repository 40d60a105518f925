import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { fresh } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { PasskeyFixture } from '../../support/identity/passkey-fixture.js';

let passkeys: PasskeyFixture;
beforeAll(async () => {
  passkeys = await PasskeyFixture.start();
});
afterAll(() => passkeys?.stop());

describe('an attacker with the link of an invitation', () => {
  it('who makes a passkey for one link cannot use it up at another person’s', async () => {
    const [own, other] = [await passkeys.invite(), await passkeys.invite()];
    const device = await passkeys.device();
    await device.page.goto(own.url);
    const token = (url: string): string => new URL(url).pathname.split('/').pop()!;
    const { cookie, body } = await passkeys.post('/v1/sign-in/passkey/invitation', { token: token(own.url) });
    const credential = JSON.stringify(await device.make(body));
    const form = { method: 'POST', headers: { cookie }, body: new URLSearchParams({ credential }) };
    expect((await fetch(other.url, form)).status).toBe(400);
    // that spoilt the challenge, and used neither link up
    expect((await fetch(own.url, form)).status).toBe(400);
    for (const { id } of [own, other])
      expect((await passkeys.fixture.call('GET', `/v1/invitations/${id}`, { as: 'muster/auditor' })).body.state).toBe(
        'open',
      );
    await device.close();
  });

  it('who comes by a link that was used, withdrawn, superseded or forged is told why, and gets no passkey', async () => {
    const used = await passkeys.accepted();
    await used.device.close();
    const withdrawn = await passkeys.invite();
    const gone = await passkeys.fixture.call('DELETE', `/v1/invitations/${withdrawn.id}`, {
      as: 'muster/customer_admin',
      body: { reason: 'Falsche Adresse.' },
    });
    expect(gone.body).toMatchObject({ state: 'withdrawn' });
    const resent = await passkeys.invite();
    const again = await passkeys.fixture.call('POST', `/v1/invitations/${resent.id}/send-again`, {
      as: 'muster/customer_admin',
    });
    expect(again.body).toMatchObject({ state: 'open', sent: 2 });
    expect(await passkeys.linkTo(resent.id)).not.toBe(resent.url);
    const forged = resent.url.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    for (const [url, status, why] of [
      [used.url, 410, 'schon benutzt'],
      [withdrawn.url, 410, 'zurückgezogen'],
      [resent.url, 410, 'zurückgezogen'],
      [forged, 404, 'nicht ausgestellt'],
    ] as const) {
      const answer = await fetch(url, { headers: { 'accept-language': 'de' } });
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(why)]);
      const token = new URL(url).pathname.split('/').pop()!;
      const asked = await passkeys.post('/v1/sign-in/passkey/invitation', { token });
      expect(asked.body).toMatchObject({ code: 'invitation.ended' });
    }
  });

  it('who was invited by somebody who has lost the right to it since gets nothing, until somebody sends it again', async () => {
    const { admin } = passkeys.fixture.database;
    const inviter = await PersonFactory.at('muster').named('ilse').granted('customer_admin', 'home').in(admin);
    const key = newApiKey();
    const row = { tenant_id: 'muster', id: newId(), role: 'customer_admin', subject: 'ilse@muster', name: 'test' };
    await admin
      .insertInto('api_keys')
      .values({ ...row, key_hash: hashOfApiKey(key) })
      .execute();
    const made = await passkeys.fixture.call('POST', '/v1/invitations', {
      headers: { ...fresh(), authorization: `Bearer ${key}` },
      body: {
        mail: 'komplizin@firma.example',
        name: 'Komplizin',
        language: 'de',
        grants: [{ role: 'customer_admin', covers: 'home' }],
        reason: 'x',
      },
    });
    expect(made.status).toBe(201);
    const id = made.body.id as string;
    const device = await passkeys.device();
    const refused = async () => {
      await device.page.goto(await passkeys.linkTo(id));
      await device.page.locator('form[data-passkey] button').click();
      await device.page.getByRole('heading', { name: 'Sie bekommen gerade keinen Zugang' }).waitFor();
      await device.holds([]);
    };
    await admin.updateTable('people').set({ status: 'locked' }).where('id', '=', inviter).execute();
    await refused();
    await admin.updateTable('people').set({ status: 'active' }).where('id', '=', inviter).execute();
    await admin.updateTable('role_grants').set({ role: 'approver' }).where('person_id', '=', inviter).execute();
    await refused();
    const people = admin.selectFrom('people').select('id').where('display_name', '=', 'Komplizin');
    expect(await people.execute()).toEqual([]);
    await passkeys.fixture.call('POST', `/v1/invitations/${id}/send-again`, { as: 'muster/customer_admin' });
    await device.register(await passkeys.linkTo(id));
    expect(await people.execute()).toHaveLength(1);
    await device.close();
  });

  it('who has somebody else’s browser accept an invitation leaves no session of theirs behind', async () => {
    const { device, person } = await passkeys.accepted();
    const second = await passkeys.invite();
    await device.holds([]);
    await device.register(second.url);
    const sessions = await passkeys.fixture.database.admin
      .selectFrom('sessions')
      .select('end_reason')
      .where('person_id', '=', person)
      .execute();
    expect(sessions).toEqual([{ end_reason: 'replaced' }]);
    const names = (await device.context.cookies()).map(({ name }) => name);
    expect(names).toContain('stellwerk-session');
    expect(names).not.toContain('stellwerk-passkey');
    await device.close();
  });
});
