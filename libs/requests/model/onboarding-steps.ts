import type { JsonObject } from '#libs/kernel';
import { handOverStep } from './hand-over-step.js';
import { manualStepTemplates, type ManualStep } from './manual-steps.js';
import {
  directoryStep,
  notifySteps,
  onTheDay,
  step,
  withOffsets,
  withSelectedDependencies,
  type Notify,
  type StepTemplate,
} from './process-steps.js';

/** Who a joiner is, as the directory will know them. Absent is not known. */
export interface Joiner {
  readonly givenName: string;
  readonly surname: string;
  readonly displayName: string;
  readonly title?: string;
  readonly department?: string;
  readonly company?: string;
  readonly streetAddress?: string;
  readonly postalCode?: string;
  readonly city?: string;
  readonly state?: string;
  /** A country by its two letters (ISO 3166-1). */
  readonly usageLocation?: string;
  readonly businessPhones?: readonly string[];
  readonly mobilePhone?: string;
  readonly employeeNumber?: string;
  /** The user name of whoever answers for the joiner's being there, where that is not the manager. */
  readonly sponsor?: string;
}

export interface OnboardingBody {
  readonly type: 'onboarding';
  /** The user name that is wanted; the plan says which one it will be. */
  readonly user: string;
  /** The user names to try, the wanted one first. */
  readonly userNames: readonly string[];
  /** As it was sent: local time in the customer's zone, or with an offset. */
  readonly firstDayAt: string;
  /** The instant it means (UTC). */
  readonly startsAt: string;
  /** The customer's zone (IANA), in which days are counted. */
  readonly timeZone: string;
  readonly joiner: Joiner;
  /** The mail domain; null: no mailbox. */
  readonly domain: string | null;
  /** Further addresses of the mailbox, whole or without a domain. */
  readonly aliases: readonly string[];
  /** The manager's user name. */
  readonly manager: string | null;
  /** The colleague whose groups the joiner gets. */
  readonly copyGroupsFrom: string | null;
  readonly groups: readonly string[];
  readonly equipment: readonly ManualStep[];
  readonly manualSteps: readonly ManualStep[];
  /** Who gets the first password, by a one-time link. */
  readonly passwordTo: string | null;
  /** Who gets the welcome mail. */
  readonly welcomeMailTo: string | null;
  readonly steps: readonly OnboardingStep[];
  readonly offsets: Readonly<Record<string, number>>;
  readonly reference: string | null;
  readonly notify: Notify | null;
}

/** What an on-boarding can do, in the order it is shown. The entry itself is always made. */
export const ONBOARDING_STEPS = [
  'create_user',
  'add_to_groups',
  'set_first_password',
  'enable_sign_in',
  'hand_over_password',
  'welcome_mail',
] as const;
export type OnboardingStep = (typeof ONBOARDING_STEPS)[number];

/** The steps without which there is no joiner. */
export const OBLIGATORY_ONBOARDING_STEPS = ['create_user'] as const satisfies readonly OnboardingStep[];

/**
 * The on-boarding's graph for one request, for the user name that was chosen. The entry is made locked and without a
 * password; nobody gets in before the first password is set and the lock is opened at the first hour. The password's link
 * goes out only when it can be used; the welcome mail comes last.
 */
export function onboardingSteps(body: OnboardingBody, user: string): readonly StepTemplate[] {
  const all = [...accountSteps(body, user), ...passwordSteps(body, user)];
  const chosen = all.filter((one) => (body.steps as readonly string[]).includes(one.id));
  const selected = withOffsets(chosen, body.offsets);
  const byHand = [...manualStepTemplates(body.equipment, 'equipment'), ...manualStepTemplates(body.manualSteps)];
  const steps = [...selected, ...byHand];
  return withSelectedDependencies([...steps, ...newsSteps(body, user, steps)]);
}

/** The mail address of a joiner; null without a domain. */
export function mailOf(body: Pick<OnboardingBody, 'domain'>, user: string): string | null {
  return body.domain === null ? null : `${user}@${body.domain}`;
}

