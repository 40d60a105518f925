import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserDisable as block } from '#libs/connectors';
import { change } from '../sandbox/sandbox-fixture.js';
import { directoryCustomer } from './block-context.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

const LOCKED = '000001010000Z';
const PASSWORD = 'Initial-passw0rd-1';

describe('ldap.user.disable', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  it.each(AWKWARD_LOGINS)('locks out %s, proves it, and lets them in again', async (user) => {
    const dn = await fixture.addPerson(user);
    const id = await fixture.idOf(dn);
    const effect = await block.plan(fixture.customer.step(), { user });
    expect(effect).toMatchObject({ identity: { id, name: dn }, irreversible: null, kept: [], notes: [] });
    expect(effect.changes).toEqual([{ target: dn, field: 'pwdAccountLockedTime', before: null, after: LOCKED }]);

    const step = fixture.customer.step({ expectedIdentity: id });
    await block.apply(step, { user }, effect);
    expect(await fixture.canSignIn(dn, PASSWORD)).toBe(false);
    const proof = await block.verify(step, { user }, effect, null);
    expect(proof).toMatchObject({ proven: true, evidence: { by: 'read-back', entry: dn } });

    const back = await block.undo(step, { user }, effect, []);
    expect(back.changes).toEqual([{ target: dn, field: 'pwdAccountLockedTime', before: LOCKED, after: null }]);
    await block.apply(step, { user }, back);
    expect(await fixture.canSignIn(dn, PASSWORD)).toBe(true);
  });

  it('writes once when it is applied twice, and plans nothing afterwards', async () => {
    const dn = await fixture.addPerson('twice');
    const step = fixture.customer.step();
    const effect = await block.plan(step, { user: 'twice' });
    const writes = await fixture.writesDuring(async () => {
      await block.apply(step, { user: 'twice' }, effect);
      await block.apply(step, { user: 'twice' }, effect);
    });
    expect(writes.map((write) => [write.operation, write.dn])).toEqual([['modify', dn]]);
    expect((await block.plan(step, { user: 'twice' })).changes).toEqual([]);
  });

  it('takes a lock after failed logins for no lock and no drift', async () => {
    const dn = await fixture.addPerson('mistyped');
    for (let attempt = 0; attempt < 5; attempt += 1) await fixture.canSignIn(dn, 'wrong');
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toHaveLength(1);
    const effect = await block.plan(fixture.customer.step(), { user: 'mistyped' });
    expect(effect.changes[0]).toMatchObject({ before: null, after: LOCKED });
    await block.apply(fixture.customer.step(), { user: 'mistyped' }, effect);
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toEqual([LOCKED]);
  });

  it('finds the approved user after a rename, and holds when the name belongs to another', async () => {
    const dn = await fixture.addPerson('renamed');
    const effect = await block.plan(fixture.customer.step(), { user: 'renamed' });
    const step = fixture.customer.step({ expectedIdentity: effect.identity!.id });
    await fixture.root.modifyDN(dn, 'uid=renamed.later');
    await block.apply(step, { user: 'renamed' }, effect);
    expect(await fixture.values(fixture.personDn('renamed.later'), 'pwdAccountLockedTime')).toEqual([LOCKED]);

    const other = await fixture.idOf(await fixture.addPerson('renamed'));
    const holds = {
      code: 'connector.identity_drift',
      retryable: false,
      context: { approved: effect.identity!.id, found: other },
    };
    await expect(block.plan(step, { user: 'renamed' })).rejects.toMatchObject(holds);
    await expect(block.apply(step, { user: 'renamed' }, effect)).rejects.toMatchObject(holds);
    expect(await fixture.values(fixture.personDn('renamed'), 'pwdAccountLockedTime')).toEqual([]);
  });

  it('holds when the approved user is gone, and says so instead of undoing', async () => {
    const dn = await fixture.addPerson('gone');
    const effect = await block.plan(fixture.customer.step(), { user: 'gone' });
    await fixture.root.del(dn);
    const step = fixture.customer.step({ expectedIdentity: effect.identity!.id });
    const holds = { code: 'connector.identity_drift', context: { found: null } };
    await expect(block.plan(step, { user: 'gone' })).rejects.toMatchObject(holds);
    await expect(block.apply(step, { user: 'gone' }, effect)).rejects.toMatchObject(holds);
    const back = await block.undo(step, { user: 'gone' }, effect, []);
    expect(back).toMatchObject({ changes: [], irreversible: expect.stringContaining('deleted') });
  });

  it('needs nothing at undo when somebody has let the user in already', async () => {
    const dn = await fixture.addPerson('already.in');
    const step = fixture.customer.step();
    const effect = await block.plan(step, { user: 'already.in' });
    await block.apply(step, { user: 'already.in' }, effect);
    await fixture.root.modify(dn, change('delete', 'pwdAccountLockedTime'));
    expect(await block.undo(step, { user: 'already.in' }, effect, [])).toMatchObject({
      changes: [],
      kept: [],
      irreversible: null,
    });
  });

  it('is not planned for nobody or for two', async () => {
    await expect(block.plan(fixture.customer.step(), { user: 'no.body' })).rejects.toMatchObject({
      code: 'directory.user_not_found',
      retryable: false,
    });
    const unit = `ou=annex,${fixture.access.peopleOu}`;
    await fixture.root.add(unit, { objectClass: ['organizationalUnit'], ou: 'annex' });
    await fixture.addPerson('double');
    await fixture.addPerson('double', { unit });
    await expect(block.plan(fixture.customer.step(), { user: 'double' })).rejects.toMatchObject({
      code: 'directory.user_ambiguous',
    });
  });

  it('means who works there, not a former colleague with the same name', async () => {
    await fixture.addPerson('same.name', { unit: fixture.access.leaversOu });
    const dn = await fixture.addPerson('same.name');
    expect((await block.plan(fixture.customer.step(), { user: 'same.name' })).identity?.name).toBe(dn);
  });

  it('refuses where the policy would not enforce the lock, and says when that is not known', async () => {
    const dn = await fixture.addPerson('lax');
    const lax = `cn=services,ou=policies,${fixture.access.baseDn}`;
    const unknown = directoryCustomer(fixture.access, { passwordPolicyDn: `cn=nowhere,${fixture.access.baseDn}` });
    const effect = await block.plan(unknown.step(), { user: 'lax' });
    expect(effect.notes).toMatchObject([{ code: 'directory.lock_effect_unknown' }]);
    await fixture.root.modify(dn, change('add', 'pwdPolicySubentry', lax));
    await expect(block.plan(fixture.customer.step(), { user: 'lax' })).rejects.toMatchObject({
      code: 'directory.lock_without_effect',
    });
  });

  it('says that our account may not write there', async () => {
    const outside = `uid=outside,ou=services,${fixture.access.baseDn}`;
    await fixture.root.add(outside, { objectClass: ['inetOrgPerson'], uid: 'outside', cn: 'outside', sn: 'x' });
    const effect = await block.plan(fixture.customer.step(), { user: 'outside' });
    await expect(block.apply(fixture.customer.step(), { user: 'outside' }, effect)).rejects.toMatchObject({
      code: 'directory.access_denied',
      retryable: false,
      context: { ldapCode: 50 },
    });
  });
});
