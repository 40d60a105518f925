import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { VaultConfig } from '#libs/platform/config';
import {
  KeyRingUnavailable,
  MasterKeyMissing,
  MasterKeysInvalid,
  openKeyRing,
  VaultKeyRing,
  WrappedKeyInvalid,
} from '#libs/platform/secrets';
import { ensureTlsIdentity } from '../../../tools/sandbox/directory/certificate.js';
import { startVaultTransitStub, type VaultTransitStub } from '../../support/vault-transit-stub.js';

/** Against `vault-transit-stub`, which follows Vault's documented API; Vault itself was not run. */
let stub: VaultTransitStub;
const dir = mkdtempSync(join(tmpdir(), 'stellwerk-vault-'));
const place = Buffer.from('["secret","muster","directory-bind"]');
const dataKey = randomBytes(32);

beforeAll(async () => {
  stub = await startVaultTransitStub();
  stub.createKey('stellwerk');
});
afterEach(() => {
  stub.mood = 'well';
});
afterAll(async () => {
  await stub.stop();
  rmSync(dir, { recursive: true });
});

const config = (change: Partial<VaultConfig> = {}): VaultConfig => ({
  address: stub.address,
  mount: 'transit',
  key: 'stellwerk',
  token: stub.token,
  tokenFile: null,
  namespace: null,
  caFile: null,
  ...change,
});

describe('master keys in Vault', () => {
  it('wrap and open; versions go on, and a rewrap happens inside Vault', async () => {
    const ring = new VaultKeyRing(config());
    const before = await ring.wrap(dataKey, place);
    expect(before.keyId).toBe('vault:transit/stellwerk/1');
    expect(await ring.unwrap(before, place)).toEqual(dataKey);
    expect(await ring.renew()).toBe('vault:transit/stellwerk/2');
    expect(await ring.current()).toBe('vault:transit/stellwerk/2');
    const from = stub.calls.length;
    const after = await ring.rewrap(before, place);
    expect(stub.calls.slice(from).map(({ path }) => path)).toEqual(['/v1/transit/rewrap/stellwerk']);
    expect(after.keyId).toBe('vault:transit/stellwerk/2');
    expect(await ring.unwrap(after, place)).toEqual(dataKey);
    stub.setMinDecryptionVersion('stellwerk', 2);
    expect(await ring.ids()).toEqual([after.keyId]);
    // not damaged: a setting of the key's, which a person can take back
    await expect(ring.unwrap(before, place)).rejects.toThrow(MasterKeyMissing);
    stub.setMinDecryptionVersion('stellwerk', 1);
    await ring.stop();
  });

  it('do not open what was copied to another place', async () => {
    const ring = new VaultKeyRing(config());
    const kept = await ring.wrap(dataKey, place);
    const elsewhere = Buffer.from('["secret","nordlicht","directory-bind"]');
    await expect(ring.unwrap(kept, elsewhere)).rejects.toThrow(WrappedKeyInvalid);
    await expect(ring.rewrap(kept, elsewhere)).rejects.toThrow(WrappedKeyInvalid);
    await ring.stop();
  });

  it('are refused when the key would ignore the place', async () => {
    stub.createKey('plain', { derived: false });
    const ring = new VaultKeyRing(config({ key: 'plain' }));
    await expect(ring.wrap(dataKey, place)).rejects.toThrow(MasterKeysInvalid);
    await ring.stop();
  });

  it.each([
    ['sealed', /sealed/],
    ['limited', /no more calls/],
    ['failing', /failed/],
    ['standby', /standby/],
    ['hanging', /does not answer/],
  ] as const)('are waited for while Vault is %s', async (mood, words) => {
    const ring = new VaultKeyRing(config(), 300);
    const kept = await ring.wrap(dataKey, place);
    stub.mood = mood;
    const asked = ring.unwrap(kept, place);
    await expect(asked).rejects.toThrow(KeyRingUnavailable);
    await expect(asked).rejects.toThrow(words);
    await expect(asked).rejects.toMatchObject({ retryable: true });
    stub.mood = 'well';
    expect(await ring.unwrap(kept, place)).toEqual(dataKey);
    await ring.stop();
  });

  it('are waited for when the token is refused; a renewed token file counts at once', async () => {
    const tokenFile = join(dir, 'token');
    writeFileSync(tokenFile, 'hvs.expired\n');
    const ring = new VaultKeyRing(config({ token: null, tokenFile, namespace: 'msp/prod' }));
    const refused = ring.wrap(dataKey, place);
    await expect(refused).rejects.toThrow(KeyRingUnavailable);
    await expect(refused).rejects.toThrow(/refuses the token/);
    await expect(refused).rejects.not.toThrow(/hvs\./);
    writeFileSync(tokenFile, `${stub.token}\n`);
    await ring.wrap(dataKey, place);
    expect(stub.calls.at(-1)!.headers).toMatchObject({ 'x-vault-namespace': 'msp/prod', 'x-vault-request': 'true' });
    await ring.stop();
  });

  it('are asked by TLS with the authority that is configured, and with no other', async () => {
    const identity = ensureTlsIdentity(join(dir, 'tls'));
    const secure = await startVaultTransitStub({ tls: identity, mount: 'kms/transit' });
    secure.createKey('stellwerk');
    const here = { address: secure.address, mount: 'kms/transit', token: secure.token };
    const trusting = new VaultKeyRing(config({ ...here, caFile: identity.caFile }));
    expect(await trusting.unwrap(await trusting.wrap(dataKey, place), place)).toEqual(dataKey);
    const stranger = new VaultKeyRing(config(here));
    await expect(stranger.wrap(dataKey, place)).rejects.toThrow(KeyRingUnavailable);
    await Promise.all([trusting.stop(), stranger.stop()]);
    await secure.stop();
  });

  it('take over from local ones: Vault wraps, and what was wrapped before opens', async () => {
    const text = randomBytes(32).toString('base64');
    const before = await openKeyRing({ file: null, text, vault: null }).wrap(dataKey, place);
    const ring = openKeyRing({ file: null, text, vault: config() });
    expect(await ring.unwrap(before, place)).toEqual(dataKey);
    const after = await ring.rewrap(before, place);
    expect(after.keyId).toMatch(/^vault:/);
    expect(await openKeyRing({ file: null, text: null, vault: config() }).unwrap(after, place)).toEqual(dataKey);
    expect(await ring.ids()).toContain('local:1');
  });
});
