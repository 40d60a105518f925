import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { DEFAULT_POLICY, openRound, type ApprovalPolicy } from '#libs/approvals';
import { hashOfCookieToken, newCookieToken } from '#libs/identity';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey, PortalAccounts, type Role } from '#libs/platform/access';
import { openDatabase } from '#libs/platform/database';
import { MailedLinks } from '#libs/platform/mailed-links';
import { openKeyRing, SealedValues } from '#libs/platform/secrets';
import { Browser } from '../../../tools/sandbox/identity/index.js';
import { fresh, type Who } from '../../support/api/api-fixture.js';
import { PersonFactory } from '../../support/api/people.factory.js';
import { RequestFactory } from '../../support/api/request.factory.js';
import { startIdentityFixture, type IdentityFixture } from '../../support/identity/identity-fixture.js';
import { testMasterKeys } from '../../support/master-keys.js';

let fixture: IdentityFixture;
const keyRing = openKeyRing(testMasterKeys());
beforeAll(async () => {
  fixture = await startIdentityFixture();
});
afterAll(() => fixture?.stop());

const admin = () => fixture.database.admin;
const reason = 'Left the company.';
const close = (as: Who, id: string) => fixture.call('POST', `/v1/people/${id}/close`, { as, body: { reason } });
const statusOf = async (id: string) =>
  (await admin().selectFrom('people').select('status').where('id', '=', id).executeTakeFirstOrThrow()).status;
const actionsOn = async (tenant: string, object: string) =>
  (
    await admin()
      .selectFrom('audit_entries')
      .select('action')
      .where('tenant_id', '=', tenant)
      .where('object_id', '=', object)
      .orderBy('id')
      .execute()
  ).map(({ action }) => action);

/** A key that works; gives what it is called with. */
async function keyOf(tenant: string, role: Role, subject: string, more: object = {}) {
  const key = newApiKey();
  const id = newId();
  const row = { tenant_id: tenant, id, role, subject, name: 'test', key_hash: hashOfApiKey(key) };
  await admin()
    .insertInto('api_keys')
    .values({ ...row, ...more })
    .execute();
  const call = { headers: { authorization: `Bearer ${key}` } };
  return { id, call, me: async () => (await fixture.call('GET', '/v1/me', call)).status };
}

/** A session of somebody; gives what /v1/me answers to it. */
async function sessionOf(tenant_id: string, person_id: string) {
  const token = newCookieToken();
  const ways = { provider_id: null, issuer_sid: null, issuer_subject: null, refresh_token: null, id_token: null };
  await admin()
    .insertInto('sessions')
    .values({
      ...{ tenant_id, id: newId(), person_id, token_hash: hashOfCookieToken(token), ...ways },
      ...{ method: 'passkey', second_factor: true, user_agent: null, idle_minutes: 60 },
      expires_at: sql<Date>`now() + interval '1 hour'`,
    })
    .execute();
  return async () =>
    (await fixture.call('GET', '/v1/me', { headers: { cookie: `stellwerk-session=${token}` } })).status;
}

async function delegation(tenant: string, delegator: string, delegate: string): Promise<string> {
  const id = newId();
  const times = { valid_from: '2020-01-01', valid_until: '2099-01-01' };
  await admin()
    .insertInto('approval_delegations')
    .values({ tenant_id: tenant, id, delegator, delegate, ...times, set_by: delegator, reason: null, ended_by: null })
    .execute();
  return id;
}

async function mailedLink(tenant: string, objectId: string, recipient: string): Promise<string> {
  const worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-worker');
  const links = new MailedLinks(worker, new SealedValues(worker, keyRing), fixture.api.url);
  const { url } = await links.offer({
    tenant,
    purpose: 'approval',
    objectId,
    recipient,
    language: 'en',
    validHours: 9,
  });
  await worker.destroy();
  return url;
}

const stage = (approvers: ApprovalPolicy['stages'][number]['approvers']) => ({ needed: 1, approvers, rejections: 1 });

/** A plan that waits for these approvers. */
async function asked(approvers: ApprovalPolicy['stages'][number]['approvers']) {
  const { id, planHash } = await RequestFactory.of('muster')
    .about(`u${newId().slice(-6)}`)
    .planned()
    .in(admin());
  const policy = { ...DEFAULT_POLICY, stages: [stage(approvers)] };
  const saved = await fixture.call('PUT', '/v1/approval-policies/offboarding', {
    as: 'muster/customer_admin',
    body: policy,
  });
  expect(saved.status).toBe(200);
  const subject = { tenant: 'muster', kind: 'plan', id, revision: 1, hash: planHash, requestId: id };
  const approval = await admin()
    .transaction()
    .execute((tx) => openRound(tx, { ...subject, process: 'offboarding', startsAt: null }));
  const vote = (as: Who) =>
    fixture.call('POST', `/v1/requests/${id}/decisions`, {
      ...{ as, headers: as.startsWith('msp/') ? { 'stellwerk-tenant': 'muster' } : {} },
      body: { decision: 'approve', planHash },
    });
  return { id, approval, vote };
}

