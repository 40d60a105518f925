// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { drawSbom } from './draw-sbom.mjs';
import { componentsOf } from './sbom.mjs';

// npm run sbom: dist/sbom.cdx.json. It follows from package-lock.json, which is committed; so it is built, not committed.
const sbom = await drawSbom();
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist', 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`dist/sbom.cdx.json: CycloneDX ${sbom.specVersion}, ${componentsOf(sbom).length} packages`);
