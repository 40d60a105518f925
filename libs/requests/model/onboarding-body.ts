import type { ManualStep } from './manual-steps.js';
import { ONBOARDING_STEPS, type Joiner, type OnboardingBody, type OnboardingStep } from './onboarding-steps.js';
import { StepNeedsField, UserNameImpossible, UserNameNotAllowed } from './onboarding.errors.js';
import { requestedInstant } from './offsets-local-time.js';
import type { Offsets } from './offsets.js';
import type { Notify } from './process-steps.js';
import {
  chosenManualSteps,
  chosenOffsets,
  selectedSteps,
  withFieldRules,
  type ManualStepWish,
} from './template-apply.js';
import { templateOf, type Known } from './template-known.js';
import type { TemplateFormats } from './template-schema.js';
import { DEFAULT_DISPLAY_NAME_FORMAT, displayNameOf } from './user-name-display.js';
import {
  alternativesTo,
  DEFAULT_USER_NAME_RULE,
  isUserName,
  userNameCandidates,
  type UserNameRule,
} from './user-name.js';

/** What a customer asks for; what is absent is as the template or the process has it. */
export interface OnboardingWish {
  readonly givenName: string;
  readonly surname: string;
  readonly firstDayAt: string;
  readonly displayName?: string | undefined;
  /** Instead of one by the customer's format. */
  readonly userName?: string | undefined;
  readonly domain?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly title?: string | undefined;
  readonly department?: string | undefined;
  readonly company?: string | undefined;
  readonly streetAddress?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  /** A country by its two letters (ISO 3166-1). */
  readonly usageLocation?: string | undefined;
  readonly businessPhones?: readonly string[] | undefined;
  readonly mobilePhone?: string | undefined;
  readonly employeeNumber?: string | undefined;
  readonly manager?: string | undefined;
  readonly sponsor?: string | undefined;
  readonly copyGroupsFrom?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  /** What somebody hands over on the first day. */
  readonly equipment?: readonly string[] | undefined;
  readonly manualSteps?: readonly ManualStepWish[] | undefined;
  readonly passwordTo?: string | undefined;
  readonly welcomeMailTo?: string | undefined;
  readonly steps?: readonly OnboardingStep[] | undefined;
  readonly offsets?: Offsets | undefined;
  readonly reference?: string | undefined;
  readonly notify?: Notify | undefined;
}

/** Equipment is got ready so many days before the first one, and due on it. */
const EQUIPMENT_DAYS = 3;

/**
 * The request that a wish and the customer's template make. Throws `UserNameImpossible`, `UserNameNotAllowed`,
 * `StepNeedsField`, `AgainstTemplate`, `OffsetNotAllowed` and what `requestedInstant` throws.
 */
export function onboardingBody(asked: OnboardingWish, known: Known): OnboardingBody {
  const template = templateOf(known);
  const wish = withFieldRules(asked, template);
  const formats = template.formats ?? {};
  const userNames = userNamesFor(wish, ruleOf(formats));
  const usual = ONBOARDING_STEPS.filter((id) => MISSING[id]?.(wish) !== 'drops it');
  const steps = withObligatory(selectedSteps(wish.steps, template, ONBOARDING_STEPS, usual), usual, wish);
  const domain = wish.domain ?? formats.mailDomain ?? null;
  refuseAliasesWithoutDomain(wish, domain);
  return {
    type: 'onboarding',
    user: userNames[0]!,
    userNames,
    firstDayAt: wish.firstDayAt,
    startsAt: requestedInstant(wish.firstDayAt, 'firstDayAt', known),
    timeZone: known.timeZone,
    joiner: joinerOf(wish, formats),
    domain,
    aliases: wish.aliases ?? [],
    manager: wish.manager ?? null,
    copyGroupsFrom: wish.copyGroupsFrom ?? null,
    groups: wish.groups ?? [],
    equipment: (wish.equipment ?? []).map(equipmentStep),
    manualSteps: chosenManualSteps(wish.manualSteps, template),
    passwordTo: wish.passwordTo ?? null,
    welcomeMailTo: wish.welcomeMailTo ?? null,
    steps,
    offsets: chosenOffsets(wish.offsets, template, steps),
    reference: wish.reference ?? null,
    notify: wish.notify ?? null,
  };
}

