import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generateContracts, staleFiles } from './generate.js';

/**
 * Writes docs/contracts, docs/permissions.md, docs/privacy.md and libs/events/published.json from the code; run it at the checkout's root. With `--check` it
 * writes nothing and fails when one of them is stale.
 */
const root = process.cwd();
const stale = staleFiles(root, await generateContracts(root));
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is stale. Run: npm run contracts`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const { path, text } of stale) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, text);
    console.log(`wrote ${path}`);
  }
}
