import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserAddToGroups as adds, ldapUserCreate, ldapUserSetGroups as sets } from '#libs/connectors';
import type { Effect } from '#libs/kernel';
import { compareWithApproved } from '#libs/process/model';
import { change } from '../sandbox/sandbox-fixture.js';
import { directoryCustomer, type Customer } from './block-context.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

describe('memberships of joiners and movers', () => {
  let fixture: DirectoryFixture;
  let customer: Customer;
  let somebody: string;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
    customer = directoryCustomer(fixture.access, { privilegedGroups: ['admins', fixture.groupDn('backup-operators')] });
    somebody = await fixture.addPerson('somebody');
  });
  afterAll(() => fixture.stop());

  const members = (cn: string): Promise<string[]> => fixture.values(fixture.groupDn(cn), 'member');
  const shown = (effect: Effect) => effect.changes.map((one) => [one.target, one.before, one.after]);
  const groupDns = (...cns: string[]): string[] => cns.map((cn) => fixture.groupDn(cn));

  /** A colleague in two groups and in two privileged ones, one level above them a group of groups. */
  async function colleague(name: string): Promise<string> {
    const dn = await fixture.addPerson(name);
    const direct = await fixture.addGroup(`${name}-a`, dn, somebody);
    await fixture.addGroup(`${name}-b`, dn, somebody);
    await fixture.addGroup(`${name}-above`, direct, somebody);
    for (const cn of ['admins', 'backup-operators']) {
      if ((await members(cn).catch(() => [])).length === 0) await fixture.addGroup(cn, dn);
      else await fixture.root.modify(fixture.groupDn(cn), change('add', 'member', dn));
    }
    return dn;
  }

  describe('ldap.user.add-to-groups', () => {
    it.each(AWKWARD_LOGINS)(
      'plans for %s before the entry is there and binds to the one that the run makes',
      async (name) => {
        const user = `new ${name}`;
        const at = AWKWARD_LOGINS.indexOf(name);
        await fixture.addGroup(`first-${at}`, somebody);
        const input = { user, groups: [`first-${at}`], expectsNewUser: true };
        const approved = await adds.plan(customer.step(), input);
        expect(approved.identity).toEqual({ id: `new:${user}`, name: fixture.personDn(user) });
        expect(shown(approved)).toEqual([[fixture.groupDn(`first-${at}`), false, true]]);
        const step = customer.step({ expectedIdentity: approved.identity!.id, approved });
        await expect(adds.apply(step, input, approved)).rejects.toMatchObject({ code: 'directory.user_not_found' });
        expect(await adds.undo(step, input, approved, [])).toMatchObject({ changes: [] });

        const person = { user, givenName: 'Neu', surname: 'Hier' };
        await ldapUserCreate.apply(customer.step(), person, await ldapUserCreate.plan(customer.step(), person));
        const fresh = await adds.plan(step, input);
        expect(fresh.identity?.id).toMatch(/^[0-9a-f-]{36}$/);
        expect(compareWithApproved(approved, fresh)).toMatchObject({ kind: 'as_approved' });
        await adds.apply(step, input, fresh);
        expect(await adds.verify(step, input, fresh, null)).toMatchObject({ proven: true });
        // a worker that died before the new identity was on record
        expect(await adds.verify(step, input, approved, null)).toMatchObject({ proven: true });
        expect(await members(`first-${at}`)).toHaveLength(2);
        await adds.apply(step, input, await adds.undo(step, input, approved, []));
        expect(await members(`first-${at}`)).toEqual([somebody]);
      },
    );

    it('is not planned for somebody who is not there where nobody is expected', async () => {
      const input = { user: 'not.there', groups: ['vpn'] };
      await expect(adds.plan(customer.step(), input)).rejects.toMatchObject({ code: 'directory.user_not_found' });
    });

    it('copies a colleague’s groups, not the privileged ones, and shows each', async () => {
      await colleague('model');
      await fixture.addPerson('copy');
      await fixture.addGroup('extra', somebody);
      const input = { user: 'copy', groups: ['extra', 'model-a'], copyFrom: 'model' };
      const effect = await adds.plan(customer.step(), input);
      expect(effect.changes.map((one) => one.target).sort()).toEqual(groupDns('extra', 'model-a', 'model-b'));
      expect(effect.notes.map(({ code, text }) => [code, text])).toEqual([
        ['directory.privileged_group_not_copied', expect.stringContaining(fixture.groupDn('admins'))],
        ['directory.privileged_group_not_copied', expect.stringContaining(fixture.groupDn('backup-operators'))],
      ]);
    });

    it('writes what was approved although the colleague has changed since', async () => {
      const dn = await colleague('restless');
      await fixture.addPerson('heir');
      const input = { user: 'heir', copyFrom: 'restless' };
      const approved = await adds.plan(customer.step(), input);
      await fixture.root.modify(fixture.groupDn('restless-a'), change('delete', 'member', dn));
      await fixture.addGroup('restless-later', dn);
      const step = customer.step({ expectedIdentity: approved.identity!.id, approved });
      const fresh = await adds.plan(step, input);
      expect(compareWithApproved(approved, fresh)).toMatchObject({ kind: 'as_approved', remaining: approved.changes });
      await adds.apply(step, input, fresh);
      expect(await members('restless-a')).toContain(fixture.personDn('heir'));
      expect(await members('restless-later')).toEqual([dn]);
    });
  });

  describe('ldap.user.set-groups', () => {
    it('joins what is missing, leaves what is too much, and takes both back', async () => {
      const dn = await fixture.addPerson('mover');
      await fixture.addGroup('old-a', dn, somebody);
      await fixture.addGroup('old-own', dn);
      await fixture.addGroup('stays', dn, somebody);
      await fixture.addGroup('new-a', somebody);
      const input = { user: 'mover', groups: ['STAYS', fixture.groupDn('new-a')] };
      const effect = await sets.plan(customer.step(), input);
      expect(shown(effect)).toEqual([
        [fixture.groupDn('new-a'), false, true],
        [fixture.groupDn('old-a'), true, false],
        [fixture.groupDn('old-own'), true, false],
        [fixture.groupDn('old-own'), null, fixture.access.standInMember],
      ]);
      expect(effect.notes).toMatchObject([{ code: 'directory.last_member_stand_in' }]);
      const id = effect.identity!.id;
      await sets.apply(customer.step({ endsAtHeartbeat: 2 }), input, effect).catch(() => undefined);
      const again = customer.step({ expectedIdentity: id, approved: effect });
      expect(compareWithApproved(effect, await sets.plan(again, input))).toMatchObject({ kind: 'as_approved' });
      const writes = await fixture.writesDuring(() => sets.apply(again, input, effect));
      expect(writes).toHaveLength(1);
      expect(await sets.verify(again, input, effect, null)).toMatchObject({ proven: true });
      expect((await sets.plan(again, input)).changes).toEqual([]);
      expect(await members('old-own')).toEqual([fixture.access.standInMember]);

      await sets.apply(again, input, await sets.undo(again, input, effect, []));
      expect(await Promise.all(['new-a', 'old-a', 'old-own', 'stays'].map(members))).toEqual([
        [somebody],
        [somebody, dn],
        [dn],
        [dn, somebody],
      ]);
    });

    it('decides about the managed groups only', async () => {
      const dn = await fixture.addPerson('scoped');
      await fixture.addGroup('inside', dn, somebody);
      await fixture.addGroup('outside', dn, somebody);
      await fixture.addGroup('wanted', somebody);
      const input = { user: 'scoped', groups: ['wanted'], managed: ['inside', 'wanted'] };
      expect(shown(await sets.plan(customer.step(), input))).toEqual([
        [fixture.groupDn('wanted'), false, true],
        [fixture.groupDn('inside'), true, false],
      ]);
      await expect(sets.plan(customer.step(), { ...input, groups: ['outside'] })).rejects.toMatchObject({
        code: 'directory.group_not_managed',
        context: { groups: [fixture.groupDn('outside')] },
      });
      const elsewhere = directoryCustomer(fixture.access, { managedGroupsOu: `ou=none,${fixture.access.groupsOu}` });
      expect((await sets.plan(elsewhere.step(), { user: 'scoped', groups: [] })).changes).toEqual([]);
    });

    it('makes a user like a colleague, as the colleague was when it was approved', async () => {
      const other = await colleague('pattern');
      const dn = await fixture.addPerson('follower');
      await fixture.addGroup('follower-own', dn, somebody);
      await fixture.root.modify(fixture.groupDn('admins'), change('add', 'member', dn));
      const input = { user: 'follower', likeColleague: 'pattern' };
      const approved = await sets.plan(customer.step(), input);
      // in a privileged group both are in, nothing is given and nothing taken
      expect(shown(approved)).toEqual([
        [fixture.groupDn('pattern-a'), false, true],
        [fixture.groupDn('pattern-b'), false, true],
        [fixture.groupDn('follower-own'), true, false],
      ]);
      expect(approved.notes.map((note) => note.code)).toContain('directory.privileged_group_not_copied');
      await fixture.root.modify(fixture.groupDn('pattern-a'), change('delete', 'member', other));
      await fixture.addGroup('pattern-later', other);
      const step = customer.step({ expectedIdentity: approved.identity!.id, approved });
      const fresh = await sets.plan(step, input);
      expect(compareWithApproved(approved, fresh)).toMatchObject({ kind: 'as_approved', remaining: approved.changes });
      await sets.apply(step, input, fresh);
      expect(await sets.verify(step, input, fresh, null)).toMatchObject({ proven: true });
      expect(await members('admins')).toContain(dn);
    });

    it('is not planned for a group that was deleted since the approval', async () => {
      await colleague('fading');
      await fixture.addPerson('late');
      const input = { user: 'late', likeColleague: 'fading' };
      const approved = await sets.plan(customer.step(), input);
      await fixture.root.del(fixture.groupDn('fading-b'));
      const step = customer.step({ expectedIdentity: approved.identity!.id, approved });
      await expect(sets.plan(step, input)).rejects.toMatchObject({ code: 'directory.group_not_found' });
    });
  });
});
