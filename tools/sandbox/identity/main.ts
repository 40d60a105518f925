import { startIdentity } from './identity.js';

/** The issuers as a program. Environment: STELLWERK_IDENTITY_DIR, STELLWERK_IDENTITY_PORT (first of two), STELLWERK_PUBLIC_URL. */
function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
}

async function main(): Promise<void> {
  const stopRequested = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  const first = Number(setting('STELLWERK_IDENTITY_PORT'));
  const identity = await startIdentity({
    dir: setting('STELLWERK_IDENTITY_DIR'),
    ports: { msp: first, muster: first + 1 },
    apiUrl: setting('STELLWERK_PUBLIC_URL'),
  });
  console.log(
    `issuers ready: ${Object.values(identity.issuers)
      .map(({ url }) => url)
      .join(', ')}`,
  );
  await stopRequested;
  await identity.stop();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
