// @ts-check

/**
 * What is read of `npm audit --json` (report version 2).
 * @typedef {'info' | 'low' | 'moderate' | 'high' | 'critical'} Severity
 * @typedef {{ source: number, name: string, title: string, url: string, severity: Severity, range: string }} Advisory
 * @typedef {{ auditReportVersion?: number, vulnerabilities?: Record<string, { via: (string | Advisory)[] }> , message?: string, error?: { summary?: string } }} AuditOutput
 */

/**
 * `accepted-findings.json`: findings that somebody looked at and lives with for a while.
 * @typedef {{ advisory: string, package: string, reason: string, until: string }} Accepted `until`: the last day, e.g. 2027-01-31
 */

/**
 * @typedef {{ kind: 'not_run', reason: string }
 *   | { kind: 'judged', failing: string[], tolerated: string[], unused: string[] }} AuditVerdict
 */

/** @type {readonly Severity[]} */
const FAILING = ['high', 'critical'];

/**
 * Judges a report. Without one, because the registry does not answer such questions, nothing is known: that is neither
 * passed nor failed.
 * @param {AuditOutput | undefined} output undefined where npm printed no JSON
 * @param {readonly Accepted[]} accepted
 * @param {string} today e.g. 2026-11-22
 * @returns {AuditVerdict}
 */
export function judgeAudit(output, accepted, today) {
  if (output?.auditReportVersion !== 2 || !output.vulnerabilities) {
    return { kind: 'not_run', reason: output?.message || output?.error?.summary || 'npm gave no report.' };
  }
  const found = advisoriesOf(output.vulnerabilities);
  const valid = accepted.filter(({ until }) => until >= today);
  const isAccepted = (/** @type {Advisory} */ { url, name }) =>
    valid.some((one) => one.package === name && url.endsWith(`/${one.advisory}`));
  const serious = found.filter(({ severity }) => FAILING.includes(severity));
  const rest = found.filter((advisory) => !serious.includes(advisory) || isAccepted(advisory));
  const unused = accepted.filter(
    (one) => !found.some(({ url, name }) => one.package === name && url.endsWith(`/${one.advisory}`)),
  );
  return {
    kind: 'judged',
    failing: serious.filter((advisory) => !isAccepted(advisory)).map(lineOf),
    tolerated: rest.map(lineOf),
    unused: unused.map((one) => `${one.advisory} (${one.package}) is accepted and no longer found: take it out.`),
  };
}

/** Each advisory once, however many packages it reaches. @param {NonNullable<AuditOutput['vulnerabilities']>} vulnerabilities */
function advisoriesOf(vulnerabilities) {
  /** @type {Map<string, Advisory>} */
  const found = new Map();
  for (const { via } of Object.values(vulnerabilities))
    for (const one of via) if (typeof one !== 'string') found.set(`${one.name} ${one.url}`, one);
  return [...found.values()];
}

/** @param {Advisory} advisory */
function lineOf({ severity, name, range, title, url }) {
  return `${severity}: ${name} ${range}: ${title} (${url})`;
}

/**
 * The last answer without a failing finding: on which day, and for which lock file.
 * @typedef {{ day: string, lock: string }} GoodAnswer
 */

/**
 * What silence of the registry means. Nobody is failed by it who has no way to it; where somebody said that an answer may be
 * no older than some days (`STELLWERK_AUDIT_DAYS`), silence fails once there is none so new for the very lock file.
 * @param {{ last: GoodAnswer | undefined, lock: string, today: string, days: number | null }} facts
 * @returns {{ fails: boolean, text: string }}
 */
export function judgeSilence({ last, lock, today, days }) {
  const known = last?.lock === lock ? last : undefined;
  const age = known && Math.round((Date.parse(today) - Date.parse(known.day)) / 86_400_000);
  const since =
    known === undefined
      ? 'the registry never answered here for this package-lock.json'
      : `the last good answer for this package-lock.json is of ${known.day}, ${age} days ago`;
  const isTooOld = days !== null && (age === undefined || age > days);
  return {
    fails: isTooOld,
    text: isTooOld ? `${since}; STELLWERK_AUDIT_DAYS allows ${days}` : since,
  };
}

/** `STELLWERK_AUDIT_DAYS`; null where it is not set. @param {string | undefined} text @throws where it is no number of days */
export function readDays(text) {
  if (text === undefined || text === '') return null;
  if (!/^\d{1,4}$/.test(text)) throw new Error('STELLWERK_AUDIT_DAYS must be a number of days.');
  return Number(text);
}
