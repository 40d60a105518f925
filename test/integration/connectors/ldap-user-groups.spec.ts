import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserAddToGroups as adds, ldapUserRemoveFromGroups as removes } from '#libs/connectors';
import { fieldKey } from '#libs/kernel';
import { change } from '../sandbox/sandbox-fixture.js';
import { withoutConfig } from './block-context.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

describe('memberships', () => {
  let fixture: DirectoryFixture;
  let colleague: string;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
    colleague = await fixture.addPerson('colleague');
  });
  afterAll(() => fixture.stop());

  const members = (cn: string): Promise<string[]> => fixture.values(fixture.groupDn(cn), 'member');
  const standIn = (): string => fixture.access.standInMember;

  /** A user in three groups: two with a colleague, the last one alone. */
  async function inThreeGroups(user: string, prefix: string) {
    const dn = await fixture.addPerson(user);
    const groups = [`${prefix}-a`, `${prefix}-b`, `${prefix}-own`] as const;
    await fixture.addGroup(groups[0], dn, colleague);
    await fixture.addGroup(groups[1], dn, colleague);
    await fixture.addGroup(groups[2], dn);
    return { dn, groups };
  }

  describe('ldap.user.remove-from-groups', () => {
    it.each(AWKWARD_LOGINS)('takes %s out of every group and brings them back', async (user) => {
      const { dn, groups } = await inThreeGroups(user, `g${AWKWARD_LOGINS.indexOf(user)}`);
      const step = fixture.customer.step();
      const effect = await removes.plan(step, { user });
      expect(effect.changes).toEqual([
        { target: fixture.groupDn(groups[0]), field: `member:${user}`, before: true, after: false },
        { target: fixture.groupDn(groups[1]), field: `member:${user}`, before: true, after: false },
        { target: fixture.groupDn(groups[2]), field: `member:${user}`, before: true, after: false },
        { target: fixture.groupDn(groups[2]), field: 'member:stand-in', before: null, after: standIn() },
      ]);
      expect(effect.notes).toMatchObject([{ code: 'directory.last_member_stand_in' }]);
      expect(effect.notes[0]!.text).toContain(fixture.groupDn(groups[2]));

      await removes.apply(step, { user }, effect);
      expect(await Promise.all(groups.map(members))).toEqual([[colleague], [colleague], [standIn()]]);
      expect(await removes.verify(step, { user }, effect, null)).toMatchObject({ proven: true });
      expect((await removes.plan(step, { user })).changes).toEqual([]);

      const back = await removes.undo(step, { user }, effect, []);
      await removes.apply(step, { user }, back);
      expect(await removes.verify(step, { user }, back, null)).toMatchObject({ proven: true });
      expect(await Promise.all(groups.map(members))).toEqual([[colleague, dn], [colleague, dn], [dn]]);
    });

    it.each([1, 2, 3])('finishes what is left after a crash behind write %i', async (endsAtHeartbeat) => {
      const user = `crash.${endsAtHeartbeat}`;
      const { groups } = await inThreeGroups(user, user);
      const effect = await removes.plan(fixture.customer.step(), { user });
      const id = effect.identity!.id;
      const first = await fixture.writesDuring(async () => {
        const ending = fixture.customer.step({ expectedIdentity: id, endsAtHeartbeat });
        await removes.apply(ending, { user }, effect).catch(() => undefined);
      });
      expect(first).toHaveLength(endsAtHeartbeat);

      const again = fixture.customer.step({ expectedIdentity: id });
      const remaining = await removes.plan(again, { user });
      expect(new Set(remaining.changes.map((one) => one.target)).size).toBe(3 - endsAtHeartbeat);
      const second = await fixture.writesDuring(() => removes.apply(again, { user }, effect));
      expect(second).toHaveLength(3 - endsAtHeartbeat);
      expect(await removes.verify(again, { user }, effect, null)).toMatchObject({ proven: true });
      expect(await Promise.all(groups.map(members))).toEqual([[colleague], [colleague], [standIn()]]);
    });

    it('leaves the user in the groups that are to stay, and refuses a misspelt one', async () => {
      const { groups } = await inThreeGroups('stays', 'stays');
      const input = { user: 'stays', except: [groups[0].toUpperCase(), fixture.groupDn(groups[2])] };
      const effect = await removes.plan(fixture.customer.step(), input);
      expect(effect.changes.map((one) => one.target)).toEqual([fixture.groupDn(groups[1])]);
      const misspelt = { user: 'stays', except: ['stays-z'] };
      await expect(removes.plan(fixture.customer.step(), misspelt)).rejects.toMatchObject({
        code: 'directory.group_not_found',
      });
    });

    it('is not planned without a stand-in where a group would become empty', async () => {
      await inThreeGroups('lonely', 'lonely');
      const step = withoutConfig(fixture.customer.step(), 'standInMember');
      await expect(removes.plan(step, { user: 'lonely' })).rejects.toMatchObject({
        code: 'directory.stand_in_missing',
        context: { group: fixture.groupDn('lonely-own') },
      });
    });

    it('writes nothing to a group whose last other member left since the approval', async () => {
      const { groups, dn } = await inThreeGroups('left.alone', 'alone');
      const effect = await removes.plan(fixture.customer.step(), { user: 'left.alone' });
      await fixture.root.modify(fixture.groupDn(groups[0]), change('delete', 'member', colleague));
      await expect(removes.apply(fixture.customer.step(), { user: 'left.alone' }, effect)).rejects.toMatchObject({
        code: 'directory.last_member',
        retryable: false,
      });
      expect(await members(groups[0])).toEqual([dn]);
    });

    it('holds when a group is gone since the approval', async () => {
      const { groups } = await inThreeGroups('no.group', 'nogroup');
      const effect = await removes.plan(fixture.customer.step(), { user: 'no.group' });
      await fixture.root.del(fixture.groupDn(groups[1]));
      await expect(removes.apply(fixture.customer.step(), { user: 'no.group' }, effect)).rejects.toMatchObject({
        code: 'connector.drift_during_apply',
        context: { target: fixture.groupDn(groups[1]) },
      });
    });

    it('leaves the stand-in where it is needed at undo, and a group that is gone alone', async () => {
      const { dn, groups } = await inThreeGroups('later', 'later');
      const step = fixture.customer.step();
      const effect = await removes.plan(step, { user: 'later' });
      await removes.apply(step, { user: 'later' }, effect);
      // Somebody put the user back into one group by hand and deleted another; a new colleague joined the third.
      await fixture.root.modify(fixture.groupDn(groups[0]), change('add', 'member', dn));
      await fixture.root.del(fixture.groupDn(groups[1]));
      await fixture.root.modify(fixture.groupDn(groups[2]), change('add', 'member', colleague));
      const back = await removes.undo(
        step,
        { user: 'later' },
        effect,
        effect.changes.map((one) => fieldKey(one, effect.identity)),
      );
      expect(back.kept).toMatchObject([
        { target: fixture.groupDn(groups[1]), recordedBefore: true, recordedAfter: false },
      ]);
      await removes.apply(step, { user: 'later' }, back);
      expect(await members(groups[0])).toEqual([colleague, dn]);
      expect(await members(groups[2])).toEqual([colleague, dn]);
    });

    it('brings the user back after their entry was moved', async () => {
      const { groups, dn } = await inThreeGroups('moved', 'moved');
      const step = fixture.customer.step();
      const effect = await removes.plan(step, { user: 'moved' });
      await removes.apply(step, { user: 'moved' }, effect);
      const moved = fixture.personDn('moved', fixture.access.leaversOu);
      await fixture.root.modifyDN(dn, moved);
      await removes.apply(step, { user: 'moved' }, await removes.undo(step, { user: 'moved' }, effect, []));
      expect(await members(groups[2])).toEqual([moved]);
    });
  });

  describe('ldap.user.add-to-groups', () => {
    it('adds to groups by name and DN, and takes out again with a stand-in where needed', async () => {
      const dn = await fixture.addPerson('joiner');
      await fixture.addGroup('join-a', colleague);
      await fixture.addGroup('join-b', colleague);
      await fixture.addGroup('join-has', dn, colleague);
      const input = { user: 'joiner', groups: ['join-a', fixture.groupDn('join-b'), 'JOIN-B', 'join-has'] };
      const step = fixture.customer.step();
      const effect = await adds.plan(step, input);
      expect(effect.changes.map((one) => [one.target, one.before, one.after])).toEqual([
        [fixture.groupDn('join-a'), false, true],
        [fixture.groupDn('join-b'), false, true],
      ]);
      await adds.apply(fixture.customer.step({ endsAtHeartbeat: 1 }), input, effect).catch(() => undefined);
      expect(await Promise.all(['join-a', 'join-b'].map(members))).toEqual([[colleague, dn], [colleague]]);
      await adds.apply(step, input, effect);
      expect(await adds.verify(step, input, effect, null)).toMatchObject({ proven: true });

      await fixture.root.modify(fixture.groupDn('join-b'), change('delete', 'member', colleague));
      const back = await adds.undo(step, input, effect, []);
      expect(back.notes).toMatchObject([{ code: 'directory.last_member_stand_in' }]);
      await adds.apply(step, input, back);
      expect(await Promise.all(['join-a', 'join-b', 'join-has'].map(members))).toEqual([
        [colleague],
        [standIn()],
        [dn, colleague],
      ]);
    });

    it('is not planned for a group that is not there or stands twice', async () => {
      await expect(
        adds.plan(fixture.customer.step(), { user: 'colleague', groups: ['nowhere'] }),
      ).rejects.toMatchObject({
        code: 'directory.group_not_found',
      });
      const unit = `ou=more,${fixture.access.groupsOu}`;
      await fixture.root.add(unit, { objectClass: ['organizationalUnit'], ou: 'more' });
      await fixture.addGroup('two', colleague);
      await fixture.root.add(`cn=two,${unit}`, { objectClass: ['groupOfNames'], cn: 'two', member: colleague });
      await expect(adds.plan(fixture.customer.step(), { user: 'colleague', groups: ['two'] })).rejects.toMatchObject({
        code: 'directory.group_ambiguous',
      });
    });
  });
});
