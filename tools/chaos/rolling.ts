import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** From `dist/tools/chaos/`, and from the sources, which lie one folder higher. */
const CLI = ['../../../tools/stack/cli.mjs', '../stack/cli.mjs'];

/** Restarts api, bridge and worker one process after the other, again and again until `signal` aborts. Gives how often. */
export async function restartInTurn(
  profile: string,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<number> {
  let restarts = 0;
  while (!signal.aborted) restarts += await restartOnce(profile, say);
  return restarts;
}

function restartOnce(profile: string, say: (text: string) => void): Promise<number> {
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
