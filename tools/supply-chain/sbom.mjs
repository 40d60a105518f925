// @ts-check

/**
 * The parts of a CycloneDX 1.6 document that are read or changed here.
 * @typedef {{ license?: { id?: string, name?: string }, expression?: string }} LicenceEntry
 * @typedef {object} Component
 * @property {string} name
 * @property {string} [group]
 * @property {string} version
 * @property {'required' | 'optional' | 'excluded'} [scope]
 * @property {LicenceEntry[]} [licenses]
 * @property {{ alg: string, content: string }[]} [hashes]
 * @property {{ name: string, value: string }[]} [properties]
 * @property {Component[]} [components]
 * @typedef {{ bomFormat: string, specVersion: string, metadata: { tools: { components: Component[] } }, components: Component[] }} Sbom
 */

/** @typedef {{ packages: Record<string, { integrity?: string }> }} Lock package-lock.json */

const PATH = 'cdx:npm:package:path';

/**
 * Completes what cyclonedx-npm draws from the lock: each package gets the hash that the lock demands of it, and npm's own
 * version goes, because it is the machine's and not the product's. The same lock gives the same document.
 * @param {Sbom} drawn
 * @param {Lock} lock
 * @returns {Sbom}
 */
export function completeSbom(drawn, lock) {
  const tools = drawn.metadata.tools.components.filter(({ name }) => name !== 'npm');
  return {
    ...drawn,
    metadata: { ...drawn.metadata, tools: { components: tools } },
    components: drawn.components.map((component) => withHash(component, lock)),
  };
}

/** @param {Component} component @param {Lock} lock @returns {Component} */
function withHash(component, lock) {
  const path = component.properties?.find(({ name }) => name === PATH)?.value ?? '';
  const integrity = lock.packages[path]?.integrity;
  const nested = component.components?.map((inner) => withHash(inner, lock));
  return {
    ...component,
    ...(integrity ? { hashes: integrity.split(' ').map(hashOf) } : {}),
    ...(nested ? { components: nested } : {}),
  };
}

/** @param {string} integrity one hash as in Subresource Integrity, e.g. `sha512-…` */
function hashOf(integrity) {
  const [algorithm = '', digest = ''] = integrity.split(/-(.*)/s);
  return { alg: algorithm.replace(/^sha/, 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}

/** Every package, those inside others included. @param {{ components?: Component[] }} sbom @returns {Component[]} */
export function componentsOf({ components = [] }) {
  return components.flatMap((component) => [component, ...componentsOf(component)]);
}

/** The name as npm writes it. @param {Component} component */
export function nameOf({ group, name }) {
  return group ? `${group}/${name}` : name;
}
