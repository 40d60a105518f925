// @ts-check
import { runOnInstallation } from './stack/run-on-installation.mjs';

// npm run owner -- create …
runOnInstallation('tools/owner/main.js', 'stellwerk_founder', (portBase) => ({
  // passkeys are for names, hence the loopback's
  STELLWERK_PUBLIC_URL: process.env.STELLWERK_PUBLIC_URL ?? `http://localhost:${portBase}`,
}));
