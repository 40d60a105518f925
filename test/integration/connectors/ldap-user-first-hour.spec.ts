import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'ldapts';
import { ldapUserCreate, ldapUserEnable as enable, ldapUserSetFirstPassword as block } from '#libs/connectors';
import { fieldKey, type JsonObject } from '#libs/kernel';
import { compareWithApproved } from '#libs/process/model';
import { change } from '../sandbox/sandbox-fixture.js';
import { withoutConfig } from './block-context.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

const LOCKED = '000001010000Z';

describe('the first hour', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  const sealedOf = (stepId: string): string => fixture.customer.sealed.get(`${stepId}/new-password`)!;
  const policy = (): string => `cn=default,ou=policies,${fixture.access.baseDn}`;

  async function create(user: string): Promise<string> {
    const person = { user, givenName: 'Neu', surname: 'Hier' };
    const step = fixture.customer.step();
    await ldapUserCreate.apply(step, person, await ldapUserCreate.plan(step, person));
    return fixture.personDn(user);
  }
  /** Whether the directory lets somebody with this password do anything but choose another one. */
  async function canRead(dn: string, password: string): Promise<boolean> {
    const client = new Client({ url: fixture.access.url, connectTimeout: 5_000, timeout: 5_000 });
    try {
      await client.bind(dn, password);
      await client.search(fixture.access.peopleOu, { scope: 'base' });
      return true;
    } catch {
      return false;
    } finally {
      await client.unbind();
    }
  }

  it.each(AWKWARD_LOGINS)('is planned before %s is there, and opens the account with a password', async (name) => {
    const user = `first ${name}`;
    const input = { user, expectsNewUser: true };
    const [password, opening] = [
      await block.plan(fixture.customer.step(), input),
      await enable.plan(fixture.customer.step(), input),
    ];
    expect(password.identity).toEqual({ id: `new:${user}`, name: fixture.personDn(user) });
    expect(password.changes).toMatchObject([
      { field: 'password', after: 'new password (sealed)', opaque: true },
      { field: 'pwdReset', before: false, after: true },
    ]);
    expect(opening.changes).toMatchObject([{ field: 'pwdAccountLockedTime', before: LOCKED, after: null }]);
    const dn = await create(user);

    const step = fixture.customer.step({ stepId: user, expectedIdentity: password.identity!.id, approved: password });
    const fresh = await block.plan(step, input);
    expect(compareWithApproved(password, fresh)).toEqual({ kind: 'as_approved', remaining: fresh.changes });
    const receipt = (await block.apply(step, input, fresh)) as JsonObject;
    const proof = await block.verify(step, input, fresh, receipt);
    expect(proof).toMatchObject({ proven: true, evidence: { by: expect.stringContaining('time of the password') } });
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toEqual([LOCKED]);
    expect(await fixture.canSignIn(dn, sealedOf(user))).toBe(false);
    expect(JSON.stringify({ password, receipt, proof })).not.toContain(sealedOf(user));
    expect(await block.undo(step, input, fresh, [])).toMatchObject({ changes: [], irreversible: expect.any(String) });

    const freshOpening = await enable.plan(step, input);
    expect(compareWithApproved(opening, freshOpening)).toMatchObject({ kind: 'as_approved' });
    await enable.apply(step, input, freshOpening);
    expect(await enable.verify(step, input, freshOpening, null)).toMatchObject({ proven: true });
    expect(await fixture.canSignIn(dn, sealedOf(user))).toBe(true);
    expect(await block.verify(step, input, fresh, receipt)).toMatchObject({
      evidence: { by: 'sign-in with the new password' },
    });
  });

  it('has the first password changed where the policy asks for it, and says where it does not', async () => {
    const input = { user: 'has.to.change' };
    await create(input.user);
    const step = fixture.customer.step({ stepId: input.user });
    const known = await block.plan(step, input);
    await fixture.root.modify(policy(), change('replace', 'pwdMustChange', 'FALSE'));
    expect((await block.plan(step, input)).notes).toMatchObject([{ code: 'directory.must_change_without_effect' }]);
    await fixture.root.modify(policy(), change('replace', 'pwdMustChange', 'TRUE'));
    expect((await block.plan(withoutConfig(step, 'passwordPolicyDn'), input)).notes).toMatchObject([
      { code: 'directory.must_change_effect_unknown' },
    ]);
    const effect = await block.plan(step, input);
    expect(effect).toEqual({ ...known, notes: [] });
    const receipt = (await block.apply(step, input, effect)) as JsonObject;
    await enable.apply(step, input, await enable.plan(step, input));
    expect(await block.verify(step, input, effect, receipt)).toMatchObject({ proven: true });
    const dn = fixture.personDn(input.user);
    expect(await canRead(dn, sealedOf(input.user))).toBe(false);
    await fixture.root.modify(dn, change('delete', 'pwdReset'));
    expect(await canRead(dn, sealedOf(input.user))).toBe(true);
    expect(await block.verify(step, input, effect, receipt)).toMatchObject({
      proven: false,
      observed: expect.arrayContaining([{ target: dn, field: 'pwdReset', value: false }]),
    });
  });

  it.each([1, 2])('writes the same password again after a crash behind write %i', async (endsAtHeartbeat) => {
    const input = { user: `crash.first.${endsAtHeartbeat}` };
    await create(input.user);
    const place = { stepId: input.user };
    const effect = await block.plan(fixture.customer.step(place), input);
    const ending = fixture.customer.step({ ...place, endsAtHeartbeat });
    await expect(block.apply(ending, input, effect)).rejects.toThrow();
    const sealed = sealedOf(input.user);
    const again = fixture.customer.step({ ...place, expectedIdentity: effect.identity!.id });
    const receipt = (await block.apply(again, input, effect)) as JsonObject;
    expect(sealedOf(input.user)).toBe(sealed);
    expect(await block.verify(again, input, effect, receipt)).toMatchObject({ proven: true });
  });

  it('closes the account again, and leaves one alone that somebody opened by hand', async () => {
    const input = { user: 'opened' };
    const dn = await create(input.user);
    const step = fixture.customer.step();
    const effect = await enable.plan(step, input);
    await enable.apply(fixture.customer.step({ endsAtHeartbeat: 1 }), input, effect).catch(() => undefined);
    const writes = await fixture.writesDuring(() => enable.apply(step, input, effect));
    expect(writes).toEqual([]);
    expect((await enable.plan(step, input)).changes).toEqual([]);
    const back = await enable.undo(step, input, effect, []);
    await enable.apply(step, input, back);
    expect(await enable.verify(step, input, back, null)).toMatchObject({ proven: true });
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toEqual([LOCKED]);
    expect(fieldKey(effect.changes[0]!, effect.identity)).toBe('.#pwdaccountlockedtime');
  });

  it('is not planned for somebody who is not there where nobody is expected', async () => {
    for (const one of [block, enable])
      await expect(one.plan(fixture.customer.step(), { user: 'not.there' })).rejects.toMatchObject({
        code: 'directory.user_not_found',
      });
  });
});
