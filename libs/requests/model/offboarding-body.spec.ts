import { describe, expect, it } from '@jest/globals';
import { absenceBody, type AbsenceWish } from './absence-body.js';
import { absenceSteps } from './absence-steps.js';
import { moverBody, type MoverWish } from './mover-body.js';
import { moverSteps } from './mover-steps.js';
import { offboardingBody, type OffboardingWish } from './offboarding-body.js';
import { offboardingSteps } from './offboarding-steps.js';
import type { ProcessTemplate } from './template-schema.js';

const known = (template?: ProcessTemplate) => ({
  at: new Date('2026-11-22T12:00:00Z'),
  timeZone: 'Europe/Berlin',
  template: template ? { version: 3, content: template as never } : null,
});
const code = (text: string, path?: string) =>
  expect.objectContaining({ code: text, ...(path ? { errors: [expect.objectContaining({ path })] } : {}) });

const FORWARD = {
  kind: 'forward_mail',
  to: 'boss@muster.example',
  purpose: 'Open offers',
  approver: 'petra.vogelsang',
  until: '2026-12-31T17:00',
} as const;

describe('a leaver', () => {
  const leave = (change: Partial<OffboardingWish> = {}, template?: ProcessTemplate) =>
    offboardingBody({ user: 'eva.beck', lastWorkingAt: '2026-11-30T17:00', ...change }, known(template));

  it('is locked out within fifteen minutes, or as the template has it', () => {
    expect(leave().deadlineMinutes).toEqual({ reset_password: 15, disable_sign_in: 15 });
    const steps = { disable_sign_in: { deadlineMinutes: 5 } };
    expect(leave({ steps: ['disable_sign_in'] }, { steps }).deadlineMinutes).toEqual({ disable_sign_in: 5 });
    const critical = offboardingSteps(leave()).filter((step) => step.deadlineMinutes !== undefined);
    expect(critical.map((step) => [step.id, step.accessCritical])).toEqual([
      ['reset_password', true],
      ['disable_sign_in', true],
    ]);
  });

  it('has steps on other days, and news that do not wait for later ones', () => {
    const body = leave({
      offsets: { remove_from_groups: 2, disable_sign_in: -1 },
      notify: { mail: ['hr@muster.example'] },
    });
    const steps = Object.fromEntries(offboardingSteps(body).map((step) => [step.id, step]));
    expect(steps['remove_from_groups']!.offsetDays).toBe(2);
    expect(steps['disable_sign_in']!.offsetDays).toBe(-1);
    expect(steps['notify_mail']!.dependsOn).not.toContain('remove_from_groups');
    expect(steps['notify_mail']!.dependsOn).toContain('disable_sign_in');
  });

  it('whose entry is deleted later keeps the 30 days unless somebody chooses others', () => {
    const of = (offsets?: Record<string, number>) =>
      offboardingSteps(leave({ steps: ['delete_user'], offsets })).find((step) => step.id === 'delete_user')!
        .offsetDays;
    expect(of()).toBe(30);
    expect(of({ delete_user: 7 })).toBe(7);
  });

  it('whose mail goes to a colleague has that ended by the run, and is deleted only then', () => {
    const body = leave({
      grants: [FORWARD, { ...FORWARD, to: 'hr@muster.example' }],
      steps: ['disable_sign_in', 'delete_user'],
    });
    const steps = Object.fromEntries(offboardingSteps(body).map((step) => [step.id, step]));
    expect(steps['forward_mail']).toMatchObject({
      block: 'ldap.mailbox.forward',
      input: { to: 'boss@muster.example', purpose: 'Open offers' },
    });
    expect(steps['forward_mail']!.title).toMatch(/Open offers; petra.vogelsang; until 2026-12-31T16:00/);
    expect(steps['end_forward_mail']).toMatchObject({
      takesBack: 'forward_mail',
      at: '2026-12-31T16:00:00.000Z',
      dependsOn: ['forward_mail'],
      runsAfterFailure: true,
    });
    expect(steps['forward_mail_2']!.input['to']).toBe('hr@muster.example');
    expect(steps['delete_user']!.dependsOn).toEqual(['disable_sign_in', 'end_forward_mail', 'end_forward_mail_2']);
  });

  it.each<[string, Partial<OffboardingWish>, string, string | undefined]>([
    ['no step', { steps: [] }, 'request.no_step_selected', undefined],
    [
      'an offset of a step that is not done',
      { offsets: { delete_user: 3 } },
      'request.offset_not_allowed',
      'offsets.delete_user',
    ],
    ['mail to nobody', { grants: [{ ...FORWARD, to: undefined }] }, 'request.grant_not_allowed', 'grants.0.to'],
    ['mail to no address', { grants: [{ ...FORWARD, to: 'boss' }] }, 'request.grant_not_allowed', 'grants.0.to'],
    ['mail with a text', { grants: [{ ...FORWARD, text: 'x' }] }, 'request.grant_not_allowed', 'grants.0.text'],
    [
      'an answer without a text',
      { grants: [{ ...FORWARD, kind: 'out_of_office', to: undefined }] },
      'request.grant_not_allowed',
      'grants.0.text',
    ],
    [
      'an answer to somebody',
      { grants: [{ ...FORWARD, kind: 'out_of_office', text: 'x' }] },
      'request.grant_not_allowed',
      'grants.0.to',
    ],
    [
      'access for the leaver',
      { grants: [{ ...FORWARD, kind: 'data_access', to: 'Eva.Beck' }] },
      'request.grant_not_allowed',
      'grants.0.to',
    ],
    [
      'a leaver who answers for it',
      { grants: [{ ...FORWARD, approver: 'eva.beck@muster' }] },
      'request.grant_not_allowed',
      'grants.0.approver',
    ],
    [
      'a grant that ends before',
      { grants: [{ ...FORWARD, until: '2026-11-30T17:00' }] },
      'request.times_in_disorder',
      'grants.0.until',
    ],
  ])('with %s is refused', (_what, change, expected, path) => {
    expect(() => leave(change)).toThrow(code(expected, path));
  });

  it('of a customer that grants nothing gets no grant', () => {
    const template: ProcessTemplate = { fields: { grants: { use: 'hidden' } } };
    expect(() => leave({ grants: [FORWARD] }, template)).toThrow(code('request.against_template', 'grants'));
  });

  it('of a request of the first version is planned as then', () => {
    const first = {
      type: 'offboarding',
      user: 'eva.beck',
      lastWorkingAt: 'x',
      startsAt: 'x',
      steps: ['disable_sign_in'],
      reference: null,
      notify: null,
    } as const;
    expect(offboardingSteps(first).map(({ id, offsetDays }) => [id, offsetDays])).toEqual([['disable_sign_in', 0]]);
  });
});