describe('somebody whose access is closed for good', () => {
  it('does not go on with their session, their key, a key that they made, or a role', async () => {
    const id = await PersonFactory.at('muster').named('gerda').granted('approver', 'home').in(admin());
    const subject = 'gerda@muster';
    const me = await sessionOf('muster', id);
    const own = await keyOf('muster', 'approver', 'Gerda@muster');
    const made = await keyOf('muster', 'approver', `key.${newId()}@muster`, { created_by: subject });
    const others = await keyOf('muster', 'auditor', `key.${newId()}@muster`, { created_by: 'customer_admin@muster' });
    const stands = await delegation('muster', 'approver@muster', subject);
    expect([await me(), await own.me(), await made.me()]).toEqual([200, 200, 200]);
    const closed = await close('muster/customer_admin', id);
    expect(closed).toMatchObject({ status: 200, body: { status: 'closed', grants: [] } });
    expect([await me(), await own.me(), await made.me(), await others.me()]).toEqual([401, 401, 401, 200]);
    expect(await actionsOn('muster', stands)).toEqual(['delegation.ended']);
    expect(await actionsOn('muster', made.id)).toEqual(['api_key.revoked']);
    const entry = await admin()
      .selectFrom('audit_entries')
      .selectAll()
      .where('action', '=', 'person.closed')
      .executeTakeFirstOrThrow();
    expect(entry).toMatchObject({
      ...{ actor: 'customer_admin@muster', object_id: id, reason, before: 'active' },
      after: { roles: ['approver'], sessions: 1, apiKeys: 2, delegations: 1 },
    });
    // again changes nothing, and nothing is put on record
    expect((await close('muster/customer_admin', id)).status).toBe(200);
    expect(await actionsOn('muster', id)).toEqual(['person.closed']);
  });

  it('is not let in again: by unlocking, a role, an identity, a run that is taken back, or a program that tries', async () => {
    const id = await PersonFactory.at('muster').named('hugo').granted('approver', 'home').in(admin());
    const key = await keyOf('muster', 'approver', 'hugo@muster');
    const worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-worker');
    const accounts = new PortalAccounts(worker);
    await accounts.close('muster', 'hugo', 'muster/run/step');
    expect((await close('muster/customer_admin', id)).status).toBe(200);
    await accounts.giveBack('muster', 'hugo', 'muster/run/step');
    await worker.destroy();
    expect([await statusOf(id), await key.me()]).toEqual(['closed', 401]);
    const call = { as: 'muster/customer_admin', body: { reason, role: 'approver', covers: 'home' } } as const;
    for (const act of ['unlock', 'lock', 'grants'])
      expect(
        (
          await fixture.call('POST', `/v1/people/${id}/${act}`, {
            ...call,
            body: act === 'grants' ? call.body : { reason },
          })
        ).body,
      ).toMatchObject({ code: 'person.closed' });
    const link = { as: 'muster/customer_admin', body: { subject: 'hugo-at-issuer', reason } } as const;
    expect((await fixture.call('PUT', `/v1/people/${id}/identities/demo`, link)).body.code).toBe('person.closed');
    const open = admin().updateTable('people').set({ status: 'active' }).where('id', '=', id).execute();
    await expect(open).rejects.toThrow('closed for good');
  });

  it('does not come back through their company’s issuer, as themselves or as somebody new', async () => {
    const browser = await fixture.signedIn('petra.vogelsang');
    const { id } = await admin()
      .selectFrom('people')
      .select('id')
      .where('subject', 'like', 'petra.vogelsang%')
      .executeTakeFirstOrThrow();
    expect((await browser.call('GET', `${fixture.api.url}/v1/me`)).status).toBe(200);
    expect((await close('muster/customer_admin', id)).status).toBe(200);
    expect((await browser.call('GET', `${fixture.api.url}/v1/me`)).status).toBe(401);
    const end = await fixture.signIn(new Browser(), 'petra.vogelsang');
    expect(end.url.pathname).not.toBe('/docs');
    const people = await admin()
      .selectFrom('people')
      .select('id')
      .where('display_name', '=', 'Petra Vogelsang')
      .execute();
    expect(people).toEqual([{ id }]);
  });

  it('of the MSP loses keys and delegations at every customer, each on record there', async () => {
    const id = await PersonFactory.at('msp').named('olaf').granted('operator', 'all').in(admin());
    const made = await keyOf('nordlicht', 'auditor', `key.${newId()}@nordlicht`, { created_by: 'olaf@msp' });
    const stands = await delegation('muster', 'operator@msp', 'olaf@msp');
    expect((await close('msp/owner', id)).status).toBe(200);
    expect(await made.me()).toBe(401);
    expect(await actionsOn('nordlicht', made.id)).toEqual(['api_key.revoked']);
    expect(await actionsOn('muster', stands)).toEqual(['delegation.ended']);
  });

  it('does not decide by a link in a mail, neither one from before nor a later one; the MSP’s owners stand in', async () => {
    const mail = 'ida@muster.example';
    const { approval, vote } = await asked([{ kind: 'contact', mail, name: 'Ida', language: 'en' }]);
    // a contact of a policy who got an account later
    const id = await PersonFactory.at('muster').named('ida').granted('approver', 'home').in(admin());
    const before = await mailedLink('muster', approval, mail);
    expect((await fetch(before)).status).toBe(200);
    expect((await vote('msp/owner')).status).toBe(403);
    expect((await close('muster/customer_admin', id)).status).toBe(200);
    const later = await mailedLink('muster', approval, mail);
    for (const url of [before, later]) {
      const form = { method: 'POST', body: new URLSearchParams({ decision: 'approve' }) };
      expect([(await fetch(url)).status, (await fetch(url, form)).status]).toEqual([410, 410]);
    }
    expect(await vote('msp/owner')).toMatchObject({ status: 200, body: { status: 'approved' } });
    // and is not named by a new policy
    const body = { ...DEFAULT_POLICY, stages: [stage([{ kind: 'contact', mail, name: 'Ida', language: 'en' }])] };
    const saved = fixture.call('PUT', '/v1/approval-policies/offboarding', { as: 'muster/customer_admin', body });
    expect(await saved).toMatchObject({ status: 422, body: { errors: [{ code: 'closed' }] } });
  });

  it('holds no seat in a question that names them: whoever stands in may decide at once', async () => {
    const id = await PersonFactory.at('muster').named('kurt').granted('approver', 'home').in(admin());
    const { vote } = await asked([{ kind: 'person', subject: 'kurt@muster' }]);
    expect((await vote('msp/owner')).status).toBe(403);
    expect((await close('muster/customer_admin', id)).status).toBe(200);
    expect(await vote('msp/owner')).toMatchObject({ status: 200, body: { status: 'approved' } });
  });

  it('can be erased, which was refused before', async () => {
    const id = await PersonFactory.at('muster').named('lotte.lang').granted('approver', 'home').in(admin());
    const erase = () =>
      fixture.call('POST', '/v1/tenants/muster/person-erasures', {
        ...{ as: 'muster/customer_admin', headers: fresh() },
        body: { user: 'lotte.lang', mail: 'lotte.lang@muster.example', reason: 'Art. 17' },
      });
    expect((await erase()).body).toMatchObject({ code: 'privacy.person_still_needed' });
    await close('muster/customer_admin', id);
    const done = await erase();
    expect(done.status).toBe(201);
    const row = await admin().selectFrom('people').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ display_name: done.body.pseudonym, mail: done.body.pseudonym, status: 'closed' });
  });
});

