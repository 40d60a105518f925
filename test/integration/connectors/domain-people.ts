import { describe, expect, it } from '@jest/globals';
import {
  ldapMailboxForward as forwards,
  ldapMailboxOutOfOffice as answers,
  ldapUserCreate as creates,
  ldapUserEnable as enables,
  ldapUserGrantAccess as grants,
  ldapUserSetGroups as setsGroups,
} from '#libs/connectors';
import type { Effect, JsonObject } from '#libs/kernel';
import { domainCustomer, type DomainFixture } from './domain-fixture.js';
import { thereAndBack } from './domain-round-trip.js';

const changesOf = ({ changes }: Effect) => changes.map(({ target, field, after }) => [target, field, after]);

/** What joiners, movers and the grants on a leaver need of a domain controller. */
export function describePeople(domain: () => DomainFixture): void {
  const group = (name: string): string => domain().groupDn(name);
  const joined = (name: string, login: string) => [group(name), `member:${login}`, true];
  const left = (name: string, login: string) => [group(name), `member:${login}`, false];

  describe('a joiner', () => {
    it('has a country, and a sponsor where the customer keeps one', async () => {
      const user = 'gast.arbeiter';
      const person = { user, givenName: 'Gast', surname: 'Arbeiter', usageLocation: 'DE', sponsor: 'inga.huelsmann' };
      await expect(creates.plan(domain().customer.step(), person)).rejects.toMatchObject({
        code: 'directory.attribute_not_configured',
        context: { field: 'sponsor' },
      });
      const customer = domainCustomer(domain().domain, { sponsorAttribute: 'assistant' });
      const effect = await creates.plan(customer.step(), person);
      const receipt = (await creates.apply(customer.step(), person, effect)) as JsonObject;
      expect(await creates.verify(customer.step(), person, effect, receipt)).toMatchObject({ proven: true });
      const dn = domain().personDn(user);
      expect(await domain().values(dn, 'c')).toEqual(['DE']);
      expect(await domain().values(dn, 'assistant')).toEqual([domain().personDn('Inga Hülsmann')]);
    });

    it('is let in by one bit, over the value that was read, and locked out again', async () => {
      const dn = await domain().addPerson('first.hour', { userAccountControl: '66050' });
      const { effect } = await thereAndBack(domain(), enables, { user: 'first.hour' });
      expect(changesOf(effect)).toEqual([[dn, 'userAccountControl:ACCOUNTDISABLE', false]]);
      await enables.apply(domain().customer.step(), { user: 'first.hour' }, effect);
      expect(await domain().values(dn, 'userAccountControl')).toEqual(['66048']);
      expect(await domain().signIn(dn, 'Initial-Passw0rd')).toBe('in');
    });
  });

  describe('a mover', () => {
    it('joins and leaves by difference; the primary group stays', async () => {
      const user = 'moves.desk';
      const dn = await domain().addPerson(user);
      for (const name of ['desk-old', 'desk-kept', 'desk-primary']) await domain().addGroup(name, dn);
      await domain().addGroup('desk-new');
      await domain().set(dn, 'primaryGroupID', await domain().primaryGroupNumber(group('desk-primary')));
      const input = { user, groups: ['desk-new', 'desk-kept', 'desk-primary'] };
      const { effect } = await thereAndBack(domain(), setsGroups, input, managing());
      expect(changesOf(effect)).toEqual([joined('desk-new', user), left('desk-old', user)]);
    });

    it('becomes like a colleague, except for what makes an administrator', async () => {
      const user = 'like.emma';
      const dn = await domain().addPerson(user);
      await domain().addGroup('not-emmas', dn);
      const input = { user, likeColleague: 'emma.whitfield' };
      const { effect } = await thereAndBack(domain(), setsGroups, input, managing());
      const [joins, leaves] = [true, false].map((after) =>
        effect.changes.filter((one) => one.after === after).map((one) => one.target),
      );
      expect(joins).toEqual(['shop', 'team', 'vpn'].map(group));
      expect(leaves).toEqual([group('not-emmas')]);
      expect(effect.notes).toMatchObject([
        { code: 'directory.privileged_group_not_copied', text: expect.stringContaining(group('it-betreuung')) },
      ]);
    });

    it('is not put into a group outside the unit that is decided about', async () => {
      const input = { user: 'noah.bennett', groups: ['Backup Operators'] };
      await expect(setsGroups.plan(managing().step(), input)).rejects.toMatchObject({
        code: 'directory.group_not_managed',
      });
    });

    /** As in the sandbox: groups are known in the whole domain, and decided about in their unit. */
    const managing = () => domainCustomer(domain().domain, { managedGroupsOu: domain().access.groupsOu });
  });

  describe('a grant on a leaver', () => {
    it('forwards and answers mail by the attributes that the customer’s mail server reads', async () => {
      const user = 'grant.mail';
      const dn = await domain().addPerson(user, { otherMailbox: 'before@nordlicht.example' });
      const settings = { mailForwardingAttribute: 'otherMailbox', mailKeepCopyAttribute: 'comment' };
      const customer = domainCustomer(domain().domain, { ...settings, outOfOfficeAttribute: 'info' });
      const to = 'silke.boettcher@nordlicht.example';
      const { effect } = await thereAndBack(domain(), forwards, { user, to, keepCopy: true }, customer);
      expect(changesOf(effect)).toEqual([
        [dn, 'otherMailbox', [to]],
        [dn, 'comment', ['TRUE']],
      ]);
      const text = 'Moin,\nich bin nicht mehr im Haus.\n\nGrüße, (Grant) \\ Mail';
      expect((await thereAndBack(domain(), answers, { user, text }, customer)).effect.changes).toMatchObject([
        { field: 'info', before: null, after: [text] },
      ]);
    });

    it('opens the data by groups; a colleague whose primary group it is has it already', async () => {
      const colleague = 'data.heir';
      const dn = await domain().addPerson(colleague);
      await domain().addGroup('files-left.long.ago');
      await domain().addGroup('files-primary', dn);
      await domain().set(dn, 'primaryGroupID', await domain().primaryGroupNumber(group('files-primary')));
      const customer = domainCustomer(domain().domain, { dataAccessGroups: ['files-{user}', 'files-primary'] });
      const { effect } = await thereAndBack(domain(), grants, { user: 'left.long.ago', colleague }, customer);
      expect(changesOf(effect)).toEqual([joined('files-left.long.ago', colleague)]);
    });
  });
}
