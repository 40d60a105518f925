// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';
import { completeSbom } from './sbom.mjs';

/**
 * Draws the software bill of materials (CycloneDX 1.6) of what runs in production, from package-lock.json: packages for
 * every platform, whatever is installed here.
 * @returns {Promise<import('./sbom.mjs').Sbom>}
 */
export async function drawSbom() {
  const cli = join(root, 'node_modules', '@cyclonedx', 'cyclonedx-npm', 'bin', 'cyclonedx-npm-cli.js');
  const form = ['--spec-version', '1.6', '--output-format', 'JSON', '--mc-type', 'application'];
  const drawn = await run(
    process.execPath,
    [cli, '--package-lock-only', '--omit', 'dev', '--output-reproducible', ...form, '--output-file', '-'],
    { cwd: root },
  );
  return completeSbom(JSON.parse(drawn), JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
}
