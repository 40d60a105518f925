// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheKey } from '../setup/cache.mjs';
import { presentInstant } from '../setup/clock.mjs';
import { attempt } from '../setup/command.mjs';
import { cacheDir, root } from '../setup/places.mjs';
import { NOT_RUN } from '../setup/testing/not-run.mjs';
import { readJson, writeJson } from '../stack/files.mjs';
import { judgeAudit, judgeSilence, readDays } from './audit-report.mjs';

// npm run check:audit: whether a package that runs in production has a known weakness of high or critical severity.
const accepted = join(root, 'tools', 'supply-chain', 'accepted-findings.json');
const lock = cacheKey({ files: [join(root, 'package-lock.json')] });
const kept = join(cacheDir(), 'audit.json');
const today = presentInstant().toISOString().slice(0, 10);
const days = readDays(process.env.STELLWERK_AUDIT_DAYS);
const { stdout } = await attempt('npm', ['audit', '--omit=dev', '--json', '--loglevel=silent'], {
  cwd: root,
  timeoutMs: 120_000,
});
const verdict = judgeAudit(parsed(stdout), JSON.parse(readFileSync(accepted, 'utf8')), today);
process.exitCode = verdict.kind === 'not_run' ? tellSilence(verdict.reason) : tell(verdict);

/** @param {string} cause @returns {number} the exit code */
function tellSilence(cause) {
  // without the address: which registry it is concerns nobody who reads a log
  const reason = cause.replace(/\s*\S+:\/\/\S+/g, '');
  const { fails, text } = judgeSilence({ last: /** @type {any} */ (readJson(kept)), lock, today, days });
  const said = `the registry did not answer npm audit (${reason}); whether packages have known weaknesses is UNKNOWN: ${text}.`;
  console.error(`${fails ? 'FAILED' : 'NOT RUN'}: ${said}`);
  return fails ? 1 : NOT_RUN;
}

/** @param {Extract<import('./audit-report.mjs').AuditVerdict, { kind: 'judged' }>} verdict @returns {number} the exit code */
function tell(verdict) {
  for (const line of [...verdict.tolerated, ...verdict.unused]) console.log(line);
  for (const line of verdict.failing) console.error(line);
  if (verdict.failing.length === 0) {
    writeJson(kept, { day: today, lock });
    return 0;
  }
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
