import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserDisable, ldapUserResetPassword as block } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { change } from '../sandbox/sandbox-fixture.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

const LOCKED = '000001010000Z';
const OLD = 'Initial-passw0rd-1';

describe('ldap.user.reset-password', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  const sealedOf = (stepId: string): string => fixture.customer.sealed.get(`${stepId}/new-password`)!;
  const lockForGood = (dn: string): Promise<void> =>
    fixture.root.modify(dn, change('add', 'pwdAccountLockedTime', LOCKED));

  async function planned(user: string, stepId = user) {
    const dn = await fixture.addPerson(user);
    const effect = await block.plan(fixture.customer.step({ stepId }), { user });
    const step = fixture.customer.step({ stepId, expectedIdentity: effect.identity!.id });
    return { dn, effect, step };
  }

  it.each(AWKWARD_LOGINS)('gives %s a password that only the sealed store knows, proven by a sign-in', async (user) => {
    const { dn, effect, step } = await planned(user);
    expect(effect.irreversible).toContain('cannot be brought back');
    expect(effect.changes).toEqual([
      { target: dn, field: 'password', before: null, after: 'new password (sealed)', opaque: true },
    ]);
    const receipt = (await block.apply(step, { user }, effect)) as JsonObject;
    const proof = await block.verify(step, { user }, effect, receipt);
    expect(proof).toMatchObject({ proven: true, evidence: { by: 'sign-in with the new password' } });
    expect(await fixture.canSignIn(dn, OLD)).toBe(false);
    expect(await fixture.canSignIn(dn, sealedOf(user))).toBe(true);
    expect(JSON.stringify({ effect, receipt, proof })).not.toContain(sealedOf(user));
    expect(await block.undo(step, { user }, effect, [])).toMatchObject({
      changes: [],
      irreversible: expect.any(String),
    });
  });

  it('keeps the lock of a locked account, which the directory itself would lift', async () => {
    const { dn, effect, step } = await planned('locked');
    await lockForGood(dn);
    const receipt = (await block.apply(step, { user: 'locked' }, effect)) as JsonObject;
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toEqual([LOCKED]);
    const proof = await block.verify(step, { user: 'locked' }, effect, receipt);
    expect(proof).toMatchObject({
      proven: true,
      evidence: { by: expect.stringContaining('time of the password’s change') },
    });
    await fixture.root.modify(dn, change('delete', 'pwdAccountLockedTime'));
    expect(await fixture.canSignIn(dn, sealedOf('locked'))).toBe(true);
  });

  it('never leaves an account open when it runs beside the disabling of the same user', async () => {
    const users = Array.from({ length: 12 }, (_, index) => `beside.${index}`);
    for (const user of users) await fixture.addPerson(user);
    await Promise.all(
      users.flatMap((user) => {
        const [first, second] = [
          fixture.customer.step({ stepId: `lock ${user}` }),
          fixture.customer.step({ stepId: user }),
        ];
        return [
          ldapUserDisable.plan(first, { user }).then((effect) => ldapUserDisable.apply(first, { user }, effect)),
          block.plan(second, { user }).then((effect) => block.apply(second, { user }, effect)),
        ];
      }),
    );
    for (const user of users)
      expect(await fixture.values(fixture.personDn(user), 'pwdAccountLockedTime')).toEqual([LOCKED]);
  });

  it.each(['open', 'closed'])('writes the same password again after a crash, %s account', async (state) => {
    const user = `crash.${state}`;
    const { dn, effect } = await planned(user);
    if (state === 'closed') await lockForGood(dn);
    const ending = fixture.customer.step({ stepId: user, expectedIdentity: effect.identity!.id, endsAtHeartbeat: 1 });
    await expect(block.apply(ending, { user }, effect)).rejects.toThrow();
    const sealed = sealedOf(user);

    const again = fixture.customer.step({ stepId: user, expectedIdentity: effect.identity!.id });
    const receipt = (await block.apply(again, { user }, effect)) as JsonObject;
    expect(sealedOf(user)).toBe(sealed);
    expect(await block.verify(again, { user }, effect, receipt)).toMatchObject({ proven: true });
  });

  it('does not count when somebody else sets another password afterwards', async () => {
    const { dn, effect, step } = await planned('overtaken');
    const receipt = (await block.apply(step, { user: 'overtaken' }, effect)) as JsonObject;
    await fixture.root.modify(dn, change('replace', 'userPassword', 'Somebody-elses-passw0rd'));
    expect(await block.verify(step, { user: 'overtaken' }, effect, receipt)).toMatchObject({
      proven: false,
      observed: [{ field: 'password', value: 'another password' }],
    });
  });

  it('does not count for a locked account without the record of the write', async () => {
    const { dn, effect, step } = await planned('no.receipt');
    await lockForGood(dn);
    expect(await block.verify(step, { user: 'no.receipt' }, effect, null)).toMatchObject({ proven: false });
  });

  it('says what the policy has against a password, without telling the password', async () => {
    const { dn, effect, step } = await planned('policy');
    const policy = `cn=default,ou=policies,${fixture.access.baseDn}`;
    await fixture.root.modify(policy, change('replace', 'pwdMinLength', '64'));
    const error = await block.apply(step, { user: 'policy' }, effect).then(
      () => null,
      (refusal: Error) => refusal,
    );
    await fixture.root.modify(policy, change('replace', 'pwdMinLength', '12'));
    expect(error).toMatchObject({ code: 'directory.password_refused', retryable: false, context: { ldapCode: 19 } });
    const { cause } = error as Error;
    expect([String(error), JSON.stringify(error), String(cause), JSON.stringify(cause)].join()).not.toContain(
      sealedOf('policy'),
    );
    expect(await fixture.canSignIn(dn, OLD)).toBe(true);
  });
});
