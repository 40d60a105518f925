import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { toolModule } from '../stack/tool-module.js';

interface Row {
  id: string;
  level: string;
  standing: 'proven' | 'documented' | 'open' | 'not_applicable';
  places: string[];
  proofs: object[];
}
interface Evidence {
  tests: Map<string, { fullName: string; status: string }[]>;
  ran: Set<string>;
  passed: Set<string>;
}
interface AsvsModule {
  parseAsvs(text: string): Row[];
  parseTopTen(text: string): Row[];
  missingFiles(row: Row, exists: (path: string) => boolean): string[];
  documentFaults(rows: Row[], standard: object, exists: (path: string) => boolean): string[];
  proofFaults(rows: Row[], evidence: Evidence): { faults: string[]; passed: number; notRun: Map<string, number> };
}
const { parseAsvs, parseTopTen, missingFiles, documentFaults, proofFaults } =
  await toolModule<AsvsModule>('security/asvs.mjs');

const standard = JSON.parse(readFileSync('tools/security/asvs-5.0.json', 'utf8')) as object;
const page = readFileSync('docs/security/asvs.md', 'utf8');

describe('the list of security requirements', () => {
  it('has every requirement of level 1 and 2 once, and names files that exist', () => {
    expect(documentFaults(parseAsvs(page), standard, existsSync)).toEqual([]);
  });

  it('has each of the ten risks of APIs with a proof in files that exist', () => {
    const risks = parseTopTen(readFileSync('docs/security/api-top-10.md', 'utf8'));
    expect(risks.map(({ id, standing }) => `${id} ${standing}`)).toEqual(
      Array.from({ length: 10 }, (_, index) => `API${index + 1} proven`),
    );
    expect(risks.flatMap((row) => missingFiles(row, existsSync))).toEqual([]);
  });

  it('says of each that is not proven why: open, a document, or not applicable', () => {
    const rows = parseAsvs(page);
    expect(rows.filter(({ standing }) => standing === 'proven').length).toBeGreaterThan(80);
    for (const line of page.split('\n').filter((text) => text.startsWith('|') && text.includes('**open**')))
      expect(line).toMatch(/\*\*open\*\*: \S+ \S+/);
  });
});

const two = { levels: { 1: ['1.1.1'], 2: ['1.1.2', '1.1.3'] } };
const table = (...rows: string[]): Row[] => parseAsvs(rows.join('\n'));
const yes = (): boolean => true;

describe('a page that claims too much', () => {
  it.each<[string, string[], RegExp]>([
    [
      'a number that is left out',
      ['| 1.1.1 | 1 | a | `x/a.ts` | `test/x/a.spec.ts › b` |', '| 1.1.2 | none |'],
      /1\.1\.3 is missing/,
    ],
    ['a number that stands twice', ['| 1.1.1, 1.1.1, 1.1.2, 1.1.3 | none |'], /1\.1\.1 stands there twice/],
    ['a number of level 3', ['| 1.1.1, 1.1.2, 1.1.3, 9.9.9 | none |'], /9\.9\.9 is no requirement/],
    [
      'another level',
      ['| 1.1.1 | 2 | a | `x/a.ts` | `test/x/a.spec.ts › b` |', '| 1.1.2, 1.1.3 | none |'],
      /of level 1, not 2/,
    ],
    ['a row without proof', ['| 1.1.1 | 1 | a | `x/a.ts` | |', '| 1.1.2, 1.1.3 | none |'], /1\.1\.1 has no proof/],
  ])('is found: %s', (_what, rows, fault) => {
    expect(documentFaults(table(...rows), two, yes)).toEqual([expect.stringMatching(fault)]);
  });

  it('is found: a file that does not exist', () => {
    const rows = table('| 1.1.1 | 1 | a | `x/a.ts` | `test/x/gone.spec.ts › b` |', '| 1.1.2, 1.1.3 | none |');
    expect(documentFaults(rows, two, (path) => path === 'x/a.ts')).toEqual([
      '1.1.1 names test/x/gone.spec.ts, which does not exist.',
    ]);
  });

  const claim = (proof: string): Row[] => table(`| 1.1.1 | 1 | a | \`x/a.ts\` | \`${proof}\` |`);
  const evidence: Evidence = {
    tests: new Map([
      [
        'test/x/a.spec.ts',
        [
          { fullName: 'a thing holds: one', status: 'passed' },
          { fullName: 'a thing holds: two', status: 'failed' },
          { fullName: 'a thing is quick', status: 'skipped' },
        ],
      ],
    ]),
    ran: new Set(['x', 'check:lint', 'check:types']),
    passed: new Set(['check:lint']),
  };

  it.each([
    ['test/x/a.spec.ts › holds: one', []],
    ['test/x/a.spec.ts › a thing holds', [expect.stringContaining('holds: two is failed')]],
    ['test/x/a.spec.ts › is quick', [expect.stringContaining('is skipped')]],
    ['test/x/a.spec.ts › is slow', [expect.stringContaining('no test whose name holds "is slow"')]],
    ['test/x/other.spec.ts › holds', [expect.stringContaining('test/x/other.spec.ts has no test')]],
    ['check:lint', []],
    ['check:types', [expect.stringContaining('check:types did not pass')]],
  ])('is found by what passed in the run: %s', (proof, faults) => {
    expect(proofFaults(claim(proof), evidence).faults).toEqual(faults);
  });

  it('is told to be unproven where a run leaves its suite out', () => {
    const { faults, notRun } = proofFaults(claim('test/y/a.spec.ts › holds'), evidence);
    expect([faults, [...notRun]]).toEqual([[], [['y', 1]]]);
  });
});
