// @ts-check
import { componentsOf, nameOf } from './sbom.mjs';

/**
 * `licences.json`: which licences packages of the product may have, and what is known of those that name none.
 * @typedef {object} LicencePolicy
 * @property {string[]} allowed SPDX ids
 * @property {{ package: string, licence: string, reason: string }[]} exceptions `package` with its version; `licence`
 *   as somebody read it in the package itself; the reason says why that is all right
 */

/**
 * What is wrong with the licences of the packages: one line each; empty when all are allowed.
 * @param {import('./sbom.mjs').Sbom} sbom
 * @param {LicencePolicy} policy
 * @returns {string[]}
 */
export function licenceFaults(sbom, policy) {
  const packages = new Map(
    componentsOf(sbom).map((component) => [`${nameOf(component)}@${component.version}`, component]),
  );
  const exceptions = new Map(policy.exceptions.map((exception) => [exception.package, exception]));
  const unused = [...exceptions.keys()].filter((name) => !packages.has(name));
  return [
    ...[...packages]
      .filter(([name]) => !exceptions.has(name))
      .flatMap(([name, { licenses = [] }]) => faultOf(name, expressionOf(licenses), policy.allowed)),
    ...unused.map((name) => `${name} is an exception and no package of ours any more: take it out.`),
  ];
}

/** @param {string} name @param {string} expression @param {string[]} allowed @returns {string[]} */
function faultOf(name, expression, allowed) {
  if (expression === '') return [`${name} names no licence: read it in the package and add an exception.`];
  return isAllowed(expression, allowed) ? [] : [`${name} has the licence ${expression}, which is not allowed.`];
}

/** Several entries all apply. @param {import('./sbom.mjs').LicenceEntry[]} entries */
function expressionOf(entries) {
  return entries
    .map(({ license, expression }) => license?.id ?? (expression ? `(${expression})` : (license?.name ?? '')))
    .filter(Boolean)
    .join(' AND ');
}

/**
 * Whether an SPDX expression can be met by allowed licences alone: of `OR` one side, of `AND` both. An expression that
 * cannot be read is not allowed.
 * @param {string} expression
 * @param {readonly string[]} allowed
 */
export function isAllowed(expression, allowed) {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  /** @returns {boolean} */
  const either = () => {
    let fulfilled = both();
    while (words[at] === 'OR') {
      at += 1;
      fulfilled = both() || fulfilled;
    }
    return fulfilled;
  };
  /** @returns {boolean} */
  const both = () => {
    let fulfilled = one();
    while (words[at] === 'AND') {
      at += 1;
      fulfilled = one() && fulfilled;
    }
    return fulfilled;
  };
  /** @returns {boolean} */
  const one = () => {
    const word = words[at];
    at += 1;
    if (word !== '(') return word !== undefined && allowed.includes(word);
    const fulfilled = either();
    at += 1;
    return fulfilled && words[at - 1] === ')';
  };
  const fulfilled = either();
  return fulfilled && at === words.length;
}