describe('somebody of the MSP whose access is closed', () => {
  it('is erased at the MSP and at a customer whose history names them; the customer’s own of that name stays', async () => {
    const id = await PersonFactory.at('msp').named('otto').granted('operator', 'all').in(admin());
    await PersonFactory.at('nordlicht').named('otto').granted('approver', 'home').in(admin());
    await RequestFactory.of('nordlicht', 'otto@msp').about('tom.ahlers').inStatus('closed').in(admin());
    await RequestFactory.of('nordlicht', 'otto@nordlicht').about('tim.ahlers').inStatus('closed').in(admin());
    const erase = (tenant: string, user: string) =>
      fixture.call('POST', `/v1/tenants/${tenant}/person-erasures`, {
        ...{ as: 'msp/owner', headers: fresh(), body: { user, reason: 'Art. 17' } },
      });
    expect((await erase('msp', 'otto')).body.code).toBe('privacy.person_still_needed');
    expect((await close('msp/owner', id)).status).toBe(200);
    expect([(await erase('msp', 'otto')).status, (await erase('nordlicht', 'otto@msp')).status]).toEqual([201, 201]);
    const rows = await admin()
      .selectFrom('requests')
      .select('requested_by')
      .where('tenant_id', '=', 'nordlicht')
      .execute();
    const names = rows.map(({ requested_by: by }) => by).filter((by) => /otto|^person-/.test(by));
    expect(names.sort()).toEqual(['otto@nordlicht', expect.stringMatching(/^person-/)]);
  });
});

