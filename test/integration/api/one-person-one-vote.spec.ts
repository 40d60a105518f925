import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { excludedFrom, listRoleHolders } from '#libs/approvals';
import { newId } from '#libs/kernel';
import { inTenants, openDatabase } from '#libs/platform/database';
import { fresh, startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { ApprovalDesk, person, policyOf, role, stage, type AskedPlan } from '../../support/api/approval-desk.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { RequestFactory } from '../../support/api/request.factory.js';

/** Attacks by somebody who acts under more than one name, or lets somebody else act. */
let fixture: ApiFixture;
let desk: ApprovalDesk;
beforeAll(async () => {
  fixture = await startApiFixture();
  desk = new ApprovalDesk(fixture);
});
afterAll(() => fixture?.stop());

const admin = () => fixture.database.admin;
const SET = { settings: '{}', enabled: true, set_by: 'owner@msp' };
const APPROVER = role('customer', 'approver');
const ADMIN = role('customer', 'customer_admin');

/** A key that somebody makes; gives its subject. */
async function keyOf(as: Who): Promise<string> {
  const body = { name: 'hr system', role: 'requester' };
  const made = await fixture.call('POST', '/v1/api-keys', { as, headers: fresh(), body });
  expect(made.status).toBe(201);
  return made.body.subject;
}

/** The account of this name gets this address. */
async function mailOf(subject: string, mail: string): Promise<void> {
  const [name, tenant] = subject.split('@') as [string, string];
  const known = await admin().updateTable('people').set({ mail }).where('subject', '=', subject).executeTakeFirst();
  if (known.numUpdatedRows > 0n) return;
  await PersonFactory.at(tenant).named(name).in(admin());
  await mailOf(subject, mail);
}

async function needsSecondPerson({ id }: AskedPlan): Promise<void> {
  const confirmations = JSON.stringify([{ code: 'directory.user_privileged', text: 'Domain Admins' }]);
  await admin().updateTable('plans').set({ confirmations }).where('request_id', '=', id).execute();
  await admin().updateTable('requests').set({ needs_second_person: true }).where('id', '=', id).execute();
}

describe('whoever asks by a machine of theirs', () => {
  it('does not approve it: not themselves, and nobody in their name', async () => {
    await desk.save(policyOf(stage(1, [APPROVER, ADMIN])));
    const key = await keyOf('muster/customer_admin');
    expect(key).toMatch(/^key\./);
    await desk.delegate({ delegate: 'approver@muster' });
    const plan = await desk.asked(RequestFactory.of('muster', key));
    expect((await desk.vote(plan, 'muster/customer_admin')).body.code).toBe('approval.requester_cannot_decide');
    const inTheirName = { onBehalfOf: 'customer_admin@muster' };
    expect((await desk.vote(plan, 'muster/approver', 'approve', inTheirName)).body.code).toBe(
      'approval.delegation_not_in_force',
    );
    expect((await desk.vote(plan, 'muster/approver')).body.status).toBe('approved');
  });

  it('does not confirm it as the second person', async () => {
    const plan = await desk.asked(RequestFactory.of('muster', await enterMachine('import', 'owner@msp')));
    await needsSecondPerson(plan);
    expect((await desk.confirm(plan, 'msp/owner')).body.code).toBe('confirmation.requester_cannot_confirm');
    expect((await desk.confirm(plan, 'msp/operator')).status).toBe(200);
  });

  it('is asked by no mail either', async () => {
    const key = await keyOf('muster/customer_admin');
    const request = { tenant: 'muster', requester: key, subject: 'eva.beck', policy: policyOf(stage(1, [APPROVER])) };
    const { requester } = await inTenants(admin(), ['muster'], (tx) => excludedFrom(tx, request));
    expect(requester).toEqual(expect.arrayContaining([key, 'customer_admin@muster']));
  });
});

/** A program of the MSP that its issuer vouches for, entered by this person. */
async function enterMachine(name: string, setBy: string): Promise<string> {
  const issuer = { tenant_id: 'msp', id: newId() };
  await admin()
    .insertInto('identity_providers')
    .values({ ...issuer, name: `of ${name}`, issuer: `https://${name}.example`, client_id: 'stellwerk', ...SET })
    .execute();
  await admin()
    .insertInto('machine_clients')
    .values({
      ...{ tenant_id: 'msp', id: newId(), provider_id: issuer.id, name, client_id: name, subject: name },
      ...{ role: 'operator', enabled: true, set_by: setBy },
    })
    .execute();
  return `machine:${name}@msp`;
}

/** Replaces it, as the API does. */
async function replaceMachine(name: string, setBy: string): Promise<void> {
  const api = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test-api');
  const change = (values: object) =>
    inTenants(api, ['msp'], (tx) => tx.updateTable('machine_clients').set(values).where('name', '=', name).execute());
  try {
    await expect(change({ made_by: [] })).rejects.toThrow('permission denied');
    await change({ set_by: setBy });
  } finally {
    await api.destroy();
  }
}

describe('whoever entered a machine', () => {
  it('does not approve what it asked for, after others replaced it; nor do those', async () => {
    const machine = await enterMachine('backup', 'operator@msp');
    await replaceMachine('backup', 'owner@msp');
    await replaceMachine('backup', 'technician@msp');
    await desk.save(policyOf(stage(1, [role('msp', 'operator'), role('msp', 'owner'), APPROVER])));
    const plan = await desk.asked(RequestFactory.of('muster', machine));
    for (const who of ['msp/operator', 'msp/owner'] as const)
      expect((await desk.vote(plan, who)).body.code).toBe('approval.requester_cannot_decide');
    expect((await desk.vote(plan, 'muster/approver')).body.status).toBe('approved');
  });

  it('does not approve what a key of theirs asked for, after somebody else renewed it', async () => {
    const made = await fixture.call('POST', '/v1/api-keys', {
      ...{ as: 'muster/customer_admin', headers: fresh(), body: { name: 'hr', role: 'requester' } },
    });
    const { id, subject } = made.body;
    const [later] = await admin().selectFrom('api_keys').selectAll().where('id', '=', id).execute();
    const renewed = { ...later!, id: newId(), key_hash: Buffer.alloc(32, 7), created_by: 'approver@muster' };
    await admin().insertInto('api_keys').values(renewed).execute();
    await desk.save(policyOf(stage(1, [ADMIN, APPROVER, role('msp', 'operator')])));
    const plan = await desk.asked(RequestFactory.of('muster', subject));
    for (const who of ['muster/customer_admin', 'muster/approver'] as const)
      expect((await desk.vote(plan, who)).body.code).toBe('approval.requester_cannot_decide');
    expect((await desk.vote(plan, 'msp/operator')).body.status).toBe('approved');
  });
});

describe('a machine', () => {
  it('is none of those who can be named as approvers', async () => {
    const key = await keyOf('muster/customer_admin');
    expect(await desk.save(policyOf(stage(1, [person(key)])))).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'stages.0.approvers.0.subject', code: 'not_found' }] },
    });
    const holders = await inTenants(admin(), ['muster'], (tx) => listRoleHolders(tx, 'muster'));
    expect(holders.map(({ subject }) => subject)).not.toContain(key);
  });
});