function ruleOf({ userName, onDuplicate, maxLength, separators }: TemplateFormats): UserNameRule {
  const usual = DEFAULT_USER_NAME_RULE;
  return {
    format: userName ?? usual.format,
    onDuplicate: onDuplicate ?? usual.onDuplicate,
    maxLength: maxLength ?? usual.maxLength,
    separators: separators ?? usual.separators,
  };
}

function userNamesFor({ userName, givenName, surname }: OnboardingWish, rule: UserNameRule): readonly string[] {
  if (userName === undefined) {
    const formed = userNameCandidates({ givenName, surname }, rule);
    if (formed.length > 0) return formed;
    throw new UserNameImpossible(
      'The name has no letter of the Latin alphabet. Give a userName.',
      fault('userName', 'missing'),
    );
  }
  if (isUserName(userName, rule)) return alternativesTo(userName, rule);
  const separators =
    rule.separators === '' ? 'no separators' : `the separators ${[...rule.separators].join(' ')} inside`;
  throw new UserNameNotAllowed(
    `A user name has a to z and digits, ${separators}, and at most ${rule.maxLength} characters.`,
    fault('userName', 'not_allowed'),
  );
}

/** What becomes of a step whose field is missing: it is not done, or the field is asked for. Null: nothing is missing. */
type Missing = (wish: OnboardingWish) => 'drops it' | 'is asked for' | null;

const lacksReceiver: Missing = ({ passwordTo }) => (passwordTo === undefined ? 'is asked for' : null);

const MISSING: Partial<Record<OnboardingStep, Missing>> = {
  add_to_groups: ({ groups, copyGroupsFrom }) => (groups?.length || copyGroupsFrom !== undefined ? null : 'drops it'),
  // nobody could ever use a password that reaches nobody
  set_first_password: lacksReceiver,
  hand_over_password: lacksReceiver,
  welcome_mail: ({ welcomeMailTo }) => (welcomeMailTo === undefined ? 'drops it' : null),
};

const NEEDED: Partial<Record<OnboardingStep, string>> = {
  add_to_groups: 'groups',
  set_first_password: 'passwordTo',
  hand_over_password: 'passwordTo',
  welcome_mail: 'welcomeMailTo',
};

/** The steps in their order, with those that are always done. Throws `StepNeedsField`. */
function withObligatory(
  chosen: readonly OnboardingStep[],
  usual: readonly OnboardingStep[],
  wish: OnboardingWish,
): readonly OnboardingStep[] {
  const isDone = (id: OnboardingStep): boolean => id === 'create_user' || chosen.includes(id);
  // a template may select what this joiner has no field for; a caller who selects it made a mistake
  const done = ONBOARDING_STEPS.filter((id) => isDone(id) && (wish.steps !== undefined || usual.includes(id)));
  for (const id of done) {
    if ((MISSING[id]?.(wish) ?? null) === null) continue;
    const field = NEEDED[id]!;
    throw new StepNeedsField(`The step ${id} needs ${field}.`, fault(field, 'missing'));
  }
  if (done.includes('set_first_password') !== done.includes('hand_over_password'))
    throw new StepNeedsField(
      'A first password is set and handed over, or neither: select both steps or none.',
      fault('steps', 'not_allowed'),
    );
  return done;
}

function refuseAliasesWithoutDomain({ aliases = [] }: OnboardingWish, domain: string | null): void {
  if (domain !== null || aliases.every((alias) => alias.includes('@'))) return;
  throw new StepNeedsField('An alias without a domain needs one. Give `domain`.', fault('domain', 'missing'));
}

function joinerOf(wish: OnboardingWish, formats: TemplateFormats): Joiner {
  const format = formats.displayName ?? DEFAULT_DISPLAY_NAME_FORMAT;
  const { givenName, surname, title, department, company } = wish;
  const { streetAddress, postalCode, city, state, usageLocation } = wish;
  const { businessPhones, mobilePhone, employeeNumber, sponsor } = wish;
  const displayName = wish.displayName ?? displayNameOf({ givenName, surname, title, department, company }, format);
  const place = { streetAddress, postalCode, city, state, usageLocation };
  const rest = { title, department, company, businessPhones, mobilePhone, employeeNumber, sponsor };
  const known = Object.entries({ ...rest, ...place }).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return { givenName, surname, displayName, ...Object.fromEntries(known) };
}

function equipmentStep(title: string): ManualStep {
  return { title, instructions: null, assignee: null, offsetDays: -EQUIPMENT_DAYS, dueDays: EQUIPMENT_DAYS };
}

function fault(path: string, code: string) {
  return { errors: [{ path, code, message: 'See the detail.' }] };
}
