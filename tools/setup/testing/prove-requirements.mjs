// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { documentFaults, missingFiles, parseAsvs, parseTopTen, proofFaults } from '../../security/asvs.mjs';
import { readJson } from '../../stack/files.mjs';
import { root } from '../places.mjs';

/** @typedef {import('./test-run.mjs').SuiteResult} SuiteResult */
/** @typedef {import('./jest-results.mjs').Counts} Counts */
/** @typedef {import('./jest-results.mjs').JestOutput} JestOutput */

const ASVS = 'docs/security/asvs.md';
const TOP_TEN = 'docs/security/api-top-10.md';

/**
 * Holds docs/security/asvs.md and api-top-10.md against what passed in this run.
 * @param {readonly SuiteResult[]} results
 * @param {string} logs where Jest's outputs are
 * @param {boolean} isWhole whether nothing was left out on purpose: then a proof that did not run is missing
 * @returns {Counts}
 */
export function proveRequirements(results, logs, isWhole) {
  const rows = parseAsvs(readFileSync(join(root, ASVS), 'utf8'));
  const risks = parseTopTen(readFileSync(join(root, TOP_TEN), 'utf8'));
  const standard = JSON.parse(readFileSync(join(root, 'tools', 'security', 'asvs-5.0.json'), 'utf8'));
  const exists = (/** @type {string} */ path) => existsSync(join(root, path));
  const { faults, notRun } = proofFaults([...rows, ...risks], evidenceOf(results, logs));
  const all = [
    ...documentFaults(rows, standard, exists),
    ...risks.flatMap((row) => missingFiles(row, exists)),
    ...faults,
  ];
  const left = [...notRun].map(([suite, count]) => `${count} of ${suite}`);
  if (isWhole) all.push(...left.map((proofs) => `not run, although nothing was left out: proofs ${proofs}`));
  const notes = all.map((fault) => `docs/security: ${fault}`);
  if (left.length > 0 && !isWhole)
    notes.push(`docs/security: not proven in this run, which left them out: ${left.join(', ')}`);
  return { passed: all.length === 0 ? 1 : 0, failed: all.length === 0 ? 0 : 1, notes };
}

/** @param {readonly SuiteResult[]} results @param {string} logs */
function evidenceOf(results, logs) {
  const ran = new Set(results.filter(({ passed, failed }) => passed + failed > 0).map(({ suite }) => suite.name));
  const passed = new Set(
    results.filter((result) => result.failed === 0 && result.passed > 0).map(({ suite }) => suite.name),
  );
  const files = results
    .filter(({ suite }) => suite.kind === 'jest')
    .flatMap(
      ({ suite }) =>
        /** @type {JestOutput | undefined} */ (readJson(join(logs, `${suite.name}.json`)))?.testResults ?? [],
    );
  const tests = new Map(files.map(({ name, assertionResults }) => [relative(root, name), assertionResults]));
  return { tests, ran, passed };
}
