// @ts-check

/**
 * How a check ends that could not be made at all, e.g. because a service that it asks does not answer. It counts neither as
 * passed nor as failed, and is named at the end. (EX_TEMPFAIL of sysexits.)
 */
export const NOT_RUN = 75;

/**
 * Counts a check by its exit code.
 * @param {string} name
 * @param {number} status
 * @param {string} [output] what it printed
 * @returns {import('./jest-results.mjs').Counts}
 */
export function countCheck(name, status, output = '') {
  if (status === 0) return { passed: 1, failed: 0, notes: [] };
  if (status === NOT_RUN) return { passed: 0, failed: 0, notes: [], notRun: [lineOf(name, output)] };
  return { passed: 0, failed: 1, notes: [`${name} failed. Alone: npm run ${name}`] };
}

/** @param {string} name @param {string} output */
function lineOf(name, output) {
  const why = /^NOT RUN: (.*)$/m.exec(output)?.[1] ?? `why: npm run ${name}`;
  return `${name}: ${why}`;
}

/**
 * What the end of a run says of checks that were not made, so that nobody takes it for one in which they passed.
 * @param {readonly string[]} lines one for each check
 * @returns {string[]}
 */
export function tellNotRun(lines) {
  if (lines.length === 0) return [];
  const bar = '!'.repeat(80);
  const title = `NOT RUN, neither passed nor failed: ${lines.length} ${lines.length === 1 ? 'check' : 'checks'}`;
  return ['', bar, title, ...lines.map((line) => `  ${line}`), bar];
}
