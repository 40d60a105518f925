import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ldapMailboxForward as forwards,
  ldapMailboxOutOfOffice as answers,
  ldapUserGrantAccess as grants,
  type Block,
} from '#libs/connectors';
import { fieldKey, type JsonObject } from '#libs/kernel';
import { change } from '../sandbox/sandbox-fixture.js';
import { directoryCustomer, withoutConfig } from './block-context.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';

describe('what is granted on a leaver for a time', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  const to = 'markus.hoffmann@muster.example';

  async function done<Input extends JsonObject>(block: Block<Input>, input: Input, customer = fixture.customer) {
    const step = customer.step();
    const effect = await block.plan(step, input);
    await block.apply(step, input, effect);
    expect(await block.verify(step, input, effect, null)).toMatchObject({ proven: true });
    expect((await block.plan(step, input)).changes).toEqual([]);
    return { step, effect };
  }

  describe('ldap.mailbox.forward', () => {
    it('forwards, keeps a copy, and brings back what was set before', async () => {
      const user = 'tobias.krueger';
      const dn = fixture.personDn(user);
      await fixture.root.modify(
        dn,
        change('add', 'mailForwardTo', 'before-1@muster.example', 'before-2@muster.example'),
      );
      const input = { user, to, keepCopy: true };
      const { step, effect } = await done(forwards, input);
      expect(effect.changes).toEqual([
        {
          target: dn,
          field: 'mailForwardTo',
          before: ['before-1@muster.example', 'before-2@muster.example'],
          after: [to],
        },
        { target: dn, field: 'mailForwardKeepCopy', before: null, after: ['TRUE'] },
      ]);
      await forwards.apply(step, input, await forwards.undo(step, input, effect, []));
      expect((await fixture.values(dn, 'mailForwardTo')).sort()).toEqual([
        'before-1@muster.example',
        'before-2@muster.example',
      ]);
      expect(await fixture.values(dn, 'mailForwardKeepCopy')).toEqual([]);
    });

    it('leaves another address alone that somebody set since, unless that is to go', async () => {
      const user = 'aylin.yildiz';
      const dn = fixture.personDn(user);
      const { step, effect } = await done(forwards, { user, to });
      await fixture.root.modify(dn, change('replace', 'mailForwardTo', 'theirs@muster.example'));
      const back = await forwards.undo(step, { user, to }, effect, []);
      expect(back).toMatchObject({
        changes: [],
        kept: [{ field: 'mailForwardTo', current: ['theirs@muster.example'] }],
      });
      const overwrite = [fieldKey(back.kept[0]!, back.identity)];
      await forwards.apply(step, { user, to }, await forwards.undo(step, { user, to }, effect, overwrite));
      expect(await fixture.values(dn, 'mailForwardTo')).toEqual([]);
    });

    it.each([1, 2])('finishes what is left after a crash behind write %i', async (endsAtHeartbeat) => {
      const user = ['heike.brandt', 'oliver.stein'][endsAtHeartbeat - 1]!;
      const input = { user, to, keepCopy: false };
      const effect = await forwards.plan(fixture.customer.step(), input);
      await forwards.apply(fixture.customer.step({ endsAtHeartbeat }), input, effect).catch(() => undefined);
      const writes = await fixture.writesDuring(() => forwards.apply(fixture.customer.step(), input, effect));
      expect(writes).toHaveLength(2 - endsAtHeartbeat);
      expect(await forwards.verify(fixture.customer.step(), input, effect, null)).toMatchObject({ proven: true });
    });
  });

  it('answers with a text of several lines and takes it away', async () => {
    const user = 'jana.keller';
    const text = 'Guten Tag,\nich bin seit dem 30.11. nicht mehr im Haus.\n\nGrüße, (Jana) \\ Keller';
    const { step, effect } = await done(answers, { user, text });
    expect(await fixture.values(fixture.personDn(user), 'outOfOfficeText')).toEqual([text]);
    await answers.apply(step, { user, text }, await answers.undo(step, { user, text }, effect, []));
    expect(await fixture.values(fixture.personDn(user), 'outOfOfficeText')).toEqual([]);
  });

  it.each([
    ['mailForwardingAttribute', () => forwards.plan(without('mailForwardingAttribute'), { user: 'jana.keller', to })],
    [
      'mailKeepCopyAttribute',
      () => forwards.plan(without('mailKeepCopyAttribute'), { user: 'jana.keller', to, keepCopy: true }),
    ],
    ['outOfOfficeAttribute', () => answers.plan(without('outOfOfficeAttribute'), { user: 'jana.keller', text: 'x' })],
  ])('is refused where the configuration does not name %s', async (setting, planned) => {
    await expect(planned()).rejects.toMatchObject({
      code: 'directory.attribute_not_configured',
      retryable: false,
      context: { setting },
    });
  });
  const without = (setting: string) => withoutConfig(fixture.customer.step(), setting);

  describe('ldap.user.grant-access', () => {
    it.each(AWKWARD_LOGINS)(
      'lets a colleague into the groups that open the data of %s, and out again',
      async (user) => {
        const at = AWKWARD_LOGINS.indexOf(user);
        const colleague = `${user} colleague`;
        const dn = await fixture.addPerson(colleague);
        const owner = await fixture.addPerson(`owner.${at}`);
        await fixture.addGroup(`data-${at}`, owner);
        const input = { user, colleague, groups: [`data-${at}`] };
        const { step, effect } = await done(grants, input);
        expect(effect.identity).toEqual({ id: await fixture.idOf(dn), name: dn });
        expect(await fixture.values(fixture.groupDn(`data-${at}`), 'member')).toEqual([owner, dn]);
        await grants.apply(step, input, await grants.undo(step, input, effect, []));
        expect(await fixture.values(fixture.groupDn(`data-${at}`), 'member')).toEqual([owner]);
      },
    );

    it('knows the groups from the configuration, also when the user is gone', async () => {
      const owner = await fixture.addPerson('data.owner');
      const names = ['files-left.long.ago', 'mail-left.long.ago'];
      for (const cn of names) await fixture.addGroup(cn, owner);
      const groups = ['files-{user}', fixture.groupDn('mail-{user}')];
      const customer = directoryCustomer(fixture.access, { dataAccessGroups: groups });
      const input = { user: 'left.long.ago', colleague: 'markus.hoffmann' };
      const { effect } = await done(grants, input, customer);
      expect(effect.changes.map((one) => one.target)).toEqual(names.map((cn) => fixture.groupDn(cn)));
    });

    it('is refused where nothing says which groups open the data', async () => {
      const input = { user: 'jana.keller', colleague: 'markus.hoffmann' };
      await expect(grants.plan(fixture.customer.step(), input)).rejects.toMatchObject({
        code: 'directory.data_access_not_configured',
      });
    });
  });
});
