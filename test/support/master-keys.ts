import { randomBytes } from 'node:crypto';
import type { MasterKeysConfig } from '#libs/platform/config';

/** Master keys of one test file: a key that nobody else has. */
export function testMasterKeys(): MasterKeysConfig {
  return { file: null, text: `1:${randomBytes(32).toString('base64')}`, vault: null };
}
