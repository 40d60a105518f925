import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserCreate, ldapUserSetAttributes as block, validateInput } from '#libs/connectors';
import { compareWithApproved } from '#libs/process/model';
import { change } from '../sandbox/sandbox-fixture.js';
import { withoutConfig } from './block-context.js';
import { DirectoryFixture } from './directory-fixture.js';

describe('ldap.user.set-attributes with a person’s fields', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  it('moves somebody to another department and manager, and back', async () => {
    const user = 'jana.keller';
    const dn = fixture.personDn(user);
    const fields = {
      department: 'Einkauf',
      title: 'Einkäuferin',
      manager: 'ulrike.loewe',
      businessPhones: ['+49 221 4710-2', '+49 221 4710-1'],
      mobilePhone: null,
      aliases: ['einkauf@muster.example'],
    };
    const input = { user, fields, attributes: { description: ['seit 2026'] } };
    validateInput(block, input);
    const step = fixture.customer.step();
    const effect = await block.plan(step, input);
    expect(Object.fromEntries(effect.changes.map((one) => [one.field, [one.before, one.after]]))).toEqual({
      description: [null, ['seit 2026']],
      mailAlias: [null, ['einkauf@muster.example']],
      title: [['Vertriebsinnendienst'], ['Einkäuferin']],
      ou: [['Vertrieb'], ['Einkauf']],
      telephoneNumber: [['+49 221 4710-113'], ['+49 221 4710-1', '+49 221 4710-2']],
      mobile: [['+49 171 3920013'], null],
      manager: [[fixture.personDn('markus.hoffmann')], [fixture.personDn('ulrike.loewe')]],
    });
    await block.apply(fixture.customer.step({ endsAtHeartbeat: 3 }), input, effect).catch(() => undefined);
    const again = fixture.customer.step({ expectedIdentity: effect.identity!.id });
    expect(compareWithApproved(effect, await block.plan(again, input))).toMatchObject({ kind: 'as_approved' });
    const writes = await fixture.writesDuring(() => block.apply(again, input, effect));
    expect(writes).toHaveLength(effect.changes.length - 3);
    expect(await block.verify(again, input, effect, null)).toMatchObject({ proven: true });
    await block.apply(again, input, await block.undo(again, input, effect, []));
    expect(await fixture.values(dn, 'manager')).toEqual([fixture.personDn('markus.hoffmann')]);
    expect(await fixture.values(dn, 'mobile')).toEqual(['+49 171 3920013']);
  });

  it('takes the same manager in another spelling for no change', async () => {
    const dn = await fixture.addPerson('reports');
    const manager = await fixture.addPerson('boss, the');
    await fixture.root.modify(dn, change('add', 'manager', manager.replace(/\\2C/i, '\\,').replace('uid=', 'UID=')));
    const input = { user: 'reports', fields: { manager: 'boss, the' } };
    expect((await block.plan(fixture.customer.step(), input)).changes).toEqual([]);
  });

  it('is planned for somebody whom the run creates', async () => {
    const person = { user: 'to.come', givenName: 'Kommt', surname: 'Noch' };
    const input = { user: person.user, expectsNewUser: true, fields: { title: 'Neue' } };
    const approved = await block.plan(fixture.customer.step(), input);
    expect(approved).toMatchObject({
      identity: { id: 'new:to.come' },
      changes: [{ target: fixture.personDn('to.come'), field: 'title', before: null, after: ['Neue'] }],
    });
    const create = await ldapUserCreate.plan(fixture.customer.step(), person);
    await ldapUserCreate.apply(fixture.customer.step(), person, create);
    const step = fixture.customer.step({ expectedIdentity: approved.identity!.id, approved });
    const fresh = await block.plan(step, input);
    expect(compareWithApproved(approved, fresh)).toMatchObject({ kind: 'as_approved' });
    await block.apply(step, input, fresh);
    expect(await block.verify(step, input, fresh, null)).toMatchObject({ proven: true });
  });

  it.each([
    ['directory.user_not_found', { manager: 'nobody.at.all' }, {}],
    ['directory.attribute_not_allowed', { title: 'one' }, { TITLE: ['two'] }],
  ])('refuses with %s', async (code, fields, attributes) => {
    const input = { user: 'oliver.stein', fields, attributes };
    await expect(block.plan(fixture.customer.step(), input)).rejects.toMatchObject({ code });
  });

  it('says where the configuration has to name an attribute, and refuses what is no field', async () => {
    const step = withoutConfig(fixture.customer.step(), 'mailAliasAttribute');
    const input = { user: 'oliver.stein', fields: { aliases: ['x@muster.example'] } };
    await expect(block.plan(step, input)).rejects.toMatchObject({ code: 'directory.attribute_not_configured' });
    for (const fields of [{ shoeSize: '42' }, { title: '' }, {}, { mail: 'no address' }, { city: 'a\nb' }])
      expect(() => validateInput(block, { user: 'oliver.stein', fields })).toThrow();
    expect(() => validateInput(block, { user: 'oliver.stein' })).toThrow();
  });
});
