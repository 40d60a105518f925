// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from './setup/command.mjs';
import { profilePlaces, root } from './setup/places.mjs';
import { environments } from './stack/apps.mjs';
import { readJson } from './stack/files.mjs';
import { portsFrom } from './stack/ports.mjs';

// npm run audit -- verify …: with the settings of the bridge from the environment, else with those of what npm start runs.
const script = join(root, 'dist', 'tools', 'audit', 'main.js');

process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} words @returns {Promise<number>} the tool's exit code */
async function main(words) {
  try {
    if (!existsSync(script)) throw new Error('The programs are not built. Build them by: npm run build');
    const env = process.env.STELLWERK_DATABASE_URL ? process.env : developmentEnvironment();
    const { status } = await attempt(process.execPath, ['--enable-source-maps', script, ...words], {
      cwd: root,
      env,
      echo: true,
    });
    return status ?? 2;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

function developmentEnvironment() {
  const places = profilePlaces('dev');
  const state = readJson(places.state);
  if (!state?.addresses)
    throw new Error('The servers do not run (npm start), and STELLWERK_DATABASE_URL names no other database.');
  const stack = /** @type {import('./stack/stack.mjs').Stack} */ (
    /** @type {unknown} */ ({ addresses: state.addresses, places, ports: portsFrom(state.portBase), caches: {} })
  );
  return environments(stack).bridge;
}
