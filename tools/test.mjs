// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopCommands } from './setup/command.mjs';
import { root } from './setup/places.mjs';
import { Progress } from './setup/progress.mjs';
import { compareWithBudget, timeTable } from './setup/testing/budget.mjs';
import { tellNotRun } from './setup/testing/not-run.mjs';
import { readRequest } from './setup/testing/suites.mjs';
import { TestRun } from './setup/testing/test-run.mjs';

// Suites call far more often than people do; limits have tests of their own.
process.env.STELLWERK_CORES ??= '24';

// npm test: sets up whatever is missing and runs every check and test. The last line reads "N passed, N failed".
process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} words @returns {Promise<number>} the exit code */
async function main(words) {
  const progress = new Progress();
  const abort = new AbortController();
  const run = new TestRun({ progress, request: readRequest(words), signal: abort.signal });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // Asked twice: what is left over is found by its pid file and stopped by the next run.
      if (abort.signal.aborted) process.exit(130);
      progress.line(`${signal}: stopping`);
      abort.abort(new Error('The run was stopped.'));
      stopCommands();
    });
  }
  /** @type {string | undefined} */
  let broken;
  try {
    await run.execute();
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
  }
  await run.stop();
  return printResult(run, progress, broken);
}

/** @param {TestRun} run @param {Progress} progress @param {string | undefined} broken */
function printResult({ results, setupSeconds, testSeconds }, progress, broken) {
  const budget = JSON.parse(readFileSync(join(root, 'test', 'budget.json'), 'utf8'));
  const suites = results.map(({ suite, seconds }) => ({ name: suite.name, seconds }));
  const lines = ['', ...timeTable(compareWithBudget(budget, { setupSeconds, testSeconds, suites })), ''];
  for (const { notes } of results) lines.push(...notes);
  if (broken) lines.push(broken);
  lines.push(...tellNotRun(results.flatMap(({ notRun = [] }) => notRun)));
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  // A run that broke off has failed, whatever the tests before said.
  const failed = results.reduce((sum, result) => sum + result.failed, 0) + (broken ? 1 : 0);
  for (const line of lines) progress.line(line);
  progress.line(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
