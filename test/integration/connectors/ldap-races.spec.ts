import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ldapUserDelete,
  ldapUserDisable,
  ldapUserMove,
  ldapUserRemoveFromGroups,
  ldapUserResetPassword,
  ldapUserSetAttributes,
} from '#libs/connectors';
import { change } from '../sandbox/sandbox-fixture.js';
import { directoryCustomer, type Customer } from './block-context.js';
import { DirectoryFixture } from './directory-fixture.js';
import { WriteInterposer } from './write-interposer.js';

const LOCKED = '000001010000Z';

/** Somebody else writes exactly between our reading and our writing. */
describe('between reading and writing', () => {
  let fixture: DirectoryFixture;
  let interposer: WriteInterposer;
  let customer: Customer;
  let number = 0;
  let user: string;
  let dn: string;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
    interposer = await WriteInterposer.open(fixture.directory.slapd.port);
    customer = directoryCustomer(fixture.access, { url: interposer.url, insecure: true });
  });
  beforeEach(async () => {
    user = `race.${(number += 1)}`;
    dn = await fixture.addPerson(user);
    interposer.interpose(() => Promise.resolve());
  });
  afterAll(async () => {
    interposer.close();
    await fixture.stop();
  });

  const once = (act: () => Promise<unknown>) =>
    interposer.interpose(async (_write, count) => {
      if (count === 1) await act();
    });
  const drift = expect.objectContaining({ code: 'connector.drift_during_apply' });

  it('a lock that is set meanwhile survives the password reset', async () => {
    const effect = await ldapUserResetPassword.plan(customer.step(), { user });
    once(() => fixture.root.modify(dn, change('add', 'pwdAccountLockedTime', LOCKED)));
    await ldapUserResetPassword.apply(customer.step(), { user }, effect);
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toEqual([LOCKED]);
  });

  it('a lock after failed logins does not keep the disabling from its place', async () => {
    const effect = await ldapUserDisable.plan(customer.step(), { user });
    once(() => fixture.root.modify(dn, change('add', 'pwdAccountLockedTime', '20261122084558Z')));
    await ldapUserDisable.apply(customer.step(), { user }, effect);
    expect(await fixture.values(dn, 'pwdAccountLockedTime')).toEqual([LOCKED]);
  });

  it('a value that is added meanwhile is not overwritten and not written beside', async () => {
    const input = { user, attributes: { title: ['ours'] } };
    const effect = await ldapUserSetAttributes.plan(customer.step(), input);
    once(() => fixture.root.modify(dn, change('add', 'title', 'theirs')));
    await expect(ldapUserSetAttributes.apply(customer.step(), input, effect)).rejects.toEqual(drift);
    expect(await fixture.values(dn, 'title')).toEqual(['theirs']);
  });

  it('a change of another attribute meanwhile is none of our business', async () => {
    const input = { user, attributes: { title: ['ours'] } };
    const effect = await ldapUserSetAttributes.plan(customer.step(), input);
    once(() => fixture.root.modify(dn, change('add', 'mobile', '+49 1')));
    await ldapUserSetAttributes.apply(customer.step(), input, effect);
    expect(await fixture.values(dn, 'title')).toEqual(['ours']);
  });

  it('the same change by somebody else meanwhile is fine', async () => {
    const input = { user, attributes: { title: ['ours'] } };
    const effect = await ldapUserSetAttributes.plan(customer.step(), input);
    once(() => fixture.root.modify(dn, change('add', 'title', 'ours')));
    await ldapUserSetAttributes.apply(customer.step(), input, effect);
    expect(await ldapUserSetAttributes.verify(customer.step(), input, effect, null)).toMatchObject({ proven: true });
  });

  it('an entry that is changed without end is tried again later', async () => {
    const input = { user, attributes: { title: ['ours'] } };
    const effect = await ldapUserSetAttributes.plan(customer.step(), input);
    interposer.interpose((_write, count) => fixture.root.modify(dn, change('replace', 'mobile', String(count))));
    await expect(ldapUserSetAttributes.apply(customer.step(), input, effect)).rejects.toMatchObject({
      code: 'connector.system_unreachable',
      retryable: true,
    });
    expect(await fixture.values(dn, 'title')).toEqual([]);
  });

  it('another entry that takes the name meanwhile is neither changed, moved nor deleted', async () => {
    const blocks = [ldapUserDisable, ldapUserMove, ldapUserDelete] as const;
    for (const [index, block] of blocks.entries()) {
      const swapped = `${user}.${index}`;
      const place = await fixture.addPerson(swapped);
      const effect = await block.plan(customer.step(), { user: swapped });
      let successor = '';
      once(async () => {
        await fixture.root.del(place);
        await fixture.addPerson(swapped);
        successor = await fixture.idOf(place);
      });
      await block.apply(customer.step(), { user: swapped }, effect).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'connector.identity_drift' });
      });
      expect(await fixture.dnOf(successor)).toBe(place);
      expect(await fixture.values(place, 'pwdAccountLockedTime')).toEqual([]);
    }
  });

  it('a member that somebody else takes out meanwhile is out, and the rest goes on', async () => {
    const other = await fixture.addPerson(`${user}.other`);
    const groups = [await fixture.addGroup(`${user}-a`, dn, other), await fixture.addGroup(`${user}-b`, dn, other)];
    const effect = await ldapUserRemoveFromGroups.plan(customer.step(), { user });
    once(() => fixture.root.modify(groups[0]!, change('delete', 'member', dn)));
    await ldapUserRemoveFromGroups.apply(customer.step(), { user }, effect);
    for (const group of groups) expect(await fixture.values(group, 'member')).toEqual([other]);
  });

  it('a user who is renamed meanwhile is found and disabled', async () => {
    const effect = await ldapUserDisable.plan(customer.step(), { user });
    once(() => fixture.root.modifyDN(dn, `uid=${user}.renamed`));
    await ldapUserDisable.apply(customer.step(), { user }, effect);
    expect(await fixture.values(fixture.personDn(`${user}.renamed`), 'pwdAccountLockedTime')).toEqual([LOCKED]);
  });
});
