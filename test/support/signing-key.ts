import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let made: string | undefined;

/** File with a signing key of this test process, which goes with it. */
export function testSigningKeyFile(): string {
  if (made !== undefined) return made;
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-signing-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'signing.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  made = file;
  return file;
}
