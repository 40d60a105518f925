import { describe, expect, it } from '@jest/globals';
import { chosenManualSteps, chosenOffsets, selectedSteps, withFieldRules } from './template-apply.js';
import { parseTemplate } from './template-check.js';
import type { TemplateProcess } from './template-schema.js';

const faultsOf = (process: TemplateProcess, value: unknown): Record<string, string> => {
  try {
    parseTemplate(process, value);
    return {};
  } catch (error) {
    expect(error).toMatchObject({ code: 'template.invalid' });
    const { errors } = error as { errors: { path: string; code: string }[] };
    return Object.fromEntries(errors.map(({ path, code }) => [path, code]));
  }
};

describe('a template', () => {
  it('may be empty, and may rule everything', () => {
    expect(parseTemplate('mover', {})).toEqual({});
    const onboarding = {
      fields: { department: { use: 'required' }, company: { use: 'hidden', default: 'Muster Werkzeugbau GmbH' } },
      steps: { create_user: { offsetDays: -3 }, welcome_mail: { selected: false } },
      manualSteps: [{ title: 'Order a badge', offsetDays: -7, dueDays: 5, assignee: 'Reception' }],
      formats: {
        userName: 'f.last',
        displayName: '{surname}, {given} ({department})',
        mailDomain: 'muster.example',
        onDuplicate: 'letter',
        maxLength: 20,
        separators: '.-',
      },
    };
    expect(parseTemplate('onboarding', onboarding)).toEqual(onboarding);
    const offboarding = {
      steps: { disable_sign_in: { deadlineMinutes: 5 }, delete_user: { selected: true, offsetDays: 14 } },
    };
    expect(parseTemplate('offboarding', offboarding)).toEqual(offboarding);
  });

  it.each<[string, TemplateProcess, unknown, Record<string, string>]>([
    [
      'an unknown field',
      'onboarding',
      { fields: { shoeSize: { use: 'required' } } },
      { 'fields.shoeSize': 'unknown_field' },
    ],
    [
      'a field of another process',
      'absence',
      { fields: { domain: { use: 'hidden' } } },
      { 'fields.domain': 'unknown_field' },
    ],
    ['a rule that rules nothing', 'onboarding', { fields: { city: {} } }, { 'fields.city': 'missing' }],
    [
      'a default that does not fit',
      'onboarding',
      { fields: { passwordTo: { default: 'hr' } } },
      { 'fields.passwordTo.default': 'not_allowed' },
    ],
    [
      'a default where there is none',
      'onboarding',
      { fields: { userName: { default: 'x' } } },
      { 'fields.userName.default': 'unknown_field' },
    ],
    [
      'an unknown step',
      'offboarding',
      { steps: { delete_company: { selected: true } } },
      { 'steps.delete_company': 'unknown_field' },
    ],
    [
      'an offset out of range',
      'offboarding',
      { steps: { disable_sign_in: { offsetDays: 31 } } },
      { 'steps.disable_sign_in.offsetDays': 'not_allowed' },
    ],
    [
      'half a day',
      'offboarding',
      { steps: { disable_sign_in: { offsetDays: 0.5 } } },
      { 'steps.disable_sign_in.offsetDays': 'not_allowed' },
    ],
    [
      'a deadline that nobody watches',
      'offboarding',
      { steps: { move_to_leavers: { deadlineMinutes: 5 } } },
      { 'steps.move_to_leavers.deadlineMinutes': 'unknown_field' },
    ],
    [
      'a choice that there is not',
      'onboarding',
      { steps: { create_user: { selected: false } } },
      { 'steps.create_user.selected': 'unknown_field' },
    ],
    [
      'a manual step without a title',
      'mover',
      { manualSteps: [{ dueDays: 2 }] },
      { 'manualSteps.0.title': 'not_allowed' },
    ],
    ['formats of names that nobody forms', 'mover', { formats: {} }, { formats: 'unknown_field' }],
    [
      'an unknown format',
      'onboarding',
      { formats: { userName: 'vorname.nachname' } },
      { 'formats.userName': 'not_a_format' },
    ],
    [
      'a format with a separator that is not allowed',
      'onboarding',
      { formats: { separators: '-' } },
      { 'formats.userName': 'not_a_format' },
    ],
    [
      'a display name without a name',
      'onboarding',
      { formats: { displayName: '{company}' } },
      { 'formats.displayName': 'not_a_format' },
    ],
    [
      'a display name with an unknown part',
      'onboarding',
      { formats: { displayName: '{given} {age}' } },
      { 'formats.displayName': 'not_a_format' },
    ],
    [
      'a domain that is none',
      'onboarding',
      { formats: { mailDomain: 'muster' } },
      { 'formats.mailDomain': 'not_allowed' },
    ],
    ['a list', 'onboarding', [], { '': 'not_allowed' }],
    ['several faults at once', 'absence', { steps: 1, fields: 2 }, { steps: 'not_allowed', fields: 'not_allowed' }],
  ])('with %s is refused', (_what, process, value, expected) => {
    expect(faultsOf(process, value)).toEqual(expected);
  });
});

