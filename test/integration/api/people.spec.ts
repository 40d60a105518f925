import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { startApiFixture, type ApiAnswer, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { signedInAs } from '../../support/api/session.js';
import { PersonFactory } from '../../support/api/people.factory.js';

let fixture: ApiFixture;

beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

const reason = 'As agreed on the phone.';

function give(as: Who, person: string, grant: object): Promise<ApiAnswer> {
  return fixture.call('POST', `/v1/people/${person}/grants`, { as, body: { reason, ...grant } });
}

function end(as: Who, person: string, grant: string): Promise<ApiAnswer> {
  return fixture.call('DELETE', `/v1/people/${person}/grants/${grant}`, { as, body: { reason } });
}

function turn(as: Who, person: string, how: 'lock' | 'unlock'): Promise<ApiAnswer> {
  return fixture.call('POST', `/v1/people/${person}/${how}`, { as, body: { reason } });
}

const admin = () => fixture.database.admin;

describe('roles', () => {
  it('are given and ended by an administrator, and each is on record with its reason', async () => {
    const person = await PersonFactory.at('muster').in(admin());
    const given = await give('muster/customer_admin', person, { role: 'approver', covers: 'home' });
    expect(given).toMatchObject({
      status: 200,
      body: { grants: [{ role: 'approver', covers: 'home', source: 'manual' }] },
    });
    const again = await give('muster/customer_admin', person, { role: 'approver', covers: 'home' });
    expect(again.body.grants).toEqual(given.body.grants);
    const ended = await end('muster/customer_admin', person, given.body.grants[0].id);
    expect(ended.body.grants).toEqual([]);
    const { rows } = await sql<{ action: string; reason: string }>`
      SELECT action, reason FROM audit_entries WHERE object_id = ${person} ORDER BY action`.execute(admin());
    expect(rows).toEqual([
      { action: 'grant.ended', reason },
      { action: 'grant.given', reason },
    ]);
  });

  it('of a customer’s first administrator come from an owner at the MSP, later ones from that administrator', async () => {
    const admins = { role: 'customer_admin', covers: 'home' };
    const [first, second] = [
      await PersonFactory.at('nordlicht').in(admin()),
      await PersonFactory.at('nordlicht').in(admin()),
    ];
    const tooPowerful = { status: 403, body: { code: 'grant.too_powerful' } };
    expect(await give('msp/operator', first, admins)).toMatchObject({ status: 403 });
    const given = await give('msp/owner', first, admins);
    expect(given).toMatchObject({ status: 200, body: { grants: [{ role: 'customer_admin' }] } });
    // or an owner could make one of their own, who releases the customer's export together with them
    expect(await give('msp/owner', second, admins)).toMatchObject(tooPowerful);
  });

  it('of a customer’s administrator are not passed to one of an owner’s own: by locking, by an invitation, by ending it alone', async () => {
    const tenant = 'muster';
    const real = await PersonFactory.at(tenant).granted('customer_admin', 'home').in(admin());
    const puppet = await PersonFactory.at(tenant).in(admin());
    const admins = { role: 'customer_admin', covers: 'home' };
    const tooPowerful = { status: 403, body: { code: 'grant.too_powerful' } };
    // both owners are people of the MSP, let in by neither of each other
    await PersonFactory.at('msp').named('owner').granted('owner', 'all').in(admin());
    const other = await PersonFactory.at('msp').named('other').granted('owner', 'all').in(admin());
    const otherIn = await signedInAs(fixture, 'msp', other);
    await turn('msp/owner', real, 'lock');
    expect(await give('msp/owner', puppet, admins)).toMatchObject(tooPowerful);
    const [grant] = (await fixture.call('GET', `/v1/people/${real}`, { as: 'msp/owner' })).body.grants;
    expect((await end('msp/owner', real, grant.id)).status).toBe(200);
    expect(await give('msp/owner', puppet, admins)).toMatchObject(tooPowerful);
    const helper = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const invite = { mail: 'own@mailbox.example', name: 'X', language: 'de', reason, grants: [admins] };
    for (const headers of [await signedInAs(fixture, 'msp', helper), {}]) {
      const as = Object.keys(headers).length > 0 ? {} : ({ as: 'msp/owner' } as const);
      const call = { ...as, body: invite, headers: { ...headers, 'stellwerk-tenant': tenant } };
      expect(await fixture.call('POST', '/v1/invitations', call)).toMatchObject(tooPowerful);
    }
    const path = `/v1/people/${puppet}/grants`;
    const byOther = await fixture.call('POST', path, { headers: otherIn, body: { reason, ...admins } });
    expect(byOther.status).toBe(200);
    // who counts as the last owner is another test’s
    await admin()
      .updateTable('role_grants')
      .set({ ended_at: new Date(0) })
      .where('role', '=', 'owner')
      .execute();
  });

  it('of a customer’s administrator are not given beside an open invitation of one', async () => {
    const id = `c${newId().slice(-12)}`;
    const row = { id, kind: 'customer' as const, name: 'x', time_zone: 'UTC' };
    await admin().insertInto('tenants').values(row).execute();
    const grants = [{ role: 'customer_admin', covers: 'home' }];
    const invite = (mail: string) => {
      const body = { mail, name: 'X', language: 'de', reason, grants };
      return fixture.call('POST', '/v1/invitations', { as: 'msp/owner', body, headers: { 'stellwerk-tenant': id } });
    };
    const real = await invite('real@customer.example');
    expect(real.status).toBe(201);
    const again = await fixture.call('POST', `/v1/invitations/${real.body.id}/send-again`, { as: 'msp/owner' });
    expect(again.status).toBe(200);
    expect(await invite('own@mailbox.example')).toMatchObject({ status: 403, body: { code: 'grant.too_powerful' } });
  });

  it('cannot be given to oneself', async () => {
    const self = await PersonFactory.at('muster').named('customer_admin').in(admin());
    const answer = await give('muster/customer_admin', self, { role: 'approver', covers: 'home' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'grant.own' } });
  });

  it('of another customer’s person are not found', async () => {
    const foreign = await PersonFactory.at('nordlicht').in(admin());
    const answer = await give('muster/customer_admin', foreign, { role: 'approver', covers: 'home' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'person.not_found' } });
    expect((await fixture.call('GET', `/v1/people/${foreign}`, { as: 'muster/auditor' })).status).toBe(404);
    expect((await fixture.call('GET', '/v1/people', { as: 'muster/auditor' })).text).not.toContain(foreign);
  });

  it.each([
    ['an MSP’s role at a customer', 'muster', { role: 'operator', covers: 'home' }, 'role'],
    ['all customers to a customer’s person', 'muster', { role: 'auditor', covers: 'all' }, 'covers'],
    ['a group that does not exist', 'msp', { role: 'operator', covers: 'group', coversId: newId() }, 'coversId'],
    ['a customer that does not exist', 'msp', { role: 'operator', covers: 'tenant', coversId: 'nobody' }, 'coversId'],
    ['a customer without its name', 'msp', { role: 'operator', covers: 'tenant' }, 'coversId'],
    ['a role at home to the MSP’s person', 'msp', { role: 'auditor', covers: 'home' }, 'covers'],
  ])('refuse %s', async (_case, tenant, grant, path) => {
    const person = await PersonFactory.at(tenant).in(admin());
    const answer = await give('msp/owner', person, grant);
    expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid', errors: [{ path }] } });
  });

  it('that come from the identity provider go there', async () => {
    const person = await PersonFactory.at('muster').granted('approver', 'home', null, 'claim').in(admin());
    const { body } = await fixture.call('GET', `/v1/people/${person}`, { as: 'muster/customer_admin' });
    const answer = await end('muster/customer_admin', person, body.grants[0].id);
    expect(answer).toMatchObject({ status: 409, body: { code: 'grant.by_claim' } });
    expect(await end('muster/customer_admin', person, newId())).toMatchObject({
      status: 404,
      body: { code: 'grant.not_found' },
    });
  });
});

