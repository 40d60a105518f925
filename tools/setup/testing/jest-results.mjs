// @ts-check

/**
 * The part of Jest's JSON output that is read here.
 * @typedef {object} JestOutput
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {number} numRuntimeErrorTestSuites
 * @property {{ name: string, assertionResults: { fullName: string, status: string }[] }[]} testResults
 */

/** @typedef {{ passed: number, failed: number, notes: string[], notRun?: string[] }} Counts `notRun`: a line for each check that could not be made */

/**
 * Counts a Jest run. A file that could not be loaded counts as one failure, a test that was skipped as well: here
 * nothing is skipped.
 * @param {JestOutput | undefined} output undefined when Jest wrote none
 * @param {number} status Jest's exit code
 * @returns {Counts}
 */
export function countJest(output, status) {
  if (!output) return { passed: 0, failed: 1, notes: [`Jest ended with ${status} before it could report.`] };
  const skipped = output.numPendingTests + (output.numTodoTests ?? 0);
  const failed = output.numFailedTests + output.numRuntimeErrorTestSuites + skipped;
  const notes = skippedNames(output).map((name) => `Skipped, which counts as failed: ${name}`);
  // For example a threshold that is missed, or no test found: nothing failed by count, yet the run did.
  if (status !== 0 && failed === 0)
    return { passed: output.numPassedTests, failed: 1, notes: [`Jest ended with ${status}.`] };
  return { passed: output.numPassedTests, failed, notes };
}

/** @param {JestOutput} output */
function skippedNames({ testResults }) {
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => ['pending', 'skipped', 'todo', 'disabled'].includes(status))
      .map(({ fullName }) => fullName),
  );
}
