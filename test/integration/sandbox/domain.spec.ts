import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'ldapts';
import {
  diffSnapshots,
  initialDomainPassword,
  nordlicht,
  snapshotDirectory,
  startDomain,
  type Domain,
  type DomainAccess,
} from '../../../tools/sandbox/index.js';
import { testStack } from '../../support/test-stack.js';
import { change, read, Resources } from './sandbox-fixture.js';

describe('the second customer’s domain', () => {
  const resources = new Resources();
  let dir: string;
  let domain: Domain;
  let access: DomainAccess;
  let root: Client;
  let service: Client;
  beforeAll(async () => {
    const { sambaRoot, sambaTemplate } = testStack();
    dir = resources.folder();
    domain = resources.add(await startDomain({ dir, sambaRoot, sambaTemplate }), (one) => one.stop());
    access = domain.access;
    root = await resources.root(access);
    service = await resources.service(access);
  });
  afterAll(() => resources.cleanUp());

  const dnOf = (cn: string, unit = access.peopleOu): string => `CN=${cn},${unit}`;

  it('holds the company: people who can sign in, nested groups, a primary group, privileged and protected users', async () => {
    const { searchEntries } = await service.search(access.peopleOu, { scope: 'one', attributes: ['sAMAccountName'] });
    expect(searchEntries.map((entry) => entry['sAMAccountName']).sort()).toEqual(
      nordlicht.people.map((one) => one.uid).sort(),
    );
    const signIn = resources.client(access);
    await signIn.bind(dnOf('Grace Okafor'), initialDomainPassword('nordlicht', 'grace.okafor'));
    expect(await read(root, dnOf('Domain Admins', `CN=Users,${access.baseDn}`), 'member')).toContain(
      dnOf('server-admins', access.groupsOu),
    );
    expect(await read(root, dnOf('server-admins', access.groupsOu), 'member')).toEqual([
      dnOf('it-betreuung', access.groupsOu),
    ]);
    expect(await read(root, dnOf('Momme Claußen'), 'primaryGroupID')).not.toEqual(['513']);
    expect(await read(root, dnOf('Henrike Petersen'), 'memberOf')).toContain(
      `CN=Protected Users,CN=Users,${access.baseDn}`,
    );
  });

  it('lets the service account do what it was delegated, and no more', async () => {
    await service.modify(dnOf('Noah Bennett'), change('replace', 'title', 'Kaufmann'));
    await service.modifyDN(dnOf('Noah Bennett'), dnOf('Noah Bennett', access.leaversOu));
    await service.modifyDN(dnOf('Noah Bennett', access.leaversOu), dnOf('Noah Bennett'));
    const admins = `CN=Domain Admins,CN=Users,${access.baseDn}`;
    await expect(service.modify(admins, change('add', 'member', dnOf('Noah Bennett')))).rejects.toMatchObject({
      code: 50,
    });
    await expect(service.modify(access.rootDn, change('replace', 'title', 'x'))).rejects.toMatchObject({ code: 50 });
  });

  it('counts writes itself, moves through the gate included, with who did them and without passwords', async () => {
    const after = (await domain.writes()).at(-1)!.key;
    await service.modify(dnOf('Lars Thönnes'), change('replace', 'mobile', '+49 171 3920077'));
    await service.modify(dnOf('vpn', access.groupsOu), change('add', 'member', dnOf('Lars Thönnes')));
    await service.modifyDN(dnOf('Lars Thönnes'), dnOf('Lars Thönnes', access.leaversOu));
    await root.modifyDN(dnOf('Lars Thönnes', access.leaversOu), dnOf('Lars Thönnes'));
    const seen = await domain.writes({ after, actor: access.bindDn });
    expect(seen.map(({ operation, dn, changes }) => [operation, dn, changes])).toEqual([
      ['modify', dnOf('Lars Thönnes'), ['mobile:= +49 171 3920077']],
      ['modify', dnOf('vpn', access.groupsOu), [`member:+ ${dnOf('Lars Thönnes')}`]],
      ['modrdn', dnOf('Lars Thönnes'), [`newDN:= ${dnOf('Lars Thönnes', access.leaversOu)}`]],
    ]);
    expect(JSON.stringify(await domain.writes())).not.toContain(initialDomainPassword('nordlicht', 'lars.thoennes'));
  });

  it('is compared by snapshots, which a password and a logon do not change', async () => {
    const source = { ...access, bindDn: access.rootDn, password: access.rootPassword };
    const before = await snapshotDirectory(source);
    await root.modify(dnOf('Jasper Ahrens'), change('replace', 'pwdLastSet', '0'));
    expect(diffSnapshots(before, await snapshotDirectory(source))).toEqual([]);
    await root.modify(dnOf('Jasper Ahrens'), change('replace', 'title', 'Fotograf'));
    expect(diffSnapshots(before, await snapshotDirectory(source))).toEqual([
      `${dnOf('Jasper Ahrens')}: title - Content und Fotografie + Fotograf`,
    ]);
  });

  it('keeps its data over a stop, and holds an answer at its gate', async () => {
    await service.modify(dnOf('Emma Whitfield'), change('replace', 'description', 'bleibt'));
    const port = domain.samba.port;
    await domain.stop();
    expect(domain.isRunning()).toBe(false);
    const { sambaRoot, sambaTemplate } = testStack();
    domain = resources.add(await startDomain({ dir, sambaRoot, sambaTemplate, port }), (one) => one.stop());
    expect(domain.samba.port).toBe(port);
    const again = await resources.service(domain.access);
    expect(await read(again, dnOf('Emma Whitfield'), 'description')).toEqual(['bleibt']);
    domain.gate.hold.arm({ attribute: 'title' });
    const write = again.modify(dnOf('Emma Whitfield'), change('replace', 'title', 'Leiterin Shop'));
    expect(await domain.gate.hold.whenHolding()).toMatchObject({ operation: 'modify', dn: dnOf('Emma Whitfield') });
    domain.gate.hold.release();
    await write;
  });
});