describe('who closes somebody’s access', () => {
  it('never does so at another customer, nor a customer’s administrator at the MSP', async () => {
    const [owner, muster] = [
      await PersonFactory.at('msp').granted('owner', 'all').in(admin()),
      await PersonFactory.at('muster').granted('approver', 'home').in(admin()),
    ];
    const notFound = { status: 404, body: { code: 'person.not_found' } };
    expect(await close('muster/customer_admin', owner)).toMatchObject(notFound);
    expect(await close('nordlicht/customer_admin', muster)).toMatchObject(notFound);
    const posed = {
      as: 'nordlicht/customer_admin',
      headers: { 'stellwerk-tenant': 'muster' },
      body: { reason },
    } as const;
    expect((await fixture.call('POST', `/v1/people/${muster}/close`, posed)).status).toBe(404);
    expect([await statusOf(owner), await statusOf(muster)]).toEqual(['active', 'active']);
  });

  it('needs the right to it, and every right of the person; an approver and an operator do not have it', async () => {
    const id = await PersonFactory.at('muster').granted('customer_admin', 'home').in(admin());
    for (const as of ['muster/approver', 'muster/auditor', 'msp/operator'] as const)
      expect((await close(as, id)).status).toBe(403);
    const limited = await keyOf('muster', 'customer_admin', `limited.${newId()}@muster`, {
      scopes: ['person.close', 'person.read'],
    });
    const answer = await fixture.call('POST', `/v1/people/${id}/close`, { ...limited.call, body: { reason } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'grant.too_powerful' } });
    const writer = await keyOf('muster', 'customer_admin', `key.${newId()}@muster`, {
      scopes: ['person.write', 'person.read'],
    });
    expect((await fixture.call('POST', `/v1/people/${id}/close`, { ...writer.call, body: { reason } })).body.code).toBe(
      'access.denied',
    );
    expect(await statusOf(id)).toBe('active');
  });

  it('never closes their own, nor the last owner who can sign in', async () => {
    const own = await PersonFactory.at('muster').named('Customer_Admin').granted('customer_admin', 'home').in(admin());
    expect((await close('muster/customer_admin', own)).body.code).toBe('grant.own');
    const last = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    // owners without a way in are no help
    await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    expect(await close('msp/owner', last)).toMatchObject({ status: 409, body: { code: 'grant.last_owner' } });
  });

  it('raises an alarm where it was an emergency account', async () => {
    const id = await PersonFactory.at('msp').from('emergency').granted('owner', 'all').in(admin());
    const other = await PersonFactory.at('msp').granted('owner', 'all').in(admin());
    const passkey = { credential_id: Buffer.from(newId()), public_key: Buffer.alloc(1), counter: 0, transports: [] };
    await admin()
      .insertInto('passkeys')
      .values({ tenant_id: 'msp', id: newId(), person_id: other, ...passkey, backed_up: false, name: 'x' })
      .execute();
    expect((await close('msp/owner', id)).status).toBe(200);
    const alarms = await admin().selectFrom('alarms').select(['kind', 'change']).where('person_id', '=', id).execute();
    expect(alarms).toEqual([{ kind: 'emergency_account.changed', change: 'closed' }]);
  });

  it('does not put one of their own in the place of a customer’s last administrator', async () => {
    await admin()
      .updateTable('role_grants')
      .set({ ended_at: sql<Date>`now()`, ended_by: 'x' })
      .where('tenant_id', '=', 'nordlicht')
      .execute();
    const id = await PersonFactory.at('nordlicht').granted('customer_admin', 'home').in(admin());
    expect((await close('msp/owner', id)).status).toBe(200);
    const grants = [{ role: 'customer_admin', covers: 'home' }];
    const body = { mail: 'mine@firma.example', name: 'Mine', language: 'de', grants, reason };
    const headers = { ...fresh(), 'stellwerk-tenant': 'nordlicht' };
    const invited = await fixture.call('POST', '/v1/invitations', { as: 'msp/owner', headers, body });
    expect(invited).toMatchObject({ status: 403, body: { code: 'grant.too_powerful' } });
  });
});
