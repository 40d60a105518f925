import { describe, expect, it } from '@jest/globals';
import { toolModule } from './tool-module.js';

interface Line {
  name: string;
  over: boolean;
}
interface Comparison {
  lines: Line[];
  over: Line[];
}
interface BudgetModule {
  compareWithBudget(
    budget: object,
    run: { setupSeconds: number; testSeconds: number; suites: { name: string; seconds: number }[] },
  ): Comparison;
  timeTable(comparison: Comparison): string[];
}
interface ResultsModule {
  countJest(output: object | undefined, status: number): { passed: number; failed: number; notes: string[] };
}
interface SuitesModule {
  readRequest(words: string[]): { suites: { name: string; needs: string }[]; keep: boolean };
}

const { compareWithBudget, timeTable } = await toolModule<BudgetModule>('setup/testing/budget.mjs');
const { countJest } = await toolModule<ResultsModule>('setup/testing/jest-results.mjs');
const { readRequest } = await toolModule<SuitesModule>('setup/testing/suites.mjs');

const budget = {
  setupSeconds: 720,
  issues: [
    { issue: 'first', testsSeconds: 100 },
    { issue: 'second', testsSeconds: 20 },
  ],
  suites: { unit: 10, chaos: 90 },
};

describe('the time budget', () => {
  it('names the suite that took too long, and nothing else', () => {
    const run = {
      setupSeconds: 30,
      testSeconds: 72,
      suites: [
        { name: 'unit', seconds: 12 },
        { name: 'chaos', seconds: 60 },
      ],
    };
    const comparison = compareWithBudget(budget, run);
    expect(comparison.over.map(({ name }) => name)).toEqual(['unit']);
    expect(timeTable(comparison)).toContain('Over budget: unit took 12.0 s, its budget is 10 s (test/budget.json).');
  });

  it('adds up what each issue may take', () => {
    const run = { setupSeconds: 0, testSeconds: 121, suites: [{ name: 'new', seconds: 121 }] };
    expect(compareWithBudget(budget, run).over.map(({ name }) => name)).toEqual(['all tests']);
  });
});

describe('the counts of a Jest run', () => {
  const clean = {
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [],
  };

  it('are the passed and failed tests', () => {
    expect(countJest({ ...clean, numFailedTests: 2 }, 1)).toMatchObject({ passed: 5, failed: 2 });
  });

  it('count a skipped test as failed and name it', () => {
    const skipped = {
      ...clean,
      numPendingTests: 1,
      testResults: [{ assertionResults: [{ fullName: 'a test', status: 'pending' }] }],
    };
    expect(countJest(skipped, 0)).toMatchObject({ passed: 5, failed: 1, notes: [expect.stringContaining('a test')] });
  });

  it('count a run without a report, and one that failed for no counted reason, as one failure', () => {
    expect(countJest(undefined, 1)).toMatchObject({ passed: 0, failed: 1 });
    expect(countJest(clean, 1)).toMatchObject({ passed: 5, failed: 1 });
  });
});

describe('the command line of npm test', () => {
  it('runs everything by default, the suites that kill servers last', () => {
    const names = readRequest([]).suites.map(({ name }) => name);
    expect(names.at(-1)).toBe('chaos');
    expect(names).toEqual(expect.arrayContaining(['check:types', 'check:lint', 'unit', 'integration', 'e2e']));
  });

  it('takes some suites by name, and all checks by one word', () => {
    expect(readRequest(['--only', 'unit,chaos']).suites.map(({ name }) => name)).toEqual(['unit', 'chaos']);
    expect(readRequest(['--only', 'checks']).suites.every(({ name }) => name.startsWith('check:'))).toBe(true);
  });

  it('refuses a word it does not know', () => {
    expect(() => readRequest(['--only', 'nonsense'])).toThrow(/nonsense/);
    expect(() => readRequest(['--quick'])).toThrow(/--quick/);
  });
});
