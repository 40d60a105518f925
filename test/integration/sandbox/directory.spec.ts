import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AlreadyExistsError,
  ConstraintViolationError,
  InsufficientAccessError,
  InvalidCredentialsError,
  NoSuchAttributeError,
  NoSuchObjectError,
  ObjectClassViolationError,
  type Client,
} from 'ldapts';
import {
  diffSnapshots,
  initialPassword,
  muster,
  readWrites,
  snapshotDirectory,
  startDirectory,
  type Directory,
  type DirectoryAccess,
} from '../../../tools/sandbox/index.js';
import { change, read, readUntil, Resources, slapdRoot } from './sandbox-fixture.js';

const locked = '000001010000Z';
const resources = new Resources();
let directory: Directory;
let access: DirectoryAccess;
let service: Client;
let root: Client;
const person = (uid: string): string => `uid=${uid},${access.peopleOu}`;
const leaver = (uid: string): string => `uid=${uid},${access.leaversOu}`;
const group = (cn: string): string => `cn=${cn},${access.groupsOu}`;

async function bindAs(dn: string, password: string): Promise<void> {
  await resources.client(access).bind(dn, password);
}

beforeAll(async () => {
  const options = { dir: resources.folder(), slapdRoot: slapdRoot() };
  directory = resources.add(await startDirectory(options), (one) => one.stop());
  access = directory.access;
  service = await resources.service(access);
  root = await resources.root(access);
});

afterAll(() => resources.cleanUp());

describe('the data', () => {
  it('holds everybody with memberships on both sides', async () => {
    const { searchEntries } = await service.search(access.peopleOu, { scope: 'one', attributes: ['uid', 'memberOf'] });
    expect(searchEntries).toHaveLength(muster.people.length);
    for (const { cn, members } of muster.groups) {
      const listed = searchEntries.filter((one) => [one['memberOf'] ?? []].flat().includes(group(cn)));
      expect(listed.map((one) => one['uid']).sort()).toEqual([...members].sort());
    }
  });

  it('lets a person bind with the password of the demo', async () => {
    await expect(bindAs(person('joerg.mueller'), initialPassword('muster', 'joerg.mueller'))).resolves.toBeUndefined();
  });

  it('keeps its changes over a restart, and a new start ends the slapd that was left behind', async () => {
    const dir = resources.folder();
    const first = resources.add(await startDirectory({ dir, slapdRoot: slapdRoot() }), (one) => one.stop());
    const dn = `uid=daniel.fuchs,${first.access.peopleOu}`;
    await (await resources.service(first.access)).modify(dn, change('replace', 'title', 'Einkaufsleiter'));
    const second = resources.add(await startDirectory({ dir, slapdRoot: slapdRoot() }), (one) => one.stop());
    expect(first.slapd.isRunning()).toBe(false);
    expect(await read(await resources.service(second.access), dn, 'title')).toEqual(['Einkaufsleiter']);
  });
});

describe('the service account', () => {
  it('reads what it works with, but no password in any form', async () => {
    const { searchEntries } = await service.search(person('heike.brandt'), {
      scope: 'base',
      attributes: ['entryUUID', 'pwdChangedTime', 'memberOf', 'userPassword', 'pwdHistory'],
    });
    expect(searchEntries[0]).toMatchObject({ entryUUID: expect.any(String), userPassword: [], pwdHistory: [] });
    const byHash = await service.search(access.baseDn, { scope: 'sub', filter: '(userPassword=*)' });
    expect(byHash.searchEntries).toHaveLength(0);
    expect(await read(root, person('heike.brandt'), 'userPassword')).toEqual([expect.stringMatching(/^\{SSHA\}/)]);
  });

  it('may not touch services, policies or the units', async () => {
    const edit = change('replace', 'description', 'x');
    await expect(service.modify(access.standInMember, edit)).rejects.toBeInstanceOf(InsufficientAccessError);
    await expect(service.modify(`cn=default,ou=policies,${access.baseDn}`, edit)).rejects.toBeInstanceOf(
      InsufficientAccessError,
    );
    await expect(service.del(access.leaversOu)).rejects.toBeInstanceOf(InsufficientAccessError);
  });

  it('moves a person, and groups and reports follow', async () => {
    await service.modifyDN(person('bernd.koehler'), leaver('bernd.koehler'));
    expect(await read(root, group('erp'), 'member')).toContain(leaver('bernd.koehler'));
    const boss = [leaver('bernd.koehler')];
    expect(await readUntil(root, person('guenther.gross'), 'manager', boss)).toEqual(boss);
    expect(await read(service, leaver('bernd.koehler'), 'memberOf')).toContain(group('vpn'));
    await expect(service.modifyDN(person('bernd.koehler'), leaver('bernd.koehler'))).rejects.toBeInstanceOf(
      NoSuchObjectError,
    );
  });

  it('cannot empty a group, but can leave it to the stand-in member', async () => {
    const [only, standIn] = [person('jana.keller'), access.standInMember];
    const dn = group('zeiterfassung');
    await expect(service.modify(dn, change('delete', 'member', only))).rejects.toBeInstanceOf(
      ObjectClassViolationError,
    );
    await service.modify(dn, [change('add', 'member', standIn), change('delete', 'member', only)]);
    expect(await read(root, dn, 'member')).toEqual([standIn]);
  });

  it('deletes the only member of a group, which the stand-in then holds', async () => {
    await service.modify(group('personal'), change('replace', 'member', person('sabine.uebelacker')));
    await service.del(person('sabine.uebelacker'));
    const standIn = [access.standInMember];
    expect(await readUntil(root, group('personal'), 'member', standIn)).toEqual(standIn);
    await expect(service.del(person('sabine.uebelacker'))).rejects.toBeInstanceOf(NoSuchObjectError);
  });

  it('cannot add a person twice', async () => {
    const entry = { objectClass: 'inetOrgPerson', uid: 'nina.schroeder', cn: 'Nina', sn: 'Schröder' };
    await expect(service.add(person('nina.schroeder'), entry)).rejects.toBeInstanceOf(AlreadyExistsError);
  });
});

