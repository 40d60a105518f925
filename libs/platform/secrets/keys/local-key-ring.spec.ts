import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MasterKeyMissing, MasterKeyNotOurs, MasterKeysInvalid, WrappedKeyInvalid } from './key-ring.js';
import { LocalKeyRing } from './local-key-ring.js';
import { parseMasterKeys } from './master-keys.js';

const dir = mkdtempSync(join(tmpdir(), 'stellwerk-keys-'));
afterAll(() => rmSync(dir, { recursive: true }));

const newKey = (): string => randomBytes(32).toString('base64');
const place = Buffer.from('muster/directory-bind');
const dataKey = randomBytes(32);

function keyFile(text: string): string {
  const file = join(dir, `${randomBytes(4).toString('hex')}.key`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('master keys', () => {
  it('are lines with an id; a bare one, as installations had it, is the first key', () => {
    const [older, newer] = [newKey(), newKey()];
    expect(parseMasterKeys(`${older}\n`, 'x').map(({ id }) => id)).toEqual(['1']);
    expect(parseMasterKeys(`# since May\n2:${newer}\n${older}\n`, 'x').map(({ id }) => id)).toEqual(['2', '1']);
    expect(parseMasterKeys(`2:${newer},1:${older}`, 'x')).toHaveLength(2);
  });

  it.each([
    ['nothing', ''],
    ['16 bytes', randomBytes(16).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['an id in capitals', `A:${randomBytes(32).toString('base64')}`],
    ['two keys of one id', `${randomBytes(32).toString('base64')}\n1:${randomBytes(32).toString('base64')}`],
  ])('refuses %s, and does not quote it', (_name, text) => {
    expect(() => parseMasterKeys(text, 'master.key')).toThrow(MasterKeysInvalid);
    const quoted = text.split('\n').filter((line) => line !== '');
    const message = (() => {
      try {
        return String(parseMasterKeys(text, 'master.key'));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    for (const line of quoted) expect(message).not.toContain(line);
  });
});

describe('a local key ring', () => {
  it('opens what an older key wrapped, and wraps by the first', async () => {
    const [older, newer] = [newKey(), newKey()];
    const before = await LocalKeyRing.fromText(older, 'x').wrap(dataKey, place);
    const ring = LocalKeyRing.fromText(`2:${newer},1:${older}`, 'x');
    expect(before.keyId).toBe('local:1');
    expect(await ring.unwrap(before, place)).toEqual(dataKey);
    const after = await ring.rewrap(before, place);
    expect(after.keyId).toBe('local:2');
    expect(await LocalKeyRing.fromText(`2:${newer}`, 'x').unwrap(after, place)).toEqual(dataKey);
  });

  it('does not open a key in another place, under another master key, or with a bit changed', async () => {
    const ring = LocalKeyRing.fromText(newKey(), 'x');
    const kept = await ring.wrap(dataKey, place);
    const damaged = Buffer.from(kept.wrapped);
    damaged[20]! ^= 1;
    await expect(ring.unwrap(kept, Buffer.from('nordlicht/directory-bind'))).rejects.toThrow(WrappedKeyInvalid);
    await expect(ring.unwrap({ ...kept, wrapped: damaged }, place)).rejects.toThrow(WrappedKeyInvalid);
    await expect(ring.unwrap({ ...kept, wrapped: Buffer.alloc(5) }, place)).rejects.toThrow(WrappedKeyInvalid);
    await expect(LocalKeyRing.fromText(newKey(), 'x').unwrap(kept, place)).rejects.toThrow(WrappedKeyInvalid);
    await expect(ring.unwrap({ ...kept, keyId: 'local:9' }, place)).rejects.toThrow(MasterKeyMissing);
  });

  it('takes up a new key of its file without a restart, and knows the last ones while the file is away', async () => {
    const file = keyFile(newKey());
    const [one, other] = [LocalKeyRing.fromFile(file), LocalKeyRing.fromFile(file)];
    const before = await one.wrap(dataKey, place);
    expect(await other.renew()).toBe('local:2');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^2:\S{44}\n\S{44}\n$/);
    expect(await one.current()).toBe('local:2');
    expect(await one.unwrap(before, place)).toEqual(dataKey);
    rmSync(file);
    expect((await one.wrap(dataKey, place)).keyId).toBe('local:2');
  });

  it('out of the environment cannot make a key itself, and says what a person does', async () => {
    const key = newKey();
    const refusal = LocalKeyRing.fromText(key, 'STELLWERK_MASTER_KEY').renew();
    await expect(refusal).rejects.toThrow(MasterKeyNotOurs);
    await expect(refusal).rejects.toThrow(/"2:".*STELLWERK_MASTER_KEY|STELLWERK_MASTER_KEY.*"2:"/);
    await expect(refusal).rejects.not.toThrow(key);
  });
});
