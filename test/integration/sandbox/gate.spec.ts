import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidCredentialsError, ObjectClassViolationError, type Client } from 'ldapts';
import { element, enumerated, integer, octetString, sequence, set } from '../../../tools/sandbox/directory/der.js';
import { readWrites, startDirectory, type Directory, type DirectoryAccess } from '../../../tools/sandbox/index.js';
import { LdapMessageSplitter, readLdapMessage } from '../../../tools/sandbox/gate/ldap-message.js';
import { eventually } from '../../support/eventually.js';
import { change, read, Resources, slapdRoot } from './sandbox-fixture.js';

const resources = new Resources();
let directory: Directory;
let access: DirectoryAccess;
let service: Client;
let root: Client;
const person = (uid: string): string => `uid=${uid},${access.peopleOu}`;

beforeAll(async () => {
  const options = { dir: resources.folder(), slapdRoot: slapdRoot() };
  directory = resources.add(await startDirectory(options), (one) => one.stop());
  access = directory.access;
  service = await resources.service(access);
  root = await resources.root(access);
});

afterEach(() => {
  directory.gate.hold.release();
  directory.gate.slow(0);
  directory.gate.slowWrites(0);
  directory.gate.throttleWrites(0);
});

afterAll(() => resources.cleanUp());

describe('holding back an answer', () => {
  it('leaves the write done and the client waiting until it is released', async () => {
    const { hold } = directory.gate;
    const dn = person('jana.keller');
    hold.arm({ entry: 'UID=jana.keller', attribute: 'Title' });
    let answered = false;
    const write = service.modify(dn, change('replace', 'title', 'Vertriebsleiterin')).then(() => (answered = true));
    expect(await hold.whenHolding()).toEqual({
      state: 'holding',
      operation: 'modify',
      dn,
      clientConnected: true,
      clientPort: expect.any(Number),
    });
    expect(await read(root, dn, 'title')).toEqual(['Vertriebsleiterin']);

    // The same connection and others go on meanwhile, and only one answer is held.
    await service.modify(dn, change('replace', 'title', 'Geschäftsführerin'));
    expect(await read(await resources.service(access), dn, 'title')).toEqual(['Geschäftsführerin']);
    expect(answered).toBe(false);
    hold.release();
    await write;
    expect(hold.status()).toEqual({ state: 'idle' });
  });

  it('counts only matching writes that succeed', async () => {
    const { hold } = directory.gate;
    hold.arm({ afterWrites: 1, entry: 'daniel.fuchs' });
    const dn = person('daniel.fuchs');
    await service.modify(person('heike.brandt'), change('replace', 'title', 'Hauptbuchhalterin'));
    await expect(service.modify(dn, change('replace', 'sn'))).rejects.toBeInstanceOf(ObjectClassViolationError);
    await service.modify(dn, change('replace', 'title', 'eins'));
    expect(hold.status()).toEqual({ state: 'armed' });
    const second = service.modify(dn, change('replace', 'title', 'zwei'));
    expect(await hold.whenHolding()).toMatchObject({ state: 'holding', dn });
    hold.release();
    await second;
  });

  it.each([
    [
      'add',
      async (client: Client) => client.add(person('neu.hier'), { objectClass: 'inetOrgPerson', cn: 'n', sn: 'h' }),
    ],
    ['modifyDN', async (client: Client) => client.modifyDN(person('neu.hier'), `uid=neu.hier,${access.leaversOu}`)],
    ['delete', async (client: Client) => client.del(`uid=neu.hier,${access.leaversOu}`)],
  ] as const)('holds the answer of a %s', async (operation, write) => {
    const { hold } = directory.gate;
    hold.arm({ entry: 'neu.hier' });
    const done = write(service);
    expect(await hold.whenHolding()).toMatchObject({ state: 'holding', operation });
    hold.release();
    await done;
  });

  it('can lose the answer: the client fails, the write stays', async () => {
    const client = await resources.service(access);
    const { hold } = directory.gate;
    hold.arm();
    const write = client.modify(person('sven.lindner'), change('replace', 'title', 'Meister'));
    const failure = expect(write).rejects.toThrow();
    await hold.whenHolding();
    hold.release('drop');
    await failure;
    expect(await read(root, person('sven.lindner'), 'title')).toEqual(['Meister']);
  });

  it('survives a client that has gone', async () => {
    const client = await resources.service(access);
    const { hold } = directory.gate;
    hold.arm();
    const failure = expect(client.modify(person('piotr.nowak'), change('replace', 'title', 'x'))).rejects.toThrow();
    await hold.whenHolding();
    await client.unbind();
    await failure;
    hold.release();
    await service.modify(person('piotr.nowak'), change('replace', 'title', 'y'));
  });

  it('says at once that nothing is held when the wait is broken off', async () => {
    expect(await directory.gate.hold.whenHolding(30_000, AbortSignal.abort())).toEqual({ state: 'idle' });
  });
});

