import { describe, expect, it } from '@jest/globals';
import {
  ALWAYS_VERSION,
  choose,
  policyFaults,
  settingOf,
  USUAL_RULES,
  type PolicyLine,
  type PolicyVersion,
} from '#libs/sla/model';
import { whatIf } from '../../../libs/sla/model/what-if.model.js';
import type { TicketFact } from '#libs/sla/model';

const version = (tenant: string, ...lines: readonly PolicyLine[]): PolicyVersion => ({
  ...{ tenant, tier: 'gold', version: 3, policy: { lines } },
});
const line = (resolution: number | null, more: Partial<PolicyLine> = {}): PolicyLine => ({
  ...{ targets: { resolution }, calendar: 'always', ...more },
});
const ticket = { type: 'incident', priority: 'high' };

describe('the line that gives a target', () => {
  it.each([
    [
      'for type and priority before for the priority',
      [line(1, { priority: 'high' }), line(2, { type: 'incident', priority: 'high' })],
      2,
    ],
    ['for the priority before for the type', [line(1, { type: 'incident' }), line(2, { priority: 'high' })], 2],
    ['for the type before for all', [line(1), line(2, { type: 'incident' })], 2],
    ['for other tickets never', [line(1), line(2, { priority: 'low' }), line(3, { type: 'service_request' })], 1],
    ['that says null is one', [line(1), line(null, { priority: 'high' })], null],
    ['that says nothing of it is none', [line(1), { ...line(0, { priority: 'high' }), targets: { update: 5 } }], 1],
  ] as const)('%s', (_what, lines, minutes) => {
    expect(choose([version('msp', ...lines)], ticket).resolution).toMatchObject({ minutes });
  });

  it('of the customer goes before any of the MSP’s, and tells in order what it beat', () => {
    const msp = version('msp', line(60), line(30, { type: 'incident', priority: 'high' }));
    const own = version('muster', line(90));
    expect(choose([own, msp], ticket).resolution).toEqual({
      ...{ tenant: 'muster', tier: 'gold', version: 3, line: 0, minutes: 90, calendar: 'always' },
      beats: [
        { tenant: 'msp', tier: 'gold', version: 3, line: 1 },
        { tenant: 'msp', tier: 'gold', version: 3, line: 0 },
      ],
    });
  });

  it('gives way to an agreed date, whatever it says', () => {
    const setting = settingOf([version('msp', line(60))], new Map([['always', ALWAYS_VERSION]]), {
      ...{ ...ticket, agreedAt: 1_000 },
    });
    expect(setting.targets.resolution).toEqual({ kind: 'date', at: 1_000 });
    expect(setting.why.resolution).toEqual({ kind: 'agreed_date' });
    expect(setting.rules).toEqual(USUAL_RULES);
  });
});

describe('a policy', () => {
  it('is refused for targets of nothing, lines that nobody could tell apart, calendars that are none', () => {
    const lines = [line(0), line(5), { ...line(5, { calendar: 'nowhere', priority: 'low' }) }];
    expect(policyFaults({ lines }, (name) => name === 'always').map(({ path, code }) => [path, code])).toEqual([
      ['lines.0.targets.resolution', 'not_above_zero'],
      ['lines.1', 'twice'],
      ['lines.2.calendar', 'calendar_unknown'],
    ]);
  });
});

describe('a what-if', () => {
  const HOUR = 3_600_000;
  const closedAfter = (hours: number, targetMinutes: number): readonly TicketFact[] => {
    const target = { kind: 'minutes', minutes: targetMinutes, calendar: ALWAYS_VERSION.calendar } as const;
    const targets = { first_response: null, update: null, resolution: target };
    return [
      { kind: 'opened', at: 0, targets, rules: USUAL_RULES },
      { kind: 'status', at: hours * HOUR, status: 'resolved' },
      { kind: 'status', at: hours * HOUR, status: 'closed' },
    ];
  };

  it('counts what was met and what would have been, by type and priority', () => {
    const past = [1, 2, 3, 5].map((hours) => ({ type: 'incident', priority: 'high', facts: closedAfter(hours, 90) }));
    expect(whatIf(past, { resolution: 240 })).toEqual([
      { type: 'incident', priority: 'high', kind: 'resolution', clocks: 4, metBefore: 1, metThen: 3 },
    ]);
    expect(whatIf(past, { first_response: 10 })).toEqual([]);
  });
});