describe('somebody with two accounts of one mail address', () => {
  it('counts once, and as the requester not at all', async () => {
    await mailOf('approver@muster', 'Anna@firma.example');
    await mailOf('customer_admin@muster', 'anna@FIRMA.example');
    await desk.save(policyOf(stage(2, [APPROVER, ADMIN, role('msp', 'operator')])));
    const plan = await desk.asked();
    expect((await desk.vote(plan, 'muster/approver')).body.waitingFor.votes).toMatchObject({ approvals: 1 });
    expect((await desk.vote(plan, 'muster/customer_admin')).body.code).toBe('approval.already_voted');
    expect((await desk.vote(plan, 'msp/operator')).body.status).toBe('approved');
    const own = await desk.asked(RequestFactory.of('muster', 'approver@muster'));
    expect((await desk.vote(own, 'muster/customer_admin')).body.code).toBe('approval.requester_cannot_decide');
  });

  it('is no second person of what they approved, nor approves what they confirmed', async () => {
    await mailOf('operator@msp', 'otto@msp.example');
    await mailOf('owner@msp', 'otto@msp.example');
    await desk.save(policyOf(stage(1, [role('msp', 'operator'), role('msp', 'owner'), APPROVER])));
    const [approved, confirmed] = [await desk.asked(), await desk.asked()];
    await needsSecondPerson(approved);
    await needsSecondPerson(confirmed);
    expect((await desk.vote(approved, 'msp/operator')).body.waitingFor.kind).toBe('second_person');
    expect((await desk.confirm(approved, 'msp/owner')).body.code).toBe('confirmation.decider_cannot_confirm');
    expect((await desk.confirm(confirmed, 'msp/owner')).status).toBe(200);
    expect((await desk.vote(confirmed, 'msp/operator')).body.code).toBe('approval.confirmer_cannot_decide');
  });
});

/** Everybody is somebody else again. */
async function apart(): Promise<void> {
  await admin().deleteFrom('person_addresses').execute();
  await admin()
    .updateTable('people')
    .set({ mail: sql<string>`replace(subject, '@', '.') || '@firma.example'` })
    .execute();
}

