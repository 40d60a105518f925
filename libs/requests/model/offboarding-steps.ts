import type { JsonObject } from '#libs/kernel';

/** A step as the process defines it, before it is planned against the customer's system. */
export interface StepTemplate {
  readonly id: string;
  readonly title: string;
  readonly block: string;
  readonly system: string;
  /** Steps that come first; those that were not selected are left out. */
  readonly dependsOn: readonly string[];
  readonly accessCritical: boolean;
  readonly runsAfterFailure: boolean;
  /** Days after the last working hour; 0 is at that hour. */
  readonly offsetDays: number;
  readonly input: JsonObject;
}

export interface Notify {
  readonly mail?: readonly string[];
  readonly webhook?: string;
}

export interface OffboardingBody {
  readonly type: 'offboarding';
  readonly user: string;
  /** As it was sent: local time in the customer's zone, or with an offset. */
  readonly lastWorkingAt: string;
  /** The instant it means (UTC). */
  readonly startsAt: string;
  readonly steps: readonly OffboardingStep[];
  readonly reference: string | null;
  readonly notify: Notify | null;
}

/** What a customer can switch, in the order it is shown (vocabulary: leaver). */
export const OFFBOARDING_STEPS = [
  'reset_password',
  'disable_sign_in',
  'remove_from_groups',
  'remove_phone_number',
  'move_to_leavers',
  'delete_user',
] as const;
export type OffboardingStep = (typeof OFFBOARDING_STEPS)[number];

/** Without a choice: everything but the deletion, which cannot be taken back. */
export const DEFAULT_OFFBOARDING_STEPS: readonly OffboardingStep[] = OFFBOARDING_STEPS.filter(
  (step) => step !== 'delete_user',
);

/** Days that a leaver's entry is kept before `delete_user` removes it. */
export const RETENTION_DAYS = 30;

/**
 * The off-boarding's graph for one request. What locks the leaver out comes first: the password, then the sign-in, because
 * OpenLDAP takes an account's lock away for a moment when its password is set; the sign-in is disabled whatever came of the
 * password, and groups come after it in the same way. The entry moves once its memberships are gone; telling somebody comes
 * last and happens whatever failed.
 */
export function offboardingSteps(body: OffboardingBody): readonly StepTemplate[] {
  const user = body.user;
  const all: readonly StepTemplate[] = [
    directoryStep('reset_password', 'Reset password', 'ldap.user.reset-password', { user }, { accessCritical: true }),
    directoryStep(
      'disable_sign_in',
      'Disable sign-in',
      'ldap.user.disable',
      { user },
      { dependsOn: ['reset_password'], accessCritical: true, runsAfterFailure: true },
    ),
    directoryStep(
      'remove_from_groups',
      'Remove from groups',
      'ldap.user.remove-from-groups',
      { user },
      { dependsOn: ['disable_sign_in'], runsAfterFailure: true },
    ),
    directoryStep('remove_phone_number', 'Remove phone numbers', 'ldap.user.set-attributes', {
      user,
      attributes: { telephoneNumber: null, mobile: null },
    }),
    directoryStep(
      'move_to_leavers',
      'Move to the leavers’ unit',
      'ldap.user.move',
      { user },
      { dependsOn: ['remove_from_groups', 'remove_phone_number'] },
    ),
    directoryStep(
      'delete_user',
      'Delete the user',
      'ldap.user.delete',
      { user },
      {
        dependsOn: ['disable_sign_in', 'remove_from_groups', 'move_to_leavers'],
        offsetDays: RETENTION_DAYS,
      },
    ),
  ];
  const selected = all.filter((step) => (body.steps as readonly string[]).includes(step.id));
  return withSelectedDependencies([...selected, ...notifySteps(body, selected)]);
}

function directoryStep(
  id: OffboardingStep,
  title: string,
  block: string,
  input: JsonObject,
  more: Partial<StepTemplate> = {},
): StepTemplate {
  return {
    id,
    title,
    block,
    system: 'directory',
    dependsOn: [],
    accessCritical: false,
    runsAfterFailure: false,
    offsetDays: 0,
    input,
    ...more,
  };
}

function notifySteps(body: OffboardingBody, selected: readonly StepTemplate[]): StepTemplate[] {
  // a deletion weeks later must not hold the news back
  const dependsOn = selected.filter((step) => step.offsetDays === 0).map((step) => step.id);
  const common = { dependsOn, accessCritical: false, runsAfterFailure: true, offsetDays: 0 };
  const steps: StepTemplate[] = [];
  if (body.notify?.mail?.length) {
    const input = { to: [...body.notify.mail], subject: `Off-boarding of ${body.user} has run`, text: mailText(body) };
    steps.push({ ...common, id: 'notify_mail', title: 'Tell by mail', block: 'mail.send', system: 'mail', input });
  }
  if (body.notify?.webhook) {
    const content = { event: 'offboarding.ran', user: body.user, reference: body.reference };
    const input = { url: body.notify.webhook, method: 'POST', body: content };
    steps.push({
      ...common,
      id: 'notify_webhook',
      title: 'Tell by webhook',
      block: 'http.call',
      system: 'hooks',
      input,
    });
  }
  return steps;
}

function mailText(body: OffboardingBody): string {
  const reference = body.reference ? ` (${body.reference})` : '';
  return `The off-boarding of ${body.user}${reference} has run.\nThe outcome of each step is in its history.\n\nDas Offboarding von ${body.user}${reference} ist gelaufen.\nDas Ergebnis jedes Schritts steht im Verlauf.\n`;
}

function withSelectedDependencies(steps: readonly StepTemplate[]): readonly StepTemplate[] {
  const ids = new Set(steps.map((step) => step.id));
  return steps.map((step) => ({ ...step, dependsOn: step.dependsOn.filter((id) => ids.has(id)) }));
}
