// @ts-check
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { run } from './command.mjs';
import { libraryDirs } from './debian.mjs';
import { systemRelease, unpackPackages } from './debian-packages.mjs';

// A page without any font is not drawn.
const PACKAGES = ['chromium', 'chromium-common', 'fonts-dejavu-core', 'fontconfig-config'];
const INSTALLED = '/usr/bin/chromium';

/** The browser that is there already: the one named by `STELLWERK_CHROMIUM`, else the system's. */
export function chromiumAtHand() {
  const given = process.env.STELLWERK_CHROMIUM;
  if (given) return given;
  return existsSync(INSTALLED) ? INSTALLED : undefined;
}

export function chromiumKey() {
  return cacheKey({ words: ['chromium 1', systemRelease(), ...PACKAGES] });
}

/**
 * The tests' browser: the one at hand, else Debian's, downloaded and unpacked into the cache with whatever this system lacks
 * for it. No root is needed.
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} its program
 */
export async function fetchChromium({ report, log }) {
  const atHand = chromiumAtHand();
  if (atHand) return atHand;
  const dir = await cached({
    name: 'chromium',
    key: chromiumKey(),
    report,
    build: (target) => build(target, report, log),
  });
  return join(dir, 'chromium');
}

/**
 * @param {string} dir
 * @param {(text: string) => void} report
 * @param {string} log
 */
async function build(dir, report, log) {
  const unpacked = await unpackPackages(dir, { names: PACKAGES, dependencies: /./ }, { report, log });
  const program = join(dir, 'chromium');
  writeFileSync(join(dir, 'fonts.conf'), FONTS);
  writeFileSync(program, launcher(libraryDirs(unpacked).map((path) => path.slice(dir.length))));
  chmodSync(program, 0o755);
  report('looks whether it starts');
  await run(program, ['--version']);
}

/** Finds everything beside itself, because the folder is renamed once it is complete. @param {string[]} libraries */
function launcher(libraries) {
  const paths = libraries.flatMap((path) => [`$here${path}`, `$here${path}/pulseaudio`]).join(':');
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="${paths}" FONTCONFIG_PATH="$here" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/root/usr/lib/chromium/chromium" "$@"
`;
}

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
