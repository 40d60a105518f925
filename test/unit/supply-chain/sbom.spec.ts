import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { toolModule } from '../stack/tool-module.js';

interface Component {
  name: string;
  version: string;
  licenses?: object[];
  hashes?: { alg: string; content: string }[];
  components?: Component[];
}
interface Sbom {
  specVersion: string;
  components: Component[];
}
interface SbomModule {
  completeSbom(drawn: object, lock: object): Sbom;
  componentsOf(sbom: object): Component[];
}
interface LicencesModule {
  isAllowed(expression: string, allowed: readonly string[]): boolean;
  licenceFaults(sbom: object, policy: object): string[];
}
const { drawSbom } = await toolModule<{ drawSbom(): Promise<Sbom> }>('supply-chain/draw-sbom.mjs');
const { componentsOf } = await toolModule<SbomModule>('supply-chain/sbom.mjs');
const { isAllowed, licenceFaults } = await toolModule<LicencesModule>('supply-chain/licences.mjs');

describe('the bill of materials', () => {
  it('names each package of production with the hash of the lock, and nothing of this machine', async () => {
    const sbom = await drawSbom();
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; integrity?: string }>;
    };
    const wanted = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.dev);
    expect(sbom.specVersion).toBe('1.6');
    const listed = componentsOf(sbom);
    expect(listed.length).toBeGreaterThan(200);
    const integrities = new Set(
      listed.flatMap(({ hashes = [] }) => hashes.map(({ content }) => Buffer.from(content, 'hex').toString('base64'))),
    );
    const missing = wanted.filter(
      ([, { integrity, devOptional }]) => !devOptional && !integrities.has(integrity!.replace(/^sha512-/, '')),
    );
    expect(missing.map(([path]) => path)).toEqual([]);
    const text = JSON.stringify(sbom);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(`"${homedir()}`);
    expect(text).not.toMatch(/registry\.|"timestamp"|serialNumber/);
    expect(JSON.stringify(await drawSbom())).toBe(text);
  });
});

describe('licences', () => {
  const allowed = ['MIT', 'Apache-2.0'];

  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['Apache-2.0 AND MIT', true],
    ['Apache-2.0 AND GPL-3.0-only', false],
    ['(MIT OR GPL-3.0-only)', true],
    ['GPL-3.0-only OR (Apache-2.0 AND MIT)', true],
    ['MIT OR (GPL-3.0-only', false],
    ['GPL-2.0-only WITH Classpath-exception-2.0', false],
    ['', false],
  ])('%s: allowed is %s', (expression, expected) => {
    expect(isAllowed(expression, allowed)).toBe(expected);
  });

  it('of a package that names none, or one that is not allowed, fail', () => {
    const of = (name: string, licenses: object[]) => ({ name, version: '1.0.0', licenses });
    const sbom = {
      components: [
        of('free', [{ license: { id: 'MIT' } }]),
        of('silent', []),
        of('strict', [{ license: { id: 'AGPL-3.0-only' } }]),
        of('known', []),
      ],
    };
    const exceptions = [
      { package: 'known@1.0.0', licence: 'MIT', reason: 'in LICENSE' },
      { package: 'gone@1.0.0', licence: 'MIT', reason: 'in LICENSE' },
    ];
    expect(licenceFaults(sbom, { allowed, exceptions })).toEqual([
      expect.stringMatching(/^silent@1\.0\.0 names no licence/),
      expect.stringMatching(/^strict@1\.0\.0 .*AGPL-3\.0-only/),
      expect.stringMatching(/^gone@1\.0\.0 is an exception/),
    ]);
  });
});