function accountSteps(body: OnboardingBody, user: string): readonly StepTemplate[] {
  const groups = {
    user,
    ...(body.groups.length > 0 ? { groups: [...body.groups] } : {}),
    ...(body.copyGroupsFrom === null ? {} : { copyFrom: body.copyGroupsFrom }),
    expectsNewUser: true,
  };
  const hasGroups = body.groups.length > 0 || body.copyGroupsFrom !== null;
  return [
    directoryStep({
      id: 'create_user',
      title: 'Create the user',
      block: 'ldap.user.create',
      input: entryOf(body, user),
    }),
    ...(hasGroups
      ? [
          directoryStep(
            { id: 'add_to_groups', title: 'Add to groups', block: 'ldap.user.add-to-groups', input: groups },
            { dependsOn: ['create_user'], ofNewUser: true },
          ),
        ]
      : []),
  ];
}

function entryOf(body: OnboardingBody, user: string): JsonObject {
  const mail = mailOf(body, user);
  const whole = (alias: string): string => (alias.includes('@') ? alias : `${alias}@${body.domain}`);
  return {
    user,
    ...(body.joiner as unknown as JsonObject),
    ...(mail === null ? {} : { mail }),
    ...(body.aliases.length > 0 ? { aliases: body.aliases.map(whole) } : {}),
    ...(body.manager === null ? {} : { manager: body.manager }),
  };
}

function passwordSteps(body: OnboardingBody, user: string): readonly StepTemplate[] {
  const input = { user, expectsNewUser: true };
  return [
    directoryStep(
      { id: 'set_first_password', title: 'Set the first password', block: 'ldap.user.set-first-password', input },
      { dependsOn: ['create_user'], ofNewUser: true },
    ),
    directoryStep(
      { id: 'enable_sign_in', title: 'Enable sign-in', block: 'ldap.user.enable', input },
      { dependsOn: ['create_user', 'set_first_password', 'add_to_groups'], ofNewUser: true },
    ),
    ...handOverSteps(body, user),
    ...welcomeSteps(body, user),
  ];
}

/** Only when the password opens the account: a link that leads nowhere would be forgotten. */
function handOverSteps({ passwordTo }: OnboardingBody, user: string): readonly StepTemplate[] {
  if (passwordTo === null) return [];
  const handOver = { ofStep: 'set_first_password', userName: user, to: [passwordTo] };
  return [handOverStep(handOver, { dependsOn: ['set_first_password', 'enable_sign_in'] })];
}

function welcomeSteps(body: OnboardingBody, user: string): readonly StepTemplate[] {
  if (body.welcomeMailTo === null) return [];
  const input = {
    to: [body.welcomeMailTo],
    subject: `Welcome, ${body.joiner.givenName}`,
    text: welcomeText(body, user),
  };
  return [
    step(
      { id: 'welcome_mail', title: 'Send the welcome mail', block: 'mail.send', system: 'mail', input },
      { dependsOn: ['enable_sign_in'] },
    ),
  ];
}

function welcomeText({ joiner, domain }: OnboardingBody, user: string): string {
  const mail = mailOf({ domain }, user);
  const en = [`Hello ${joiner.givenName} ${joiner.surname},`, 'your account is ready.', `User name: ${user}`];
  const de = [
    `Guten Tag ${joiner.givenName} ${joiner.surname},`,
    'Ihr Zugang ist eingerichtet.',
    `Benutzername: ${user}`,
  ];
  return [
    ...[
      ...en,
      ...(mail === null ? [] : [`Mail address: ${mail}`]),
      'Your first password comes in a mail of its own.',
      '',
    ],
    ...[
      ...de,
      ...(mail === null ? [] : [`Mailadresse: ${mail}`]),
      'Ihr erstes Kennwort kommt in einer eigenen Mail.',
      '',
    ],
  ].join('\n');
}

function newsSteps(body: OnboardingBody, user: string, selected: readonly StepTemplate[]): StepTemplate[] {
  const reference = body.reference ? ` (${body.reference})` : '';
  return notifySteps(body.notify, {
    subject: `On-boarding of ${user} has run`,
    text: `The on-boarding of ${user}${reference} has run.\nThe outcome of each step is in its history.\n\nDas Onboarding von ${user}${reference} ist gelaufen.\nDas Ergebnis jedes Schritts steht im Verlauf.\n`,
    content: { event: 'onboarding.ran', user, reference: body.reference },
    dependsOn: onTheDay(selected),
  });
}