describe('passwords and locks', () => {
  it('hashes a password set in clear text', async () => {
    await service.modify(person('oliver.stein'), change('replace', 'userPassword', 'Kürbiskernöl-2026'));
    expect(await read(root, person('oliver.stein'), 'userPassword')).toEqual([expect.stringMatching(/^\{SSHA\}/)]);
    await expect(bindAs(person('oliver.stein'), 'Kürbiskernöl-2026')).resolves.toBeUndefined();
  });

  it('refuses a password that is too short, hashed already or the present one', async () => {
    const set = (password: string): Promise<void> =>
      service.modify(person('ulrike.loewe'), change('replace', 'userPassword', password));
    await expect(set('kurz')).rejects.toThrow(ConstraintViolationError);
    await expect(set('kurz')).rejects.toThrow('Password fails quality checking policy');
    await expect(set('{SSHA}VuARZ2hBK05oW1mr3lvWcmEGIDL0z6aZ')).rejects.toThrow('Password fails quality checking');
    await set('Ein-gutes-Passwort');
    await expect(set('Ein-gutes-Passwort')).rejects.toThrow('Password is not being changed from existing value');
  });

  it('keeps a locked account out until it is unlocked', async () => {
    const [dn, password] = [person('lukas.baumgaertner'), initialPassword('muster', 'lukas.baumgaertner')];
    await service.modify(dn, change('replace', 'pwdAccountLockedTime', locked));
    await service.modify(dn, change('replace', 'pwdAccountLockedTime', locked));
    expect(await read(service, dn, 'pwdAccountLockedTime')).toEqual([locked]);
    await expect(bindAs(dn, password)).rejects.toBeInstanceOf(InvalidCredentialsError);
    await service.modify(dn, change('delete', 'pwdAccountLockedTime'));
    await expect(bindAs(dn, password)).resolves.toBeUndefined();
    await expect(service.modify(dn, change('delete', 'pwdAccountLockedTime'))).rejects.toBeInstanceOf(
      NoSuchAttributeError,
    );
  });

  it('unlocks a locked account when its password is set', async () => {
    const dn = person('emil.sorensen');
    const password = (text: string): ReturnType<typeof change> => change('replace', 'userPassword', text);
    const lock = change('replace', 'pwdAccountLockedTime', locked);
    await service.modify(dn, [password('Erstes-Passwort-1'), lock]);
    expect(await read(service, dn, 'pwdAccountLockedTime')).toEqual([locked]);
    await service.modify(dn, password('Zweites-Passwort-2'));
    expect(await read(service, dn, 'pwdAccountLockedTime')).toEqual([]);
    await service.modify(dn, lock);
    // Even a lock in the same operation is taken away, because the account was locked before it.
    await service.modify(dn, [password('Drittes-Passwort-3'), lock]);
    expect(await read(service, dn, 'pwdAccountLockedTime')).toEqual([]);
  });
});

describe('snapshots and the access log', () => {
  it('tell what has changed and who has written', async () => {
    const source = { url: access.url, bindDn: access.rootDn, password: access.rootPassword, baseDn: access.baseDn };
    const before = await snapshotDirectory(source);
    const last = (await readWrites(access)).at(-1)?.key ?? '';
    await service.modify(person('ralf.zimmermann'), change('replace', 'title', 'Lagerleiter'));
    await service.modify(person('ralf.zimmermann'), change('replace', 'userPassword', 'Lager-Passwort-1'));
    await service.modifyDN(person('claudia.boehm'), leaver('claudia.boehm'));

    expect(diffSnapshots(before, before)).toEqual([]);
    expect(diffSnapshots(before, await snapshotDirectory(source))).toEqual([
      `moved ${person('claudia.boehm')} -> ${leaver('claudia.boehm')}`,
      ...['fertigung', 'mitarbeitende'].map(
        (cn) => `${group(cn)}: member - ${person('claudia.boehm')} + ${leaver('claudia.boehm')}`,
      ),
      `${person('ralf.zimmermann')}: title - Lager und Versand + Lagerleiter`,
    ]);
    const writes = await readWrites(access, { after: last, actor: access.bindDn });
    expect(writes.map(({ operation, dn }) => [operation, dn])).toEqual([
      ['modify', person('ralf.zimmermann')],
      ['modify', person('ralf.zimmermann')],
      ['modrdn', person('claudia.boehm')],
    ]);
    expect(writes[1]?.changes).toContain('userPassword:= ***');
    expect(JSON.stringify(writes)).not.toContain('{SSHA}');
  });
});
