import { describe, expect, it } from '@jest/globals';
import { toolModule } from '../stack/tool-module.js';

type Verdict =
  { kind: 'not_run'; reason: string } | { kind: 'judged'; failing: string[]; tolerated: string[]; unused: string[] };
interface AuditModule {
  judgeAudit(output: object | undefined, accepted: readonly object[], today: string): Verdict;
  judgeSilence(facts: {
    last: { day: string; lock: string } | undefined;
    lock: string;
    today: string;
    days: number | null;
  }): { fails: boolean; text: string };
  readDays(text: string | undefined): number | null;
}
interface CountModule {
  NOT_RUN: number;
  countCheck(
    name: string,
    status: number,
    output?: string,
  ): { passed: number; failed: number; notes: string[]; notRun?: string[] };
  tellNotRun(lines: readonly string[]): string[];
}
const { NOT_RUN, countCheck, tellNotRun } = await toolModule<CountModule>('setup/testing/not-run.mjs');
const { judgeAudit, judgeSilence, readDays } = await toolModule<AuditModule>('supply-chain/audit-report.mjs');

const TODAY = '2026-11-22';

/** A weakness as `npm audit --json` reports it: at the package itself, and by name at each package that needs it. */
function reported(name: string, severity: string, advisory: string) {
  const via = {
    source: 1_106_913,
    name,
    dependency: name,
    title: 'Command Injection',
    url: `https://github.com/advisories/${advisory}`,
    severity,
    cwe: ['CWE-77'],
    cvss: { score: 7.2, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H' },
    range: '<4.17.21',
  };
  const entry = {
    name,
    severity,
    isDirect: false,
    range: '<4.17.21',
    nodes: [`node_modules/${name}`],
    fixAvailable: true,
  };
  return {
    [name]: { ...entry, via: [via], effects: ['parent'] },
    [`needs-${name}`]: { ...entry, name: `needs-${name}`, via: [name], effects: [] },
  };
}

function report(...vulnerabilities: object[]) {
  return {
    auditReportVersion: 2,
    vulnerabilities: Object.assign({}, ...vulnerabilities) as object,
    metadata: { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 1, critical: 0, total: 1 } },
  };
}

const serious = reported('lodash', 'high', 'GHSA-35jh-r3h4-6jhm');
const accepted = { advisory: 'GHSA-35jh-r3h4-6jhm', package: 'lodash', reason: 'never called', until: TODAY };

describe('the audit of packages', () => {
  it('fails on a known weakness of high severity, named once', () => {
    const verdict = judgeAudit(report(serious), [], TODAY);
    expect(verdict).toEqual({
      kind: 'judged',
      failing: [expect.stringContaining('high: lodash <4.17.21: Command Injection')],
      tolerated: [],
      unused: [],
    });
  });

  it('names a moderate weakness without failing', () => {
    const verdict = judgeAudit(report(reported('qs', 'moderate', 'GHSA-hrpp-h998-j3pp')), [], TODAY);
    expect(verdict).toMatchObject({ kind: 'judged', failing: [], tolerated: [expect.stringContaining('qs')] });
  });

  it('passes when nothing is known', () => {
    expect(judgeAudit(report(), [], TODAY)).toMatchObject({ kind: 'judged', failing: [] });
  });

  it('tolerates an accepted weakness to its last day, and no longer', () => {
    expect(judgeAudit(report(serious), [accepted], TODAY)).toMatchObject({
      failing: [],
      tolerated: [expect.any(String)],
    });
    expect(judgeAudit(report(serious), [accepted], '2026-11-23')).toMatchObject({ failing: [expect.any(String)] });
  });

  it('does not take the acceptance of one weakness for another', () => {
    const other = { ...accepted, advisory: 'GHSA-29mw-wpgm-hmr9' };
    expect(judgeAudit(report(serious), [other], TODAY)).toMatchObject({
      failing: [expect.any(String)],
      unused: [expect.stringContaining('GHSA-29mw-wpgm-hmr9')],
    });
  });

  it('was not run, rather than passed, when the registry refuses the question', () => {
    const refused = {
      message: '405 Method Not Allowed',
      statusCode: 405,
      body: '',
      error: { summary: '', detail: '' },
    };
    expect(judgeAudit(refused, [], TODAY)).toEqual({ kind: 'not_run', reason: '405 Method Not Allowed' });
  });

  it.each([undefined, {}, { auditReportVersion: 3, vulnerabilities: {} }])('was not run when it gives %j', (output) => {
    expect(judgeAudit(output, [], TODAY)).toMatchObject({ kind: 'not_run' });
  });

  it('that was not run counts as neither passed nor failed, and is named at the end of the run', () => {
    const said = 'npm warn x\nNOT RUN: the registry did not answer.\n';
    const { notRun = [], ...counts } = countCheck('check:audit', NOT_RUN, said);
    expect(counts).toEqual({ passed: 0, failed: 0, notes: [] });
    expect(notRun).toEqual(['check:audit: the registry did not answer.']);
    expect(tellNotRun(notRun).join('\n')).toMatch(
      /!{80}\nNOT RUN, neither passed nor failed: 1 check\n {2}check:audit: the registry did not answer.\n!{80}$/,
    );
    expect(tellNotRun([])).toEqual([]);
    expect(countCheck('check:audit', 1)).toMatchObject({ passed: 0, failed: 1 });
    expect(countCheck('check:audit', 0)).toEqual({ passed: 1, failed: 0, notes: [] });
  });

  it.each([
    ['nobody asks for an answer', null, undefined, false],
    ['nobody asks for a new one', null, { day: '2020-01-01', lock: 'l' }, false],
    ['there never was one', 30, undefined, true],
    ['the last one is too old', 30, { day: '2026-10-22', lock: 'l' }, true],
    ['the last one is of other packages', 30, { day: TODAY, lock: 'other' }, true],
    ['the last one is new enough', 30, { day: '2026-10-23', lock: 'l' }, false],
  ])('while the registry is silent fails or not: %s', (_what, days, last, fails) => {
    const { text, ...verdict } = judgeSilence({ last, lock: 'l', today: TODAY, days });
    expect(verdict).toEqual({ fails });
    expect(text).toMatch(last?.lock === 'l' ? last.day : /never answered/);
  });

  it('takes days as a number, and nothing else', () => {
    expect([readDays(undefined), readDays(''), readDays('30')]).toEqual([null, null, 30]);
    expect(() => readDays('a month')).toThrow('STELLWERK_AUDIT_DAYS');
  });
});
