import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { excludedFrom, listRoleHolders } from '#libs/approvals';
import { inTenants } from '#libs/platform/database';
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
  await PersonFactory.at(tenant).named(name).in(admin());
  await admin().updateTable('people').set({ mail }).where('subject', '=', subject).execute();
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
    const plan = await desk.asked(RequestFactory.of('muster', 'machine:import@msp'));
    await needsSecondPerson(plan);
    const issuer = { tenant_id: 'msp', id: '00000000-0000-7000-8000-000000000001' };
    await admin()
      .insertInto('identity_providers')
      .values({ ...issuer, name: 'own', issuer: 'https://id.example', client_id: 'stellwerk', ...SET })
      .execute();
    await admin()
      .insertInto('machine_clients')
      .values({
        ...{ tenant_id: 'msp', id: '00000000-0000-7000-8000-000000000002', provider_id: issuer.id, name: 'import' },
        ...{ client_id: 'import', subject: 'import', role: 'operator', enabled: true, set_by: 'owner@msp' },
      })
      .execute();
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