describe('an unreachable or slow directory', () => {
  it('cuts and refuses connections until it is online again', async () => {
    const client = await resources.service(access);
    await directory.gate.offline();
    await expect(client.search(access.baseDn, { scope: 'base' })).rejects.toThrow();
    await expect(resources.service(access)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await directory.gate.online();
    await expect(resources.service(access)).resolves.toBeDefined();
    service = await resources.service(access);
  });

  it('delays answers when it is told to', async () => {
    directory.gate.slow(120);
    const startedAt = performance.now();
    await service.search(access.baseDn, { scope: 'base' });
    // Timers may fire a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(118);
  });

  it('keeps an answer to a write back while it goes on answering reads, until it is told otherwise', async () => {
    directory.gate.slowWrites(60_000);
    let isAnswered = false;
    const writing = service.modify(person('mehmet.oeztuerk'), change('replace', 'title', 'Leiter'));
    const answered = writing.then(() => void (isAnswered = true));
    await eventually('the write is carried out', async () =>
      (await read(root, person('mehmet.oeztuerk'), 'title')).includes('Leiter'),
    );
    expect(await read(service, person('mehmet.oeztuerk'), 'title')).toEqual(['Leiter']);
    expect(isAnswered).toBe(false);
    directory.gate.slowWrites(0);
    await answered;
  });

  it('lets a write through when its turn or a hold has come, and never one whose client gave up', async () => {
    const titleOf = async (uid: string) => (await read(root, person(uid), 'title')).join();
    const before = await titleOf('piotr.nowak');
    directory.gate.throttleWrites(600_000);
    const impatient = await resources.service(access);
    const givenUp = expect(impatient.modify(person('piotr.nowak'), change('replace', 'title', 'x'))).rejects.toThrow();
    const waiting = service.modify(person('jana.keller'), change('replace', 'title', 'wartet'));
    const wanted = service.modify(person('sven.lindner'), change('replace', 'title', 'gehalten'));
    expect(await titleOf('jana.keller')).not.toBe('wartet');
    await impatient.unbind();
    await givenUp;

    directory.gate.armHold({ entry: 'sven.lindner' });
    expect(await directory.gate.hold.whenHolding()).toMatchObject({ state: 'holding', dn: person('sven.lindner') });
    directory.gate.hold.release();
    await wanted;
    expect(await titleOf('jana.keller')).not.toBe('wartet');

    directory.gate.throttleWrites(10);
    await waiting;
    expect([await titleOf('jana.keller'), await titleOf('piotr.nowak')]).toEqual(['wartet', before]);
  });

  it('carries many connections at once', async () => {
    const before = (await readWrites(access)).length;
    const clients = await Promise.all(Array.from({ length: 40 }, () => resources.service(access)));
    await Promise.all(
      clients.map((client, index) =>
        client.modify(person('mehmet.oeztuerk'), change('add', 'description', `Verbindung ${index}`)),
      ),
    );
    expect(await read(root, person('mehmet.oeztuerk'), 'description')).toHaveLength(40);
    expect((await readWrites(access)).length - before).toBe(40);
  });

  it('passes refusals on', async () => {
    await expect(resources.client(access).bind(access.bindDn, 'falsch')).rejects.toBeInstanceOf(
      InvalidCredentialsError,
    );
  });
});

describe('messages and TCP segments', () => {
  const bind = (id: number): Buffer =>
    sequence(
      integer(id),
      element(0x60, integer(3), octetString(access.bindDn), element(0x80, Buffer.from(access.bindPassword))),
    );
  const setTitle = (id: number, title: string): Buffer => {
    const attribute = sequence(octetString('title'), set(octetString(title)));
    const dn = octetString(person('monika.schaefer'));
    return sequence(integer(id), element(0x66, dn, sequence(sequence(enumerated(2), attribute))));
  };

  async function rawConnection(): Promise<{ socket: TLSSocket; answers: (count: number) => Promise<number[]> }> {
    const socket = connect({
      host: '127.0.0.1',
      port: directory.gate.port,
      ca: readFileSync(access.caFile),
      servername: 'localhost',
    });
    resources.add(socket, (one) => one.destroy());
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    const splitter = new LdapMessageSplitter();
    const ids: number[] = [];
    socket.on('data', (chunk: Buffer) => ids.push(...splitter.push(chunk).map((one) => readLdapMessage(one).id)));
    const answers = async (count: number): Promise<number[]> => {
      while (ids.length < count) await new Promise((resolve) => socket.once('data', resolve));
      return ids;
    };
    return { socket, answers };
  }

  it('understands a message that comes octet by octet', async () => {
    const { socket, answers } = await rawConnection();
    socket.write(bind(1));
    await answers(1);
    directory.gate.hold.arm({ attribute: 'title' });
    for (const octet of setTitle(2, 'Meisterin')) {
      await new Promise<void>((resolve) => socket.write(Buffer.from([octet]), () => resolve()));
    }
    expect(await directory.gate.hold.whenHolding()).toMatchObject({ state: 'holding', operation: 'modify' });
    directory.gate.hold.release();
    expect(await answers(2)).toEqual([1, 2]);
  });

  it('understands several messages in one segment and holds only the right one', async () => {
    const { socket, answers } = await rawConnection();
    socket.write(bind(1));
    await answers(1);
    directory.gate.hold.arm({ attribute: 'title', afterWrites: 1 });
    // Longer than 127 octets, so that its length takes the long form.
    socket.write(Buffer.concat([setTitle(200, 'a'.repeat(300)), setTitle(70_000, 'b'), setTitle(4, 'c')]));
    expect(await directory.gate.hold.whenHolding()).toMatchObject({ state: 'holding' });
    expect(await answers(3)).toHaveLength(3);
    directory.gate.hold.release();
    expect([...(await answers(4))].sort((a, b) => a - b)).toEqual([1, 4, 200, 70_000]);
  });

  it('cuts a client that does not speak LDAP, and nobody else', async () => {
    const { socket } = await rawConnection();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    await service.search(access.baseDn, { scope: 'base' });
  });
});
