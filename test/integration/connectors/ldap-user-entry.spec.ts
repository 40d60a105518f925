import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Attribute, Change } from 'ldapts';
import { ldapUserDelete, ldapUserMove, ldapUserSetAttributes } from '#libs/connectors';
import { fieldKey } from '#libs/kernel';
import { change } from '../sandbox/sandbox-fixture.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

describe('a user’s entry', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  describe('ldap.user.set-attributes', () => {
    const block = ldapUserSetAttributes;

    it('sets, changes and removes values and brings the old ones back', async () => {
      const dn = await fixture.addPerson('attributes');
      await fixture.root.modify(dn, [
        change('add', 'telephoneNumber', '+49 1', '+49 2'),
        change('add', 'title', 'Größe, (alt)'),
      ]);
      const attributes = {
        telephoneNumber: null,
        title: ['Größe, (neu) \\ *'],
        mobile: ['+49 3', '+49 3'],
        description: null,
      };
      const step = fixture.customer.step();
      const input = { user: 'attributes', attributes };
      const effect = await block.plan(step, input);
      expect(effect.changes).toEqual([
        { target: dn, field: 'telephoneNumber', before: ['+49 1', '+49 2'], after: null },
        { target: dn, field: 'title', before: ['Größe, (alt)'], after: ['Größe, (neu) \\ *'] },
        { target: dn, field: 'mobile', before: null, after: ['+49 3'] },
      ]);
      await block.apply(step, input, effect);
      expect(await block.verify(step, input, effect, null)).toMatchObject({ proven: true });
      expect(await fixture.values(dn, 'telephoneNumber')).toEqual([]);

      await fixture.root.modify(dn, change('replace', 'title', 'by hand'));
      const back = await block.undo(step, input, effect, []);
      expect(back.kept).toEqual([
        {
          target: dn,
          field: 'title',
          recordedBefore: ['Größe, (alt)'],
          recordedAfter: ['Größe, (neu) \\ *'],
          current: ['by hand'],
        },
      ]);
      const overwrite = [fieldKey(back.kept[0]!, back.identity)];
      await block.apply(step, input, await block.undo(step, input, effect, overwrite));
      expect(await fixture.values(dn, 'title')).toEqual(['Größe, (alt)']);
      expect((await fixture.values(dn, 'telephoneNumber')).sort()).toEqual(['+49 1', '+49 2']);
      expect(await fixture.values(dn, 'mobile')).toEqual([]);
    });

    it.each([1, 2])('finishes what is left after a crash behind write %i', async (endsAtHeartbeat) => {
      const user = `crash.${endsAtHeartbeat}`;
      await fixture.addPerson(user);
      const input = { user, attributes: { title: ['a'], description: ['b'] } };
      const effect = await block.plan(fixture.customer.step(), input);
      const writes = await fixture.writesDuring(async () => {
        await block.apply(fixture.customer.step({ endsAtHeartbeat }), input, effect).catch(() => undefined);
        await block.apply(fixture.customer.step(), input, effect);
      });
      expect(writes).toHaveLength(2);
      expect(await block.verify(fixture.customer.step(), input, effect, null)).toMatchObject({ proven: true });
    });

    it('overwrites nothing that changed since the approval', async () => {
      const dn = await fixture.addPerson('drifted');
      const input = { user: 'drifted', attributes: { title: ['ours'] } };
      const effect = await block.plan(fixture.customer.step(), input);
      await fixture.root.modify(dn, change('add', 'title', 'theirs'));
      await expect(block.apply(fixture.customer.step(), input, effect)).rejects.toMatchObject({
        code: 'connector.drift_during_apply',
        context: { field: 'title', expected: null, found: ['theirs'] },
      });
      expect(await block.verify(fixture.customer.step(), input, effect, null)).toMatchObject({
        proven: false,
        observed: [{ field: 'title', value: ['theirs'] }],
      });
    });

    it('goes through although others write to the entry all the time', async () => {
      const dn = await fixture.addPerson('busy');
      const input = { user: 'busy', attributes: { title: ['ours'], mobile: ['1'], pager: ['2'] } };
      const effect = await block.plan(fixture.customer.step(), input);
      const others = [1, 2, 3, 4].map((n) => fixture.root.modify(dn, change('replace', 'description', String(n))));
      await Promise.all([block.apply(fixture.customer.step(), input, effect), ...others]);
      expect(await block.verify(fixture.customer.step(), input, effect, null)).toMatchObject({ proven: true });
    });

    it.each(['userPassword', 'pwdAccountLockedTime', 'entryUUID', 'objectClass', 'memberOf', 'uid', 'UID'])(
      'refuses %s',
      async (name) => {
        const input = { user: 'jana.keller', attributes: { [name]: ['x'] } };
        await expect(block.plan(fixture.customer.step(), input)).rejects.toMatchObject({
          code: 'directory.attribute_not_allowed',
        });
      },
    );

    it('refuses an attribute that holds bytes', async () => {
      const dn = await fixture.addPerson('bytes');
      const audio = new Attribute({ type: 'audio', values: [Buffer.from([0xff, 0xd8, 0xff])] });
      await fixture.root.modify(dn, new Change({ operation: 'add', modification: audio }));
      const input = { user: 'bytes', attributes: { audio: null } };
      await expect(block.plan(fixture.customer.step(), input)).rejects.toMatchObject({
        code: 'directory.attribute_not_text',
      });
    });

    it('tells what the directory’s schema refuses', async () => {
      await fixture.addPerson('schema');
      const input = { user: 'schema', attributes: { sn: null } };
      const effect = await block.plan(fixture.customer.step(), input);
      await expect(block.apply(fixture.customer.step(), input, effect)).rejects.toMatchObject({
        code: 'directory.operation_refused',
        retryable: false,
        context: { ldapCode: 65 },
      });
    });
  });

  describe('ldap.user.move', () => {
    const block = ldapUserMove;

    it.each(AWKWARD_LOGINS)('moves %s to the leavers and back', async (user) => {
      const dn = await fixture.addPerson(user);
      const id = await fixture.idOf(dn);
      const step = fixture.customer.step({ expectedIdentity: id });
      const effect = await block.plan(step, { user });
      expect(effect.changes).toEqual([
        { target: dn, field: 'dn', before: dn, after: dn.replace('ou=people', 'ou=leavers') },
      ]);
      const writes = await fixture.writesDuring(async () => {
        await block.apply(step, { user }, effect);
        await block.apply(step, { user }, effect);
      });
      expect(writes).toHaveLength(1);
      expect(await fixture.dnOf(id)).toBe(dn.replace('ou=people', 'ou=leavers'));
      expect(await block.verify(step, { user }, effect, null)).toMatchObject({ proven: true });
      expect((await block.plan(step, { user })).changes).toEqual([]);

      await block.apply(step, { user }, await block.undo(step, { user }, effect, []));
      expect(await fixture.dnOf(id)).toBe(dn);
    });

    it('is not planned to a unit that is not there or where the name is taken', async () => {
      await fixture.addPerson('mover');
      const to = `ou=nowhere,${fixture.access.baseDn}`;
      await expect(block.plan(fixture.customer.step(), { user: 'mover', to })).rejects.toMatchObject({
        code: 'directory.unit_not_found',
      });
      await fixture.addPerson('mover', { unit: fixture.access.leaversOu });
      await expect(block.plan(fixture.customer.step(), { user: 'mover' })).rejects.toMatchObject({
        code: 'directory.name_taken',
      });
    });

    it('keeps where somebody else moved the user, and stays when the old unit is gone', async () => {
      const unit = `ou=project,${fixture.access.peopleOu}`;
      const elsewhere = `ou=elsewhere,${fixture.access.peopleOu}`;
      for (const dn of [unit, elsewhere])
        await fixture.root.add(dn, { objectClass: ['organizationalUnit'], ou: dn.slice(3, dn.indexOf(',')) });
      const dn = await fixture.addPerson('wanderer', { unit });
      const id = await fixture.idOf(dn);
      const step = fixture.customer.step({ expectedIdentity: id });
      const effect = await block.plan(step, { user: 'wanderer' });
      await block.apply(step, { user: 'wanderer' }, effect);
      await fixture.root.modifyDN(await fixture.dnOf(id), fixture.personDn('wanderer', elsewhere));
      await expect(block.apply(step, { user: 'wanderer' }, effect)).rejects.toMatchObject({
        code: 'connector.drift_during_apply',
      });

      const back = await block.undo(step, { user: 'wanderer' }, effect, []);
      expect(back).toMatchObject({
        changes: [],
        kept: [{ field: 'dn', current: fixture.personDn('wanderer', elsewhere) }],
      });
      await fixture.root.del(unit);
      const overwrite = [fieldKey(back.kept[0]!, back.identity)];
      expect(await block.undo(step, { user: 'wanderer' }, effect, overwrite)).toMatchObject({
        changes: [],
        irreversible: expect.stringContaining(unit),
        notes: [{ code: 'directory.old_unit_gone' }],
      });
    });
  });

  describe('ldap.user.delete', () => {
    const block = ldapUserDelete;

    it.each(AWKWARD_LOGINS)('deletes %s for good and proves it', async (user) => {
      // the tests above have used the bare names
      const dn = await fixture.addPerson(`x${user}`);
      await fixture.addGroup(`bye-${AWKWARD_LOGINS.indexOf(user)}`, dn);
      const step = fixture.customer.step();
      const input = { user: `x${user}` };
      const effect = await block.plan(step, input);
      expect(effect.changes).toEqual([{ target: dn, field: 'entry', before: 'present', after: null }]);
      const notes = effect.notes.map((note) => note.text).join('\n');
      expect(notes).toContain(`uid: ${input.user}`);
      expect(notes).toContain(`cn=bye-${AWKWARD_LOGINS.indexOf(user)}`);
      expect(JSON.stringify(effect)).not.toMatch(/SSHA|userpassword|pwd/i);

      await block.apply(step, input, effect);
      expect(await block.verify(step, input, effect, null)).toMatchObject({
        proven: true,
        evidence: { by: 'search by identity', found: 0 },
      });
      expect(await block.undo(step, input, effect, [])).toMatchObject({
        changes: [],
        irreversible: expect.any(String),
      });
    });

    it('is at its end when a repeat finds the entry gone that this step deleted', async () => {
      const dn = await fixture.addPerson('deleted');
      const id = await fixture.idOf(dn);
      const effect = await block.plan(fixture.customer.step(), { user: 'deleted' });
      await block.apply(fixture.customer.step({ expectedIdentity: id }), { user: 'deleted' }, effect);

      const repeat = fixture.customer.step({ expectedIdentity: id, beforeImage: effect });
      expect(await block.plan(repeat, { user: 'deleted' })).toMatchObject({ identity: { id }, changes: [] });
      await block.apply(repeat, { user: 'deleted' }, effect);
      expect(await block.verify(repeat, { user: 'deleted' }, effect, null)).toMatchObject({ proven: true });
    });

    it('holds when somebody else deleted the entry', async () => {
      const dn = await fixture.addPerson('vanished');
      const id = await fixture.idOf(dn);
      await fixture.root.del(dn);
      await expect(
        block.plan(fixture.customer.step({ expectedIdentity: id }), { user: 'vanished' }),
      ).rejects.toMatchObject({
        code: 'connector.identity_drift',
      });
    });

    it('never deletes another entry that got the name', async () => {
      const dn = await fixture.addPerson('successor');
      const effect = await block.plan(fixture.customer.step(), { user: 'successor' });
      await fixture.root.del(dn);
      const successor = await fixture.idOf(await fixture.addPerson('successor'));
      await block.apply(
        fixture.customer.step({ expectedIdentity: effect.identity!.id }),
        { user: 'successor' },
        effect,
      );
      expect(await fixture.dnOf(successor)).toBe(dn);
    });

    it('refuses an entry that holds others', async () => {
      const dn = await fixture.addPerson('parent');
      await fixture.root.add(`cn=device,${dn}`, { objectClass: ['device'], cn: 'device' });
      const effect = await block.plan(fixture.customer.step(), { user: 'parent' });
      await expect(block.apply(fixture.customer.step(), { user: 'parent' }, effect)).rejects.toMatchObject({
        code: 'directory.entry_has_children',
        context: { ldapCode: 66 },
      });
    });
  });
});
