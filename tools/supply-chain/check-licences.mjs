// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';
import { drawSbom } from './draw-sbom.mjs';
import { licenceFaults } from './licences.mjs';
import { componentsOf } from './sbom.mjs';

// npm run check:licences: whether every package that runs in production has a licence that licences.json allows.
const policy = JSON.parse(readFileSync(join(root, 'tools', 'supply-chain', 'licences.json'), 'utf8'));
const sbom = await drawSbom();
const faults = licenceFaults(sbom, policy);
for (const fault of faults) console.error(fault);
if (faults.length === 0) console.log(`${componentsOf(sbom).length} packages, all with an allowed licence`);
else console.error('What is allowed stands in tools/supply-chain/licences.json.');
process.exitCode = faults.length === 0 ? 0 : 1;
