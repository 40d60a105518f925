import { chromium, type Browser } from 'playwright-core';
import { testStack } from './test-stack.js';

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
];

/**
 * A real browser, which the set-up found or fetched. Without the sandbox of its own: that needs rights which tests do not
 * have, and it opens pages of this machine only.
 */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: testStack().chromium, headless: true, args: ['--no-sandbox', ...QUIET] });
}
