import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ldapUserDisable as disable, ldapUserSetAttributes as setAttributes } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { initialPassword } from '../../../tools/sandbox/index.js';
import { change } from '../sandbox/sandbox-fixture.js';
import { directoryCustomer, withoutConfig, WorkerEnded } from './block-context.js';
import { DirectoryFixture } from './directory-fixture.js';

describe('the connection to a directory', () => {
  let fixture: DirectoryFixture;
  let silent: Server;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    silent.close();
    await fixture.stop();
  });

  const user = 'jana.keller';
  const plan = (config: JsonObject) => disable.plan(directoryCustomer(fixture.access, config).step(), { user });

  it('speaks StartTLS, and plain LDAP only where it was said so', async () => {
    const { url } = fixture.access;
    await expect(plan({ url: url.replace('127.0.0.1', 'localhost'), startTls: true })).resolves.toMatchObject({
      irreversible: null,
    });
    await expect(plan({ url, insecure: true })).resolves.toMatchObject({ irreversible: null });
    await expect(plan({ url })).rejects.toMatchObject({ code: 'connector.config_invalid', retryable: false });
  });

  it.each(['ldaps', 'url'] as const)('trusts no certificate that our CA has not signed (%s)', async (address) => {
    const customer = directoryCustomer(fixture.access, { url: fixture.access[address], startTls: address === 'url' });
    await expect(disable.plan(withoutConfig(customer.step(), 'caPem'), { user })).rejects.toMatchObject({
      code: 'connector.tls_refused',
      retryable: true,
    });
  });

  it('waits for a person when our credential is refused, without telling it', async () => {
    const customer = directoryCustomer(fixture.access);
    customer.secrets.set('secret://directory-bind', 'not-the-Passw0rd');
    const refusal = await disable.plan(customer.step(), { user }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'connector.credential_refused', retryable: true, context: { ldapCode: 49 } });
    expect(JSON.stringify(refusal) + String(refusal) + String((refusal as Error).cause)).not.toContain(
      'not-the-Passw0rd',
    );
    customer.secrets.set('secret://directory-bind', '');
    await expect(disable.plan(customer.step(), { user })).rejects.toMatchObject({ code: 'connector.config_invalid' });
  });

  it('may read with an ordinary account, and writes nothing with it', async () => {
    const customer = directoryCustomer(fixture.access, { bindDn: fixture.personDn('heike.brandt') });
    const password = initialPassword('muster', 'heike.brandt');
    customer.secrets.set('secret://directory-bind', password);
    const effect = await disable.plan(customer.step(), { user });
    await expect(disable.apply(customer.step(), { user }, effect)).rejects.toMatchObject({
      code: 'directory.access_denied',
    });
  });

  it('tells a configuration’s faults by field, never by value', async () => {
    const refusal = await plan({ dialect: 'novell', password: 'hunter2' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'connector.config_invalid',
      errors: [{ path: 'password' }, { path: 'dialect' }],
    });
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  it('is unreachable while the directory is offline, and reached again afterwards', async () => {
    const { gate } = fixture.directory;
    await gate.offline();
    await expect(plan({})).rejects.toMatchObject({ code: 'connector.system_unreachable', retryable: true });
    await gate.online();
    await expect(plan({})).resolves.toMatchObject({ irreversible: null });
  });

  it('gives up on servers that say nothing, while it connects (ldaps) and while it asks (ldap)', async () => {
    const gaveUp = (scheme: 'ldaps' | 'ldap'): Promise<void> => {
      const url = `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      return expect(plan({ url, startTls: scheme === 'ldap', answerWithinSeconds: 1 })).rejects.toMatchObject({
        code: 'connector.system_unreachable',
      });
    };
    await Promise.all([gaveUp('ldaps'), gaveUp('ldap')]);
  });

  it('finishes after the connection broke between a write and its answer', async () => {
    const { hold } = fixture.directory.gate;
    const input = { user, attributes: { title: ['one'], description: ['two'] } };
    const effect = await setAttributes.plan(fixture.customer.step(), input);
    hold.arm({ attribute: 'title' });
    const broken = setAttributes.apply(fixture.customer.step(), input, effect);
    const outcome = expect(broken).rejects.toMatchObject({ code: 'connector.system_unreachable', retryable: true });
    await hold.whenHolding();
    hold.release('drop');
    await outcome;
    const writes = await fixture.writesDuring(() => setAttributes.apply(fixture.customer.step(), input, effect));
    expect(writes.map((write) => write.changes)).toEqual([['description:+ two']]);
  });

  it('ends at once when the worker ends while an answer is outstanding', async () => {
    const { hold } = fixture.directory.gate;
    const effect = await disable.plan(fixture.customer.step(), { user });
    const ending = new AbortController();
    hold.arm();
    const cut = disable.apply({ ...fixture.customer.step(), signal: ending.signal }, { user }, effect);
    const outcome = expect(cut).rejects.toBeInstanceOf(WorkerEnded);
    await hold.whenHolding();
    ending.abort(new WorkerEnded());
    await outcome;
    hold.release('drop');
    await disable.apply(fixture.customer.step(), { user }, effect);
    expect(await disable.verify(fixture.customer.step(), { user }, effect, null)).toMatchObject({ proven: true });
    await fixture.root.modify(fixture.personDn(user), change('delete', 'pwdAccountLockedTime'));
  });
});
