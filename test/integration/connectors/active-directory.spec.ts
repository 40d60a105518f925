import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ldapUserAddToGroups as adds,
  ldapUserCreate as creates,
  ldapUserDelete as deletes,
  ldapUserDisable as disables,
  ldapUserMove as moves,
  ldapUserRemoveFromGroups as removes,
  ldapUserResetPassword as resets,
  ldapUserSetAttributes as sets,
  ldapUserSetFirstPassword as setsFirst,
  type Block,
} from '#libs/connectors';
import type { Effect, JsonObject } from '#libs/kernel';
import { guidText } from '../../../libs/connectors/ldap/active-directory.dialect.js';
import { Gate } from '../../../tools/sandbox/gate/gate.js';
import { ensureTlsIdentity } from '../../../tools/sandbox/directory/certificate.js';
import { diffSnapshots, initialDomainPassword } from '../../../tools/sandbox/index.js';
import { change } from '../sandbox/sandbox-fixture.js';
import { withoutConfig } from './block-context.js';
import { domainCustomer, DomainFixture } from './domain-fixture.js';
import { describePeople } from './domain-people.js';
import { domainSnapshot, thereAndBack as domainRoundTrip } from './domain-round-trip.js';

const INITIAL = 'Initial-Passw0rd';
const codesOf = ({ notes }: Effect): string[] => notes.map(({ code }) => code);