describe('somebody who changes their mail address before they ask', () => {
  beforeEach(apart);

  it('is still who they were: neither their other account nor their old mailbox decides', async () => {
    await mailOf('approver@muster', 'anna.alt@firma.example');
    await mailOf('customer_admin@muster', 'Anna.Alt@firma.example');
    await mailOf('customer_admin@muster', 'somebody.else@firma.example');
    await desk.save(policyOf(stage(1, [APPROVER, role('msp', 'operator')])));
    const own = await desk.asked(RequestFactory.of('muster', 'customer_admin@muster'));
    expect((await desk.vote(own, 'muster/approver')).body.code).toBe('approval.requester_cannot_decide');
    expect((await desk.vote(own, 'msp/operator')).body.status).toBe('approved');
    const request = { tenant: 'muster', requester: 'customer_admin@muster', subject: 'eva.beck' };
    const policy = policyOf(stage(1, [APPROVER]));
    const { requester } = await inTenants(admin(), ['muster'], (tx) => excludedFrom(tx, { ...request, policy }));
    const addresses = requester.filter((name) => name.startsWith('mail:'));
    expect(addresses).toEqual(
      expect.arrayContaining(['mail:anna.alt@firma.example', 'mail:somebody.else@firma.example']),
    );
  });

  it('cannot have what they were forgotten: no program writes there', async () => {
    const api = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test-api');
    const forget = () => inTenants(api, ['muster'], (tx) => tx.deleteFrom('person_addresses').execute());
    await expect(forget()).rejects.toThrow('permission denied');
    await api.destroy();
  });
});

describe('somebody whom another one stands in for', () => {
  beforeEach(apart);

  it('is no first person of what they confirmed, not even by their stand-in', async () => {
    await desk.save(policyOf(stage(1, [role('msp', 'operator'), role('msp', 'owner')])));
    const plan = await desk.asked();
    await needsSecondPerson(plan);
    expect((await desk.confirm(plan, 'msp/operator')).status).toBe(200);
    expect((await desk.delegate({ delegate: 'approver@muster' }, 'msp/operator')).status).toBe(201);
    const code = async (more?: object) => (await desk.vote(plan, 'muster/approver', 'approve', more)).body.code;
    expect(await code()).toBe('approval.confirmer_cannot_decide');
    expect(await code({ onBehalfOf: 'operator@msp' })).toBe('approval.confirmer_cannot_decide');
    expect((await desk.vote(plan, 'msp/owner')).body.status).toBe('approved');
  });

  it('is not the stand-in of themselves by a second account', async () => {
    await mailOf('approver@muster', 'anna@firma.example');
    await mailOf('customer_admin@muster', 'anna@firma.example');
    expect(await desk.delegate({ delegate: 'approver@muster' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'delegate', code: 'duplicate' }] },
    });
  });
});

describe('an administrator who names the stand-in of the only approver', () => {
  beforeEach(apart);

  const ONLY = policyOf(stage(1, [person('approver@muster')]));
  const setBy = (by: string, delegate: string) =>
    admin()
      .insertInto('approval_delegations')
      .values({
        ...{ tenant_id: 'muster', id: newId(), delegator: 'approver@muster', delegate, set_by: by, reason: null },
        valid_from: new Date(0),
        valid_until: new Date('2040-01-01T00:00:00Z'),
        set_at: new Date(0),
      })
      .execute();
  const code = async (plan: AskedPlan, who: Who) => (await desk.vote(plan, who)).body.code;

  it('gets nothing approved by it that they asked for themselves', async () => {
    await desk.save(ONLY);
    await setBy('customer_admin@muster', 'operator@msp');
    const own = await desk.asked(RequestFactory.of('muster', 'customer_admin@muster'));
    expect(await code(own, 'msp/operator')).toBe('approval.not_an_approver');
    const byKey = await desk.asked(RequestFactory.of('muster', await keyOf('muster/customer_admin')));
    expect(await code(byKey, 'msp/operator')).toBe('approval.not_an_approver');
    expect((await desk.vote(await desk.asked(), 'msp/operator')).body.status).toBe('approved');
  });

  it('does not stand in by an account that turns out to be theirs later', async () => {
    await mailOf('operator@msp', 'otto@msp.example');
    await mailOf('owner@msp', 'other@msp.example');
    await setBy('operator@msp', 'owner@msp');
    const plan = await desk.asked();
    await mailOf('owner@msp', 'otto@msp.example');
    expect(await code(plan, 'msp/owner')).toBe('approval.not_an_approver');
  });
});