describe('a mover', () => {
  const move = (change: Partial<MoverWish> = {}) =>
    moverBody({ user: 'eva.beck', effectiveAt: '2026-12-01T08:00', ...change }, known());

  it('changes what is named and nothing else', () => {
    const steps = moverSteps(move({ department: 'Einkauf', title: null, groups: { like: 'jana.keller' } }));
    expect(steps.map(({ id, input }) => [id, input])).toEqual([
      ['set_attributes', expect.objectContaining({ user: 'eva.beck' })],
      ['change_groups', { user: 'eva.beck', likeColleague: 'jana.keller' }],
    ]);
    expect(JSON.stringify(steps[0]!.input)).toContain('"department":"Einkauf"');
    expect(JSON.stringify(steps[0]!.input)).toContain('"title":null');
    expect(moverSteps(move({ groups: { add: ['vpn'], remove: ['erp'] } })).map(({ id, input }) => [id, input])).toEqual(
      [['change_groups', { user: 'eva.beck', groups: ['vpn'], managed: ['vpn', 'erp'] }]],
    );
  });

  it('who moves nowhere is refused', () => {
    expect(() => move()).toThrow(code('request.nothing_to_change'));
    expect(() => move({ groups: {} })).toThrow(code('request.nothing_to_change'));
    expect(() => move({ groups: { like: 'jana.keller', add: ['vpn'] } })).toThrow(code('request.groups_ambiguous'));
    expect(() => move({ groups: { add: ['vpn'], remove: ['vpn'] } })).toThrow(code('request.groups_ambiguous'));
    expect(() => move({ department: 'Einkauf', offsets: { change_groups: 1 } })).toThrow(
      code('request.offset_not_allowed'),
    );
  });
});

describe('somebody who is away', () => {
  const leave = (change: Partial<AbsenceWish> = {}) =>
    absenceBody({ user: 'eva.beck', from: '2026-12-01T17:00', until: '2027-06-01T08:00', ...change }, known());

  it('is suspended on one day and comes back on another, by the same run', () => {
    const body = leave({ steps: ['disable_sign_in', 'remove_from_groups'] });
    const steps = Object.fromEntries(absenceSteps(body).map((step) => [step.id, step]));
    expect(Object.keys(steps)).toEqual([
      'disable_sign_in',
      'remove_from_groups',
      'return_disable_sign_in',
      'return_remove_from_groups',
    ]);
    expect(steps['return_disable_sign_in']).toMatchObject({
      takesBack: 'disable_sign_in',
      at: '2027-06-01T06:00:00.000Z',
      // groups first: who gets in finds everything
      dependsOn: ['disable_sign_in', 'return_remove_from_groups'],
    });
  });

  it('keeps the groups unless somebody wants otherwise', () => {
    expect(leave().steps).toEqual(['disable_sign_in']);
  });

  it('has the news on the first day', () => {
    const steps = absenceSteps(leave({ notify: { mail: ['hr@muster.example'] } }));
    expect(steps.find((step) => step.id === 'notify_mail')!.dependsOn).toEqual(['disable_sign_in']);
  });

  it.each<[string, Partial<AbsenceWish>, string]>([
    ['who returns before', { until: '2026-12-01T16:00' }, 'request.times_in_disorder'],
    [
      'who returns before the last step',
      { until: '2026-12-03T08:00', offsets: { disable_sign_in: 5 } },
      'request.times_in_disorder',
    ],
    ['for whom nothing is done', { steps: [] }, 'request.no_step_selected'],
    ['who went last week', { from: '2026-11-15T17:00' }, 'request.time_past'],
  ])('%s is refused', (_what, change, expected) => {
    expect(() => leave(change)).toThrow(code(expected));
  });
});