describe('Active Directory, against a Samba domain controller', () => {
  let fixture: DomainFixture;
  beforeAll(async () => {
    fixture = await DomainFixture.start();
  });
  afterAll(() => fixture?.stop());

  const snapshot = () => domainSnapshot(fixture);
  const thereAndBack = <Input extends JsonObject>(block: Block<Input>, input: Input) =>
    domainRoundTrip(fixture, block, input);

  async function failure(work: Promise<unknown>): Promise<Error & { code?: string; retryable?: boolean }> {
    return work.then(
      () => new Error('nothing was refused'),
      (error: Error) => error,
    );
  }

  async function applied<Input extends JsonObject>(block: Block<Input>, input: Input): Promise<Effect> {
    const effect = await block.plan(fixture.customer.step(), input);
    await block.apply(fixture.customer.step(), input, effect);
    return effect;
  }

  describe('an account', () => {
    it('is disabled by one bit, over the value that was read, and enabled again', async () => {
      const dn = await fixture.addPerson('bit.flip', { userAccountControl: '66048' });
      const effect = await disables.plan(fixture.customer.step(), { user: 'bit.flip' });
      const { effect: planned, proof } = await thereAndBack(disables, { user: 'bit.flip' });
      expect(planned).toEqual(effect);
      expect(effect.changes).toEqual([
        { target: dn, field: 'userAccountControl:ACCOUNTDISABLE', before: false, after: true },
      ]);
      expect(proof.evidence).toMatchObject({
        server: fixture.access.ldaps,
        controller: 'dc1.nordlicht.example',
        entry: dn,
      });
      const writes = await fixture.writesDuring(() =>
        disables.apply(fixture.customer.step(), { user: 'bit.flip' }, effect),
      );
      expect(writes.map((write) => write.changes)).toEqual([
        ['userAccountControl:- 66048', 'userAccountControl:+ 66050'],
      ]);
      expect(await fixture.signIn(dn, INITIAL)).toBe('533');
    });

    it('is the same by its objectGUID wherever it goes, and nobody else by its name', async () => {
      const dn = await fixture.addPerson('guid.kept');
      const effect = await disables.plan(fixture.customer.step(), { user: 'guid.kept' });
      const options = { scope: 'base' as const, attributes: ['objectGUID'], explicitBufferAttributes: ['objectGUID'] };
      const { searchEntries } = await fixture.root.search(dn, options);
      expect(effect.identity).toEqual({ id: guidText(searchEntries[0]!['objectGUID'] as Buffer), name: dn });
      await fixture.root.modifyDN(dn, fixture.personDn('Renamed', fixture.access.leaversOu));
      const step = fixture.customer.step({ expectedIdentity: effect.identity!.id });
      await disables.apply(step, { user: 'guid.kept' }, effect);
      expect(await disables.verify(step, { user: 'guid.kept' }, effect, null)).toMatchObject({
        proven: true,
        evidence: { entry: fixture.personDn('Renamed', fixture.access.leaversOu) },
      });
      await fixture.root.del(fixture.personDn('Renamed', fixture.access.leaversOu));
      await fixture.addPerson('guid.kept');
      await expect(disables.plan(step, { user: 'guid.kept' })).rejects.toMatchObject({
        code: 'connector.identity_drift',
      });
    });

    it.each(['open', 'closed', 'must-change', 'protected'])(
      'gets a new password that is proven, %s account',
      async (state) => {
        const user = `reset.${state}`;
        const dn = await fixture.addPerson(user);
        if (state === 'closed') await fixture.set(dn, 'userAccountControl', '514');
        if (state === 'protected')
          await fixture.root.modify(fixture.builtIn('Protected Users'), change('add', 'member', dn));
        const block = state === 'must-change' ? setsFirst : resets;
        const step = fixture.customer.step({ stepId: user });
        const effect = await block.plan(step, { user });
        const receipt = (await block.apply(step, { user }, effect)) as JsonObject;
        const proof = await block.verify(step, { user }, effect, receipt);
        expect(proof).toMatchObject({ proven: true });
        const sealed = fixture.customer.sealed.get(`${user}/new-password`)!;
        const expected = { open: 'in', closed: '533', 'must-change': '773', protected: '52f' }[state];
        expect(await fixture.signIn(dn, sealed)).toBe(expected);
        expect(JSON.stringify({ effect, receipt, proof })).not.toContain(sealed);
        await block.apply(step, { user }, effect);
        await fixture.setPassword(dn, 'Somebody-elses-Passw0rd');
        if (state !== 'closed' && state !== 'protected')
          expect(await block.verify(step, { user }, effect, receipt)).toMatchObject({ proven: false });
      },
    );

    it('has attributes set and removed, and goes back', async () => {
      await fixture.addPerson('set.attributes', { telephoneNumber: '+49 40 66969-100', title: 'Kauffrau' });
      const attributes = { telephoneNumber: null, title: ['Leiterin'], otherTelephone: ['+49 1', '+49 2'] };
      await thereAndBack(sets, { user: 'set.attributes', attributes });
    });

    it('moves to the leavers and back', async () => {
      await fixture.addPerson('moves.away');
      const { effect } = await thereAndBack(moves, { user: 'moves.away' });
      expect(effect.changes).toMatchObject([
        { field: 'dn', after: fixture.personDn('moves.away', fixture.access.leaversOu) },
      ]);
    });

    it('is deleted by its identity, and that is proven', async () => {
      await fixture.addPerson('goes');
      const effect = await deletes.plan(fixture.customer.step(), { user: 'goes' });
      expect(effect.notes[0]!.text).toContain('cn: goes');
      const step = fixture.customer.step({ expectedIdentity: effect.identity!.id, beforeImage: effect });
      const receipt = (await deletes.apply(step, { user: 'goes' }, effect)) as JsonObject;
      expect(await deletes.verify(step, { user: 'goes' }, effect, receipt)).toMatchObject({
        proven: true,
        evidence: { controller: 'dc1.nordlicht.example' },
      });
      expect((await deletes.plan(step, { user: 'goes' })).changes).toEqual([]);
    });

    it('is created closed, whole and proven, and taken away again', async () => {
      const input = {
        user: 'tjark.nissen',
        givenName: 'Tjark',
        surname: 'Nissen',
        department: 'Logistik',
        manager: 'inga.huelsmann',
      };
      const before = await snapshot();
      const effect = await creates.plan(fixture.customer.step(), input);
      const receipt = (await creates.apply(fixture.customer.step(), input, effect)) as JsonObject;
      const proof = await creates.verify(fixture.customer.step(), input, effect, receipt);
      expect(proof).toMatchObject({ proven: true, identity: { name: fixture.personDn('tjark.nissen') } });
      expect(await fixture.values(fixture.personDn('tjark.nissen'), 'userPrincipalName')).toEqual([
        'tjark.nissen@nordlicht.example',
      ]);
      expect(await fixture.values(fixture.personDn('tjark.nissen'), 'userAccountControl')).toEqual(['514']);
      await expect(creates.plan(fixture.customer.step(), input)).rejects.toMatchObject({
        code: 'directory.user_exists',
      });
      const recorded = { ...effect, identity: proof.identity! };
      const back = await creates.undo(fixture.customer.step(), input, recorded, []);
      const returned = (await creates.apply(fixture.customer.step(), input, back)) as JsonObject;
      expect(await creates.verify(fixture.customer.step(), input, back, returned)).toMatchObject({ proven: true });
      expect(diffSnapshots(before, await snapshot())).toEqual([]);
    });
  });

  describe('groups', () => {
    it('are joined and left one by one; a nested one leads to no change of its own', async () => {
      const dn = await fixture.addPerson('in.groups');
      const inner = await fixture.addGroup('inner', dn);
      const outer = await fixture.addGroup('outer', inner);
      await fixture.addGroup('joined');
      const { effect } = await thereAndBack(removes, { user: 'in.groups' });
      expect(effect.changes).toEqual([{ target: inner, field: 'member:in.groups', before: true, after: false }]);
      const joined = await thereAndBack(adds, { user: 'in.groups', groups: ['joined', outer] });
      expect(joined.effect.changes.map(({ target }) => target).sort()).toEqual(
        [fixture.groupDn('joined'), outer].sort(),
      );
    });

    it('that are the primary one are left for the domain’s users, and come back as the primary one', async () => {
      const dn = await fixture.addPerson('primary');
      const group = await fixture.addGroup('primary-group', dn);
      const number = await fixture.primaryGroupNumber(group);
      await fixture.set(dn, 'primaryGroupID', number);
      await fixture.addGroup('primary-other', dn);
      // somebody took the plain membership away: then they have to become a member again first
      const users = fixture.builtIn('Domain Users');
      await fixture.root.modify(users, change('delete', 'member', dn));
      const { effect } = await thereAndBack(removes, { user: 'primary' });
      expect(effect.changes).toEqual([
        { target: users, field: 'member:primary', before: false, after: true },
        { target: dn, field: 'primaryGroupID', before: number, after: '513' },
        { target: group, field: 'member:primary', before: true, after: false },
        { target: fixture.groupDn('primary-other'), field: 'member:primary', before: true, after: false },
      ]);
      expect(codesOf(effect)).toContain('directory.primary_group_changed');
      const stays = await removes.plan(fixture.customer.step(), { user: 'primary', except: ['primary-group'] });
      expect(stays.changes.map(({ target }) => target)).toEqual([fixture.groupDn('primary-other')]);
      expect(
        (await adds.plan(fixture.customer.step(), { user: 'primary', groups: ['primary-group'] })).changes,
      ).toEqual([]);
    });

    it.each([1, 2, 3])('are finished after a crash behind write %i', async (endsAtHeartbeat) => {
      const user = `crash.${endsAtHeartbeat}`;
      const dn = await fixture.addPerson(user);
      const group = await fixture.addGroup(`${user}-primary`, dn);
      await fixture.set(dn, 'primaryGroupID', await fixture.primaryGroupNumber(group));
      await fixture.addGroup(`${user}-other`, dn);
      const effect = await removes.plan(fixture.customer.step(), { user });
      const place = { expectedIdentity: effect.identity!.id };
      await removes
        .apply(fixture.customer.step({ ...place, endsAtHeartbeat }), { user }, effect)
        .catch(() => undefined);
      const again = fixture.customer.step(place);
      expect((await removes.plan(again, { user })).changes).toHaveLength(3 - endsAtHeartbeat);
      await removes.apply(again, { user }, effect);
      expect(await removes.verify(again, { user }, effect, null)).toMatchObject({ proven: true });
      expect(await fixture.values(dn, 'memberOf')).toEqual([]);
    });

    it('of any size are read whole, part by part', async () => {
      const people = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => fixture.addPerson(`many.${name}`)));
      const group = await fixture.addGroup('many', ...people);
      const client = await fixture.resources.service(fixture.access);
      const { completed } = await import('../../../libs/connectors/ldap/ldap-ranges.js');
      const { LdapEntry } = await import('../../../libs/connectors/ldap/ldap-entry.js');
      const part = async (attribute: string) => {
        const narrowed = attribute.replace(
          /;range=(\d+)-\*$/,
          (_whole, from: string) => `;range=${from}-${Number(from) + 1}`,
        );
        const { searchEntries } = await client.search(group, { scope: 'base', attributes: [narrowed] });
        return searchEntries[0] ? new LdapEntry(searchEntries[0]) : null;
      };
      const first = await part('member;range=0-*');
      expect(first!.names()).toContain('member;range=0-1');
      expect([...(await completed(first!, part)).values('member')].sort()).toEqual([...people].sort());
    });
  });

  describePeople(() => fixture);

  describe('a privileged user', () => {
    it('is found through nested groups when a step is planned, whatever the step', async () => {
      const effect = await disables.plan(fixture.customer.step(), { user: 'emma.whitfield' });
      expect(codesOf(effect)).toEqual(['directory.user_privileged']);
      expect(effect.notes[0]!.text).toContain(
        `in ${fixture.builtIn('Domain Admins')} (through ${fixture.groupDn('it-betreuung')}, ${fixture.groupDn('server-admins')})`,
      );
      for (const [block, input] of [
        [resets, {}],
        [removes, {}],
        [moves, {}],
        [deletes, {}],
        [sets, { attributes: { title: ['x'] } }],
      ] as const) {
        const plan = await (block as unknown as Block).plan(fixture.customer.step(), {
          user: 'emma.whitfield',
          ...input,
        });
        expect([block.name, codesOf(plan)]).toEqual([
          block.name,
          expect.arrayContaining(['directory.user_privileged']),
        ]);
      }
    });

    it.each([
      ['Account Operators', 'Builtin'],
      ['Server Operators', 'Builtin'],
      ['Print Operators', 'Builtin'],
      ['Backup Operators', 'Builtin'],
      ['Administrators', 'Builtin'],
      ['Schema Admins', 'Users'],
      ['Enterprise Admins', 'Users'],
    ])('is a member of %s', async (group, container) => {
      const user = `in.${group.replaceAll(' ', '')}`.slice(0, 20);
      const dn = await fixture.addPerson(user);
      const between = await fixture.addGroup(`${user}-g`, dn);
      expect(codesOf(await disables.plan(fixture.customer.step(), { user }))).toEqual([]);
      await fixture.root.modify(fixture.builtIn(group, container), change('add', 'member', between));
      expect(codesOf(await disables.plan(fixture.customer.step(), { user }))).toEqual(['directory.user_privileged']);
    });

    it('is one whose primary group is privileged, and the built-in administrator', async () => {
      const dn = await fixture.addPerson('primary.admin');
      await fixture.root.modify(fixture.builtIn('Domain Admins'), change('add', 'member', dn));
      await fixture.set(dn, 'primaryGroupID', '512');
      await fixture.root.modify(fixture.builtIn('Domain Users'), change('delete', 'member', dn));
      for (const user of ['primary.admin', 'Administrator'])
        expect(codesOf(await sets.plan(fixture.customer.step(), { user, attributes: { title: ['x'] } }))).toEqual([
          'directory.user_privileged',
        ]);
    });

    it('is told from a protected one, from a member of a distribution list, and from the configured groups’', async () => {
      const input = { user: 'henrike.petersen' };
      expect(codesOf(await disables.plan(fixture.customer.step(), input))).toEqual(['directory.user_protected']);
      const dn = await fixture.addPerson('on.list');
      await fixture.root.add(fixture.groupDn('list'), {
        objectClass: 'group',
        sAMAccountName: 'list',
        groupType: '2',
        member: dn,
      });
      await fixture.root.modify(
        fixture.builtIn('Backup Operators', 'Builtin'),
        change('add', 'member', fixture.groupDn('list')),
      );
      expect(codesOf(await disables.plan(fixture.customer.step(), { user: 'on.list' }))).toEqual([]);
      const strict = domainCustomer(fixture.domain, { privilegedGroups: ['dateiserver'] });
      const effect = await disables.plan(strict.step(), { user: 'grace.okafor' });
      expect(codesOf(effect)).toEqual(['directory.user_privileged']);
      expect(effect.notes[0]!.text).toMatch(/through CN=(handel|shop),OU=groups/);
    });

    it('is also who would become one', async () => {
      await fixture.addPerson('would.become');
      const effect = await adds.plan(fixture.customer.step(), { user: 'would.become', groups: ['it-betreuung'] });
      expect(codesOf(effect)).toEqual(['directory.user_privileged']);
      expect(effect.notes[0]!.text).toContain('Whoever joins');
    });
  });

  describe('a step', () => {
    it('reads back from the controller that it wrote to and from no other', async () => {
      const tls = ensureTlsIdentity(fixture.resources.folder());
      const gates = await Promise.all(
        [1, 2].map(async () => {
          const options = { port: 0, directoryPort: fixture.domain.samba.port, cert: tls.cert, key: tls.key };
          const directoryCa = domainCustomer(fixture.domain).step().system.config['caPem'] as string;
          return fixture.resources.add(await Gate.open({ ...options, directoryCa }), (gate) => gate.offline());
        }),
      );
      const url = gates.map((gate) => `ldaps://localhost:${gate.port}`).join(' ');
      const customer = domainCustomer(fixture.domain, { url, caPem: tls.ca });
      await fixture.addPerson('pinned');
      const effect = await disables.plan(customer.step(), { user: 'pinned' });
      const receipt = (await disables.apply(customer.step(), { user: 'pinned' }, effect)) as JsonObject;
      const proof = await disables.verify(customer.step(), { user: 'pinned' }, effect, receipt);
      const used = gates.find((gate) => String(proof.evidence['server']).endsWith(`:${gate.port}`))!;
      expect(receipt['controller']).toEqual({ url: `ldaps://localhost:${used.port}`, address: '127.0.0.1' });
      await used.offline();
      // another one is there, and does for whatever has written nothing yet
      await expect(disables.plan(customer.step(), { user: 'pinned' })).resolves.toMatchObject({ changes: [] });
      await expect(disables.verify(customer.step(), { user: 'pinned' }, effect, receipt)).rejects.toMatchObject({
        code: 'connector.system_unreachable',
        retryable: true,
      });
      await used.online();
      await expect(disables.verify(customer.step(), { user: 'pinned' }, effect, receipt)).resolves.toMatchObject({
        proven: true,
      });
    });

    it('is not planned without LDAPS, nor with a certificate that our CA has not signed', async () => {
      const { port } = new URL(fixture.access.url);
      for (const config of [{ insecure: true }, { startTls: true }]) {
        const customer = domainCustomer(fixture.domain, { url: `ldap://127.0.0.1:${port}`, ...config });
        await expect(disables.plan(customer.step(), { user: 'noah.bennett' })).rejects.toMatchObject({
          code: 'directory.ldaps_required',
          retryable: false,
        });
      }
      const unknown = withoutConfig(domainCustomer(fixture.domain, { url: fixture.access.url }).step(), 'caPem');
      await expect(disables.plan(unknown, { user: 'noah.bennett' })).rejects.toMatchObject({
        code: 'connector.tls_refused',
      });
    });
  });

  describe('a refusal of the controller is a problem of its own', () => {
    const service = (dn: string, password: string) => {
      const customer = domainCustomer(fixture.domain, { bindDn: dn });
      customer.secrets.set('secret://directory-bind', password);
      return customer;
    };
    const planBy = (dn: string, password: string) =>
      failure(disables.plan(service(dn, password).step(), { user: 'noah.bennett' }));

    it.each([
      ['directory.bind_account_disabled', 'userAccountControl', '514'],
      ['directory.bind_account_expired', 'accountExpires', '116444736000000000'],
      ['directory.bind_password_must_change', 'pwdLastSet', '0'],
      ['directory.bind_workstation_refused', 'userWorkstations', 'PC1'],
    ])('%s', async (code, attribute, value) => {
      const dn = await fixture.addPerson(`bind-${attribute}`.slice(0, 20));
      await fixture.set(dn, attribute, value);
      expect(await planBy(dn, INITIAL)).toMatchObject({ code, retryable: true });
      expect(await planBy(dn, 'wrong')).toMatchObject({ code: 'connector.credential_refused', retryable: true });
    });

    it('an account outside its hours, a protected one and a locked one', async () => {
      const dn = await fixture.addPerson('bind.hours');
      await fixture.root.modify(dn, change('replace', 'logonHours', Buffer.alloc(21) as unknown as string));
      expect(await planBy(dn, INITIAL)).toMatchObject({ code: 'directory.bind_outside_hours' });
      const henrike = fixture.personDn('Henrike Petersen');
      expect(await planBy(henrike, initialDomainPassword('nordlicht', 'henrike.petersen'))).toMatchObject({
        code: 'directory.bind_account_restricted',
      });
      const locked = await fixture.addPerson('bind.locked');
      await fixture.set(fixture.access.baseDn, 'lockoutThreshold', '2');
      for (let attempt = 0; attempt < 2; attempt += 1) await planBy(locked, 'wrong');
      expect(await planBy(locked, INITIAL)).toMatchObject({ code: 'directory.bind_account_locked' });
      await fixture.set(fixture.access.baseDn, 'lockoutThreshold', '0');
    });

    it('a right that our account lacks', async () => {
      const effect = await adds.plan(fixture.customer.step(), { user: 'noah.bennett', groups: ['Domain Admins'] });
      const refusal = await failure(adds.apply(fixture.customer.step(), { user: 'noah.bennett', groups: [] }, effect));
      expect(refusal).toMatchObject({ code: 'directory.access_denied', retryable: false });
    });

    it('a password that the policy does not like, without telling it', async () => {
      await fixture.addPerson('policy');
      await fixture.set(fixture.access.baseDn, 'minPwdLength', '64');
      const step = fixture.customer.step({ stepId: 'policy' });
      const refusal = await failure(
        resets.plan(step, { user: 'policy' }).then((effect) => resets.apply(step, { user: 'policy' }, effect)),
      );
      await fixture.set(fixture.access.baseDn, 'minPwdLength', '7');
      expect(refusal).toMatchObject({ code: 'directory.password_refused', retryable: false });
      expect(JSON.stringify(refusal) + String(refusal) + String(refusal.cause)).not.toContain(
        fixture.customer.sealed.get('policy/new-password'),
      );
    });

    it.each([
      ['directory.value_refused', { title: ['x'.repeat(500)] }],
      ['directory.value_refused', { manager: ['no name'] }],
      ['directory.values_refused', { title: ['one', 'two'] }],
      ['directory.reference_missing', { manager: ['CN=nobody,DC=nordlicht,DC=example'] }],
      ['directory.attribute_unknown', { dc: ['x'] }],
    ])('%s for %j', async (code, attributes) => {
      await fixture.addPerson('values').catch(() => undefined);
      expect(await failure(applied(sets, { user: 'values', attributes }))).toMatchObject({ code, retryable: false });
    });

    it('an entry that holds others, and a name that is taken since', async () => {
      const dn = await fixture.addPerson('parent');
      await fixture.root.add(`CN=child,${dn}`, { objectClass: 'nTFRSSubscriptions' });
      expect(await failure(applied(deletes, { user: 'parent' }))).toMatchObject({
        code: 'directory.entry_has_children',
      });
      const effect = await moves.plan(fixture.customer.step(), { user: 'parent' });
      const taken = fixture.personDn('parent', fixture.access.leaversOu);
      await fixture.root.add(taken, { objectClass: 'user', sAMAccountName: 'parent.two' });
      const refusal = await failure(moves.apply(fixture.customer.step(), { user: 'parent' }, effect));
      expect(refusal).toMatchObject({ code: 'directory.name_taken' });
    });

    it('a membership that somebody else changed between reading and writing counts as what it is', async () => {
      const dn = await fixture.addPerson('raced');
      const group = await fixture.addGroup('race', dn);
      const effect = await removes.plan(fixture.customer.step(), { user: 'raced' });
      await fixture.root.modify(group, change('delete', 'member', dn));
      await removes.apply(fixture.customer.step(), { user: 'raced' }, effect);
      expect(await removes.verify(fixture.customer.step(), { user: 'raced' }, effect, null)).toMatchObject({
        proven: true,
      });
    });
  });
});
