// @ts-check

/**
 * `test/budget.json`: what a run may take on two cores, in seconds. Each issue adds the seconds of its tests.
 * @typedef {object} Budget
 * @property {number} setupSeconds a cold set-up: no node_modules, an empty cache
 * @property {{ issue: string, testsSeconds: number }[]} issues
 * @property {Record<string, number>} suites
 */

/**
 * @typedef {{ name: string, seconds: number }} Timing
 * @typedef {{ name: string, seconds: number, budget: number | undefined, over: boolean }} BudgetLine
 */

/**
 * Compares a run with the budget.
 * @param {Budget} budget
 * @param {{ setupSeconds: number, testSeconds: number, suites: Timing[] }} run
 *   `testSeconds` is the wall clock of all suites, some of which run side by side
 * @returns {{ lines: BudgetLine[], over: BudgetLine[] }} set-up first, then each suite, then all tests together
 */
export function compareWithBudget(budget, { setupSeconds, testSeconds, suites }) {
  const allTests = budget.issues.reduce((sum, { testsSeconds }) => sum + testsSeconds, 0);
  const lines = [
    line('set-up', setupSeconds, budget.setupSeconds),
    ...suites.map(({ name, seconds }) => line(name, seconds, budget.suites[name])),
    line('all tests', testSeconds, allTests),
  ];
  return { lines, over: lines.filter(({ over }) => over) };
}

/** @param {string} name @param {number} seconds @param {number | undefined} budget @returns {BudgetLine} */
function line(name, seconds, budget) {
  return { name, seconds, budget, over: budget !== undefined && seconds > budget };
}

/**
 * The time table as text, a sentence per part that is over its budget at the end.
 * @param {{ lines: BudgetLine[], over: BudgetLine[] }} comparison
 * @returns {string[]}
 */
export function timeTable({ lines, over }) {
  const width = Math.max(...lines.map(({ name }) => name.length));
  const rows = lines.map(
    ({ name, seconds, budget, over: isOver }) =>
      `  ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s  ${budget === undefined ? 'no budget' : `of ${budget} s`}${isOver ? '  OVER BUDGET' : ''}`,
  );
  const sentences = over.map(
    ({ name, seconds, budget }) =>
      `Over budget: ${name} took ${seconds.toFixed(1)} s, its budget is ${budget} s (test/budget.json).`,
  );
  return ['Times', ...rows, ...sentences];
}