describe('a template that is applied', () => {
  const wish = { title: 'Clerk' as string | undefined, city: undefined as string | undefined };

  it('fills in what the wish leaves out, and no more', () => {
    const fields = { title: { default: 'Intern' }, city: { default: 'Cologne' } };
    expect(withFieldRules(wish, { fields })).toEqual({ title: 'Clerk', city: 'Cologne' });
  });

  it('demands what is required, unless it has a default', () => {
    expect(() => withFieldRules(wish, { fields: { city: { use: 'required' } } })).toThrow(
      expect.objectContaining({
        code: 'request.against_template',
        errors: [expect.objectContaining({ path: 'city', code: 'missing' })],
      }),
    );
    expect(withFieldRules(wish, { fields: { city: { use: 'required', default: 'Cologne' } } }).city).toBe('Cologne');
  });

  it('refuses what is hidden, and gives it its default', () => {
    expect(() => withFieldRules(wish, { fields: { title: { use: 'hidden' } } })).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'title', code: 'hidden' })] }),
    );
    expect(withFieldRules(wish, { fields: { city: { use: 'hidden', default: 'Cologne' } } }).city).toBe('Cologne');
  });

  it('selects steps unless the wish does', () => {
    const all = ['a', 'b', 'c'] as const;
    const template = { steps: { a: { selected: false }, c: { selected: true } } };
    expect(selectedSteps(undefined, template, all, ['a', 'b'])).toEqual(['b', 'c']);
    expect(selectedSteps(['c', 'a'], template, all, ['a', 'b'])).toEqual(['a', 'c']);
  });

  it('moves steps unless the wish does', () => {
    const template = { steps: { a: { offsetDays: 2 }, b: { offsetDays: 3 }, c: { offsetDays: 4 } } };
    expect(chosenOffsets({ a: -1 }, template, ['a', 'b'])).toEqual({ a: -1, b: 3 });
  });

  it.each([
    [{ x: 1 }, 'offsets.x', 'not_allowed'],
    [{ a: 31 }, 'offsets.a', 'out_of_range'],
    [{ a: 1.5 }, 'offsets.a', 'out_of_range'],
  ])('refuses the offsets %j', (offsets, path, code) => {
    expect(() => chosenOffsets(offsets as Record<string, number>, {}, ['a'])).toThrow(
      expect.objectContaining({
        code: 'request.offset_not_allowed',
        errors: [expect.objectContaining({ path, code })],
      }),
    );
  });

  it('puts its manual steps before those of the wish', () => {
    const steps = chosenManualSteps([{ title: 'mine', dueDays: 3 }], {
      manualSteps: [{ title: 'always', offsetDays: -2 }],
    });
    expect(steps).toEqual([
      { title: 'always', instructions: null, assignee: null, offsetDays: -2, dueDays: 1 },
      { title: 'mine', instructions: null, assignee: null, offsetDays: 0, dueDays: 3 },
    ]);
  });
});
