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
 * @returns {import('./jest-results.mjs').Counts}
 */
export function countCheck(name, status) {
  if (status === 0) return { passed: 1, failed: 0, notes: [] };
  if (status === NOT_RUN) return { passed: 0, failed: 0, notes: [`${name} was NOT RUN. Why: npm run ${name}`] };
  return { passed: 0, failed: 1, notes: [`${name} failed. Alone: npm run ${name}`] };
}
