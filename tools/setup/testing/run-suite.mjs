// @ts-check
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../command.mjs';
import { root } from '../places.mjs';
import { readJson } from '../../stack/files.mjs';
import { countJest } from './jest-results.mjs';
import { countCheck } from './not-run.mjs';

/** @typedef {import('./suites.mjs').Suite} Suite */
/** @typedef {import('./jest-results.mjs').Counts} Counts */

/** Longer than any budget: ends a suite that hangs. */
const LIMIT_MS = 20 * 60_000;

/**
 * Runs a check or a Jest project. Its output is printed only when it fails, and is kept in `logs`.
 * @param {Suite} suite
 * @param {{ logs: string, testStack?: string, report: (text: string) => void, print: (text: string) => void }} options
 * @returns {Promise<Counts>}
 */
export async function runSuite(suite, { logs, testStack, report, print }) {
  const log = join(logs, `${suite.name.replace(':', '-')}.log`);
  mkdirSync(logs, { recursive: true });
  return suite.kind === 'check' ? runCheck(suite, log, print) : runJest(suite, { logs, log, testStack, report, print });
}

/** @param {Suite} suite @param {string} log @param {(text: string) => void} print @returns {Promise<Counts>} */
async function runCheck({ name }, log, print) {
  const { status, output } = await attempt('npm', ['run', '--silent', name], { cwd: root, log, timeoutMs: LIMIT_MS });
  if (status !== 0) print(output.trimEnd());
  return countCheck(name, status, output);
}

/**
 * @param {Suite} suite
 * @param {{ logs: string, log: string, testStack?: string | undefined, report: (text: string) => void, print: (text: string) => void }} options
 * @returns {Promise<Counts>}
 */
async function runJest({ name, alone }, { logs, log, testStack, report, print }) {
  const outputFile = join(logs, `${name}.json`);
  rmSync(outputFile, { force: true });
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [
    jest,
    '--selectProjects',
    name,
    '--ci',
    '--json',
    `--outputFile=${outputFile}`,
    alone ? '--runInBand' : '--maxWorkers=2',
  ];
  const env = {
    ...process.env,
    NODE_OPTIONS: [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--no-warnings=ExperimentalWarning']
      .filter(Boolean)
      .join(' '),
    // Colours are for a terminal; captured output would carry their codes into CI's log.
    FORCE_COLOR: process.stdout.isTTY && process.env.CI !== 'true' ? '1' : '0',
    ...(testStack ? { STELLWERK_TEST_STACK: testStack } : {}),
  };
  const onLine = (/** @type {string} */ line) => {
    if (/^(PASS|FAIL|RUNS) /.test(line)) report(line.slice(0, 80));
  };
  const { status, stderr } = await attempt(process.execPath, args, {
    cwd: root,
    env,
    log,
    onLine,
    timeoutMs: LIMIT_MS,
  });
  const counts = countJest(readJson(outputFile), status);
  if (counts.failed > 0) print(stderr.trimEnd());
  return counts;
}