describe('the last owner', () => {
  it('is neither locked nor loses the role, and two who end each other’s at once do not both succeed', async () => {
    const anna = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const [grant] = (await fixture.call('GET', `/v1/people/${anna}`, { as: 'msp/owner' })).body.grants;
    expect(await end('msp/owner', anna, grant.id)).toMatchObject({ status: 409, body: { code: 'grant.last_owner' } });
    expect(await turn('msp/owner', anna, 'lock')).toMatchObject({ status: 409, body: { code: 'grant.last_owner' } });
    const bert = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const answers = await Promise.all([turn('msp/owner', anna, 'lock'), turn('msp/owner', bert, 'lock')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('a locked person', () => {
  it('can be unlocked, and one that a run closed cannot', async () => {
    const person = await PersonFactory.at('muster').in(admin());
    expect((await turn('muster/customer_admin', person, 'lock')).body.status).toBe('locked');
    expect((await turn('muster/customer_admin', person, 'unlock')).body.status).toBe('active');
    await admin()
      .updateTable('people')
      .set({ status: 'closed', closed_by: 'muster/run/step' })
      .where('id', '=', person)
      .execute();
    const answer = await turn('muster/customer_admin', person, 'unlock');
    expect(answer).toMatchObject({ status: 409, body: { code: 'person.closed' } });
  });
});

it('a person of somebody who is leaving is not made while the off-boarding is open', async () => {
  const request = {
    tenant_id: 'muster',
    id: newId(),
    type: 'offboarding',
    status: 'planning' as const,
    subject: 'lea',
  };
  await admin()
    .insertInto('requests')
    .values({ ...request, body: '{}', requested_by: 'requester@muster', submitted_event_id: newId() })
    .execute();
  await expect(PersonFactory.at('muster').named('lea').in(admin())).rejects.toThrow(
    'The off-boarding of lea@muster is open.',
  );
});
