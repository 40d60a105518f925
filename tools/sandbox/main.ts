import type { SambaPlaces } from './domain/domain.js';
import { startSandbox } from './sandbox.js';

/** A setting from the environment. @throws Error naming the missing variable. */
function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

function portSetting(name: string): number {
  const port = Number(setting(name));
  if (!Number.isInteger(port) || port < 1 || port > 65_530) throw new Error(`${name} is no port: ${setting(name)}`);
  return port;
}

/** Left out where the machine cannot run Samba. */
function sambaSetting(): SambaPlaces | undefined {
  const { STELLWERK_SAMBA_ROOT: sambaRoot, STELLWERK_SAMBA_TEMPLATE: sambaTemplate } = process.env;
  return sambaRoot && sambaTemplate ? { sambaRoot, sambaTemplate } : undefined;
}

async function main(): Promise<void> {
  // Listened for from the start: a signal while slapd is starting must stop it too.
  const stopRequested = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  const sandbox = await startSandbox({
    dir: setting('STELLWERK_SANDBOX_DIR'),
    port: portSetting('STELLWERK_SANDBOX_PORT'),
    slapdRoot: setting('STELLWERK_SLAPD_ROOT'),
    samba: sambaSetting(),
  });
  console.log(`sandbox ready: ${sandbox.description.http.url}`);
  await stopRequested;
  await sandbox.stop();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
