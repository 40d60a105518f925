// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presentInstant } from '../setup/clock.mjs';
import { attempt } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';
import { NOT_RUN } from '../setup/testing/not-run.mjs';
import { judgeAudit } from './audit-report.mjs';

// npm run check:audit: whether a package that runs in production has a known weakness of high or critical severity.
const file = join(root, 'tools', 'supply-chain', 'accepted-findings.json');
const { stdout } = await attempt('npm', ['audit', '--omit=dev', '--json', '--loglevel=silent'], {
  cwd: root,
  timeoutMs: 120_000,
});
const verdict = judgeAudit(
  parsed(stdout),
  JSON.parse(readFileSync(file, 'utf8')),
  presentInstant().toISOString().slice(0, 10),
);
process.exitCode = tell(verdict);

/** @param {import('./audit-report.mjs').AuditVerdict} verdict @returns {number} the exit code */
function tell(verdict) {
  if (verdict.kind === 'not_run') {
    // without the address: which registry it is concerns nobody who reads a log
    const reason = verdict.reason.replace(/\s*\S+:\/\/\S+/g, '');
    console.error(`NOT RUN: the registry did not answer npm audit, so known weaknesses are unknown here. ${reason}`);
    return NOT_RUN;
  }
  for (const line of [...verdict.tolerated, ...verdict.unused]) console.log(line);
  for (const line of verdict.failing) console.error(line);
  if (verdict.failing.length === 0) return 0;
  console.error('Update the package, or accept the finding for a while in tools/supply-chain/accepted-findings.json.');
  return 1;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
