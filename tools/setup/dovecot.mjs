// @ts-check
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { systemRelease, unpackPackages } from './debian-packages.mjs';

const PACKAGES = ['dovecot-core', 'dovecot-imapd'];

export function dovecotKey() {
  return cacheKey({ words: ['dovecot 1', systemRelease(), ...PACKAGES] });
}

/**
 * Downloads the tests' IMAP server as Debian packages and unpacks them into the cache. Its paths are compiled in, so it
 * runs in a namespace that has them in place (test/support/dovecot.ts).
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} the unpacked root: `usr/sbin/dovecot`
 */
export async function fetchDovecot({ report, log }) {
  const wanted = { names: PACKAGES, dependencies: /^lib/ };
  const build = async (/** @type {string} */ dir) => void (await unpackPackages(dir, wanted, { report, log }));
  return join(await cached({ name: 'dovecot', key: dovecotKey(), report, build }), 'root');
}
