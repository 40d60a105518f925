import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Processes } from './processes.js';

/** From `dist/tools/chaos/`, and from the sources, which lie one folder higher. */
const CLI = ['../../../tools/stack/cli.mjs', '../stack/cli.mjs'];

/** Restarts api, bridge and worker once, one process after the other. Gives how many came back. */
export function restartInTurn(profile: string, say: (text: string) => void): Promise<number> {
  const script = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? CLI[0]! : CLI[1]!, import.meta.url));
  const child = spawn(process.execPath, [script, 'rolling-restart', '--profile', profile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let restarts = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n')) say(line);
    restarts += text.match(/ is back /g)?.length ?? 0;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(restarts) : reject(new Error(`The rolling restart ended with ${code}`)),
    );
  });
}

/** Restarts some programs, one after the other. Gives how many came back. */
export async function restartThese(
  names: readonly string[],
  processes: Processes,
  say: (text: string) => void,
): Promise<number> {
  for (const name of names) {
    await processes.restart(name);
    say(`${name} is back`);
  }
  return names.length;
}
