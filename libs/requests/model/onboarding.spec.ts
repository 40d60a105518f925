import { describe, expect, it } from '@jest/globals';
import { onboardingBody, type OnboardingWish } from './onboarding-body.js';
import { onboardingSteps } from './onboarding-steps.js';
import type { ProcessTemplate } from './template-schema.js';

const known = (template?: ProcessTemplate) => ({
  at: new Date('2026-11-22T12:00:00Z'),
  timeZone: 'Europe/Berlin',
  template: template ? { version: 3, content: template as never } : null,
});
const WISH: OnboardingWish = {
  givenName: 'Jörg',
  surname: 'Groß',
  firstDayAt: '2026-12-01T08:00',
  passwordTo: 'boss@muster.example',
};
const body = (change: Partial<OnboardingWish> = {}, template?: ProcessTemplate) =>
  onboardingBody({ ...WISH, ...change }, known(template));
const ids = (change: Partial<OnboardingWish> = {}, template?: ProcessTemplate) =>
  onboardingSteps(body(change, template), 'joerg.gross').map((step) => step.id);
const code = (text: string, path?: string) =>
  expect.objectContaining({ code: text, ...(path ? { errors: [expect.objectContaining({ path })] } : {}) });

describe('a joiner', () => {
  it('gets a user name, a display name and a first hour by the customer’s rules', () => {
    const formats = {
      userName: 'flast',
      displayName: '{surname}, {given} ({department})',
      mailDomain: 'muster.example',
    };
    const joined = body({ department: 'Vertrieb', aliases: ['sales', 'jg@other.example'] }, { formats });
    expect(joined).toMatchObject({
      user: 'jgross',
      startsAt: '2026-12-01T07:00:00.000Z',
      domain: 'muster.example',
      joiner: { displayName: 'Groß, Jörg (Vertrieb)' },
    });
    const create = onboardingSteps(joined, 'jgross2').find((step) => step.id === 'create_user')!;
    expect(create.input).toMatchObject({
      user: 'jgross2',
      givenName: 'Jörg',
      mail: 'jgross2@muster.example',
      aliases: ['sales@muster.example', 'jg@other.example'],
    });
  });

  it('has a sponsor, and a usage location by the customer’s default', () => {
    const template = { fields: { usageLocation: { default: 'DE' } } };
    expect(body({ sponsor: 'petra.vogelsang' }, template).joiner).toMatchObject({
      usageLocation: 'DE',
      sponsor: 'petra.vogelsang',
    });
    expect(body({ usageLocation: 'AT' }, template).joiner.usageLocation).toBe('AT');
  });

  it('without a department has no empty brackets in the display name', () => {
    expect(body({}, { formats: { displayName: '{surname}, {given} ({department})' } }).joiner.displayName).toBe(
      'Groß, Jörg',
    );
  });

  it('gets only steps that have something to do', () => {
    expect(ids()).toEqual(expect.arrayContaining(['create_user', 'set_first_password', 'enable_sign_in']));
    expect(ids()).not.toEqual(expect.arrayContaining(['add_to_groups']));
    const full = ids({
      groups: ['vpn'],
      welcomeMailTo: 'joerg@home.example',
      equipment: ['Notebook'],
      notify: { mail: ['hr@muster.example'] },
    });
    expect(full).toEqual(expect.arrayContaining(['add_to_groups', 'welcome_mail', 'equipment_1', 'notify_mail']));
  });

  it('is let in only after groups and password', () => {
    const steps = onboardingSteps(body({ copyGroupsFrom: 'jana.keller' }), 'joerg.gross');
    const enable = steps.find((step) => step.id === 'enable_sign_in')!;
    expect(enable.dependsOn).toEqual(['create_user', 'set_first_password', 'add_to_groups']);
    expect(steps.find((step) => step.id === 'add_to_groups')!.input).toMatchObject({ copyFrom: 'jana.keller' });
  });

  it('has equipment ready on the first day', () => {
    const step = onboardingSteps(body({ equipment: ['Notebook'] }), 'joerg.gross').find(
      ({ id }) => id === 'equipment_1',
    )!;
    expect(step).toMatchObject({ title: 'Notebook', offsetDays: -3, dueDays: 3 });
  });

  it('may come without a password, as whole or not at all', () => {
    const steps = ['create_user', 'enable_sign_in'] as const;
    expect(ids({ passwordTo: undefined, steps })).toEqual(['create_user', 'enable_sign_in']);
    expect(() => body({ steps: ['create_user', 'set_first_password'] })).toThrow(
      code('request.step_needs_field', 'steps'),
    );
  });

  it('always gets an entry', () => {
    expect(body({ steps: ['enable_sign_in'] }).steps).toEqual(['create_user', 'enable_sign_in']);
  });

  it.each<[string, Partial<OnboardingWish>, string, string]>([
    ['nobody to give the password to', { passwordTo: undefined }, 'request.step_needs_field', 'passwordTo'],
    ['a welcome to nobody', { steps: ['create_user', 'welcome_mail'] }, 'request.step_needs_field', 'welcomeMailTo'],
    ['groups that are not named', { steps: ['create_user', 'add_to_groups'] }, 'request.step_needs_field', 'groups'],
    ['an alias without a domain', { aliases: ['sales'] }, 'request.step_needs_field', 'domain'],
    ['a name in another script', { givenName: '李', surname: '王' }, 'request.user_name_impossible', 'userName'],
    ['a user name in capitals', { userName: 'JG' }, 'request.user_name_not_allowed', 'userName'],
    ['a first day that is over', { firstDayAt: '2026-11-21T08:00' }, 'request.time_past', 'firstDayAt'],
    [
      'a first hour that the clock leaves out',
      { firstDayAt: '2027-03-28T02:30' },
      'request.time_nonexistent',
      'firstDayAt',
    ],
    ['a first day in two years', { firstDayAt: '2028-12-01T08:00' }, 'request.time_too_far', 'firstDayAt'],
    [
      'an offset of a step that is not done',
      { offsets: { add_to_groups: 1 } },
      'request.offset_not_allowed',
      'offsets.add_to_groups',
    ],
  ])('with %s is refused', (_what, change, expected, path) => {
    expect(() => body(change)).toThrow(code(expected, path));
  });

  it('may have begun this morning', () => {
    expect(body({ firstDayAt: '2026-11-22T08:00' }).startsAt).toBe('2026-11-22T07:00:00.000Z');
  });

  it('keeps a user name that was given', () => {
    expect(body({ userName: 'jg' }).userNames.slice(0, 2)).toEqual(['jg', 'jg2']);
    expect(body({ userName: 'jg' }, { formats: { onDuplicate: 'refuse' } }).userNames).toEqual(['jg']);
  });

  it('is as the template has it where the wish says nothing', () => {
    const template: ProcessTemplate = {
      fields: { passwordTo: { default: 'hr@muster.example' }, groups: { default: ['mitarbeitende'] } },
      steps: { create_user: { offsetDays: -3 }, welcome_mail: { selected: true } },
      manualSteps: [{ title: 'Badge' }],
    };
    const joined = body({ passwordTo: undefined }, template);
    expect(joined).toMatchObject({
      passwordTo: 'hr@muster.example',
      groups: ['mitarbeitende'],
      offsets: { create_user: -3 },
    });
    // selected by the template, but this joiner has no address for it
    expect(joined.steps).not.toContain('welcome_mail');
    expect(joined.manualSteps).toHaveLength(1);
  });
});
