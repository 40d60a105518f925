// @ts-check

/**
 * One row of docs/security/asvs.md.
 * @typedef {object} Requirement
 * @property {string} id e.g. `3.4.1`
 * @property {string} level `1` or `2`; empty where it does not apply
 * @property {'proven' | 'documented' | 'open' | 'not_applicable'} standing
 * @property {string[]} places files that fulfil it
 * @property {Proof[]} proofs
 */
/** @typedef {{ file: string, test: string } | { check: string }} Proof a test of a file by (a part of) its name, or a check */

/** @typedef {{ fullName: string, status: string }} Assertion */

/**
 * What ran: tests by file, and the names of suites and checks.
 * @typedef {object} RunEvidence
 * @property {ReadonlyMap<string, readonly Assertion[]>} tests
 * @property {ReadonlySet<string>} ran suites and checks that ran
 * @property {ReadonlySet<string>} passed checks that passed
 */

const ROW = /^\|\s*((?:\d+\.\d+\.\d+(?:,\s*)?)+)\s*\|(.*)\|\s*$/;
const CODE = /`([^`]+)`/g;
const PLACE = /^(?:\.?[\w-]+\/|[A-Z]\w*(?:\.md)?$|package|docker-compose|\.npmrc)/;

/**
 * Reads the tables of docs/security/asvs.md: `| numbers | level | asks | where | proof |`, and where requirements do not
 * apply `| numbers | why |`.
 * @param {string} text
 * @returns {Requirement[]}
 */
export function parseAsvs(text) {
  return text.split('\n').flatMap((line) => {
    const [, numbers = '', rest = ''] = ROW.exec(line) ?? [];
    if (numbers === '') return [];
    const cells = rest.split('|').map((cell) => cell.trim());
    return numbers.split(',').map((id) => requirement(id.trim(), cells));
  });
}

/**
 * Reads docs/security/api-top-10.md: `| API1 | risk | where | proof |`.
 * @param {string} text
 * @returns {Requirement[]}
 */
export function parseTopTen(text) {
  return text.split('\n').flatMap((line) => {
    const [, id = '', where = '', proof = ''] = /^\| (API\d+) \|[^|]*\|([^|]*)\|([^|]*)\|$/.exec(line) ?? [];
    return id === '' ? [] : [requirement(id, ['', '', where, proof])];
  });
}

/** @param {string} id @param {string[]} cells @returns {Requirement} */
function requirement(id, cells) {
  if (cells.length < 4) return { id, level: '', standing: 'not_applicable', places: [], proofs: [] };
  const [level = '', , where = '', proof = ''] = cells;
  const places = codesIn(where).filter((code) => PLACE.test(code));
  const proofs = codesIn(proof).map(proofOf);
  const open = /\*\*open\*\*/.test(proof);
  const standing = open ? 'open' : proofs.length > 0 ? 'proven' : 'documented';
  return { id, level, standing, places, proofs };
}

/** @param {string} cell */
function codesIn(cell) {
  return [...cell.matchAll(CODE)].map((match) => match[1] ?? '');
}

/** @param {string} code @returns {Proof} */
function proofOf(code) {
  const [file = '', test = ''] = code.split(' › ');
  return code.includes(' › ') ? { file, test } : { check: code };
}

/**
 * What is wrong with the document itself: numbers that are missing, twice or unknown, levels that are others, files that
 * do not exist, and rows that prove nothing and do not say so.
 * @param {readonly Requirement[]} rows
 * @param {{ levels: Record<string, string[]> }} standard
 * @param {(path: string) => boolean} exists
 * @returns {string[]}
 */
export function documentFaults(rows, { levels }, exists) {
  const wanted = new Map(
    Object.entries(levels).flatMap(([level, ids]) => ids.map((id) => /** @type {const} */ ([id, level]))),
  );
  const given = rows.map(({ id }) => id);
  const missing = [...wanted.keys()].filter((id) => !given.includes(id));
  return [
    ...missing.map((id) => `${id} is missing.`),
    ...given.filter((id, index) => given.indexOf(id) !== index).map((id) => `${id} stands there twice.`),
    ...rows.flatMap((row) => rowFaults(row, wanted.get(row.id), exists)),
  ];
}

/**
 * Files that are named and do not exist.
 * @param {Requirement} row
 * @param {(path: string) => boolean} exists
 * @returns {string[]}
 */
export function missingFiles({ id, places, proofs }, exists) {
  const files = [...places, ...proofs.flatMap((proof) => ('file' in proof ? [proof.file] : []))];
  return files.filter((path) => !exists(path)).map((path) => `${id} names ${path}, which does not exist.`);
}

/** @param {Requirement} row @param {string | undefined} level @param {(path: string) => boolean} exists @returns {string[]} */
function rowFaults(row, level, exists) {
  const { id, level: given, standing, places } = row;
  const faults = missingFiles(row, exists);
  if (level === undefined) faults.push(`${id} is no requirement of level 1 or 2.`);
  else if (standing !== 'not_applicable' && given !== level) faults.push(`${id} is of level ${level}, not ${given}.`);
  if (standing === 'documented' && !places.some((path) => path.endsWith('.md')))
    faults.push(`${id} has no proof: name a test, a document that is all it asks for, or say that it is **open**.`);
  return faults;
}

/** The suite that a test file belongs to (jest.config.mjs). @param {string} file */
export function suiteOf(file) {
  return /^test\/(\w+)\//.exec(file)?.[1] ?? 'unit';
}

/**
 * Which proofs did not pass in this run, and which could not because their suite was not part of it.
 * @param {readonly Requirement[]} rows
 * @param {RunEvidence} evidence
 * @returns {{ faults: string[], passed: number, notRun: Map<string, number> }} `notRun`: proofs by suite
 */
export function proofFaults(rows, { tests, ran, passed: passedChecks }) {
  /** @type {string[]} */
  const faults = [];
  /** @type {Map<string, number>} */
  const notRun = new Map();
  let passed = 0;
  for (const { id, proofs } of rows)
    for (const proof of proofs) {
      const suite = 'file' in proof ? suiteOf(proof.file) : proof.check;
      if (!ran.has(suite)) {
        notRun.set(suite, (notRun.get(suite) ?? 0) + 1);
        continue;
      }
      const fault =
        'file' in proof ? testFault(proof, tests) : passedChecks.has(suite) ? null : `${suite} did not pass`;
      if (fault) faults.push(`${id}: ${fault}`);
      else passed += 1;
    }
  return { faults, passed, notRun };
}

/** @param {{ file: string, test: string }} proof @param {RunEvidence['tests']} tests */
function testFault({ file, test }, tests) {
  const named = (tests.get(file) ?? []).filter(({ fullName }) => fullName.includes(test));
  if (named.length === 0) return `${file} has no test whose name holds "${test}"`;
  const failed = named.find(({ status }) => status !== 'passed');
  return failed ? `${file} › ${failed.fullName} is ${failed.status}` : null;
}
