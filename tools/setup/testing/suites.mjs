// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../places.mjs';

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {'check' | 'jest'} kind
 * @property {'nothing' | 'servers' | 'programs'} needs what must run: PostgreSQL, Kafka and Temporal; or also sandbox, api, bridge and worker
 * @property {boolean} alone whether its tests may not run beside each other
 * @property {number} [instances] how many of api, bridge and worker must run; one when left out
 */

/** In the order in which they run; tests that kill servers come last and alone. @type {Suite[]} */
const jestSuites = [
  { name: 'unit', kind: 'jest', needs: 'nothing', alone: false },
  { name: 'integration', kind: 'jest', needs: 'servers', alone: false },
  { name: 'workflow', kind: 'jest', needs: 'servers', alone: false },
  { name: 'replay', kind: 'jest', needs: 'servers', alone: false },
  { name: 'fuzz', kind: 'jest', needs: 'servers', alone: true },
  { name: 'e2e', kind: 'jest', needs: 'programs', alone: true },
  { name: 'bench', kind: 'jest', needs: 'servers', alone: true },
  { name: 'chaos', kind: 'jest', needs: 'programs', alone: true, instances: 2 },
];

/** Every script of package.json that is named `check:…` is a check. @returns {Suite[]} */
function checkSuites() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(scripts)
    .filter((name) => name.startsWith('check:'))
    .map((name) => ({ name, kind: 'check', needs: 'nothing', alone: false }));
}

/**
 * @typedef {{ suites: Suite[], keep: boolean, isWhole: boolean }} TestRequest `isWhole`: nothing is left out by --only
 * @param {string[]} words the command line: `--only unit,integration`, `--keep`; `checks` stands for every check
 * @returns {TestRequest}
 * @throws on a word it does not know
 */
export function readRequest(words) {
  const all = [...checkSuites(), ...jestSuites];
  const request = { suites: all, keep: false, isWhole: true };
  for (let index = 0; index < words.length; index += 1) {
    if (words[index] === '--keep') request.keep = true;
    else if (words[index] === '--only')
      Object.assign(request, { suites: chosen(all, words[(index += 1)] ?? ''), isWhole: false });
    else
      throw new Error(
        `Unknown argument "${words[index]}". Known: --only <${all.map(({ name }) => name).join(',')},checks>, --keep`,
      );
  }
  return request;
}

/** @param {Suite[]} all @param {string} list */
function chosen(all, list) {
  const names = list.split(',').filter(Boolean);
  const unknown = names.filter((name) => name !== 'checks' && !all.some((suite) => suite.name === name));
  if (names.length === 0 || unknown.length > 0) {
    throw new Error(
      `--only takes some of ${all.map(({ name }) => name).join(', ')}, checks; not "${unknown.join(', ')}".`,
    );
  }
  return all.filter((suite) => names.includes(suite.name) || (suite.kind === 'check' && names.includes('checks')));
}
