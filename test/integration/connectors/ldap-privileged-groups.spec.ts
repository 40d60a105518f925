import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserAddToGroups as adds, ldapUserDisable as disables } from '#libs/connectors';
import type { Effect } from '#libs/kernel';
import { directoryCustomer } from './block-context.js';
import { DirectoryFixture } from './directory-fixture.js';

const codesOf = ({ notes }: Effect): string[] => notes.map(({ code }) => code);

/** OpenLDAP knows no groups that every directory has: the configuration says which ones count. */
describe('the privileged groups of an OpenLDAP directory', () => {
  let fixture: DirectoryFixture;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
  });
  afterAll(() => fixture.stop());

  it('are looked for through nested groups, in a circle too, and by joining', async () => {
    const nested = await fixture.addPerson('nested.admin');
    const plain = await fixture.addPerson('plain.user');
    const inner = await fixture.addGroup('priv-inner', nested);
    const outer = await fixture.addGroup('priv-outer', inner, fixture.groupDn('priv-top'));
    const top = await fixture.addGroup('priv-top', outer);
    await fixture.addGroup('priv-none', plain);
    const customer = directoryCustomer(fixture.access, { privilegedGroups: ['priv-top'] });

    const effect = await disables.plan(customer.step(), { user: 'nested.admin' });
    expect(codesOf(effect)).toEqual(['directory.user_privileged']);
    expect(effect.notes[0]!.text).toContain(`in ${top} (through ${inner}, ${outer})`);
    expect(codesOf(await disables.undo(customer.step(), { user: 'nested.admin' }, effect, []))).toEqual([]);
    expect(codesOf(await disables.plan(customer.step(), { user: 'plain.user' }))).toEqual([]);
    const joins = await adds.plan(customer.step(), { user: 'plain.user', groups: ['priv-inner'] });
    expect(codesOf(joins)).toEqual(['directory.user_privileged']);
    const byDn = directoryCustomer(fixture.access, { privilegedGroups: [inner] });
    expect(codesOf(await disables.plan(byDn.step(), { user: 'nested.admin' }))).toEqual(['directory.user_privileged']);
    expect(codesOf(await disables.plan(fixture.customer.step(), { user: 'nested.admin' }))).toEqual([]);
  });
});
