import { endsOfGrants, grantSteps, type Grant } from './grants.js';
import { manualStepTemplates, type ManualStep } from './manual-steps.js';
import {
  directoryStep,
  notifySteps,
  onTheDay,
  withOffsets,
  withSelectedDependencies,
  type Notify,
  type StepTemplate,
} from './process-steps.js';

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
  /** The customer's zone (IANA), in which days are counted. Absent, like all below, in requests of the first version. */
  readonly timeZone?: string;
  readonly offsets?: Readonly<Record<string, number>>;
  /** Minutes by access-critical step. */
  readonly deadlineMinutes?: Readonly<Record<string, number>>;
  readonly manualSteps?: readonly ManualStep[];
  readonly grants?: readonly Grant[];
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

/** What locks a leaver out: these have a deadline. */
export const ACCESS_CRITICAL_STEPS = [
  'reset_password',
  'disable_sign_in',
] as const satisfies readonly OffboardingStep[];

/** Minutes after the last working hour by which a leaver has to be locked out. */
export const DEFAULT_DEADLINE_MINUTES = 15;

/** Days that a leaver's entry is kept before `delete_user` removes it. */
export const RETENTION_DAYS = 30;

/**
 * The off-boarding's graph for one request. What locks the leaver out comes first: the password, then the sign-in, because
 * OpenLDAP takes an account's lock away for a moment when its password is set; the sign-in is disabled whatever came of the
 * password, and groups come after it in the same way. The entry moves once its memberships are gone; telling somebody comes
 * last and happens whatever failed.
 */
export function offboardingSteps(body: OffboardingBody): readonly StepTemplate[] {
  const grants = grantSteps(body.user, body.grants);
  const all = [...accessSteps(body), ...entrySteps(body, grants)];
  const chosen = all.filter((step) => (body.steps as readonly string[]).includes(step.id));
  const selected = withOffsets(chosen, body.offsets);
  const steps = [...selected, ...grants, ...manualStepTemplates(body.manualSteps)];
  return withSelectedDependencies([...steps, ...newsSteps(body, steps)]);
}

function accessSteps({ user, deadlineMinutes = {} }: OffboardingBody): readonly StepTemplate[] {
  const deadline = (id: OffboardingStep): Partial<StepTemplate> =>
    deadlineMinutes[id] === undefined ? {} : { deadlineMinutes: deadlineMinutes[id] };
  return [
    directoryStep(
      { id: 'reset_password', title: 'Reset password', block: 'ldap.user.reset-password', input: { user } },
      { accessCritical: true, ...deadline('reset_password') },
    ),
    directoryStep(
      { id: 'disable_sign_in', title: 'Disable sign-in', block: 'ldap.user.disable', input: { user } },
      { dependsOn: ['reset_password'], accessCritical: true, runsAfterFailure: true, ...deadline('disable_sign_in') },
    ),
    directoryStep(
      { id: 'remove_from_groups', title: 'Remove from groups', block: 'ldap.user.remove-from-groups', input: { user } },
      { dependsOn: ['disable_sign_in'], runsAfterFailure: true },
    ),
  ];
}

function entrySteps({ user }: OffboardingBody, grants: readonly StepTemplate[]): readonly StepTemplate[] {
  const phones = { user, attributes: { telephoneNumber: null, mobile: null } };
  return [
    directoryStep({
      id: 'remove_phone_number',
      title: 'Remove phone numbers',
      block: 'ldap.user.set-attributes',
      input: phones,
    }),
    directoryStep(
      { id: 'move_to_leavers', title: 'Move to the leavers’ unit', block: 'ldap.user.move', input: { user } },
      { dependsOn: ['remove_from_groups', 'remove_phone_number'] },
    ),
    directoryStep(
      { id: 'delete_user', title: 'Delete the user', block: 'ldap.user.delete', input: { user } },
      {
        dependsOn: ['disable_sign_in', 'remove_from_groups', 'move_to_leavers', ...endsOfGrants(grants)],
        offsetDays: RETENTION_DAYS,
      },
    ),
  ];
}

function newsSteps(body: OffboardingBody, selected: readonly StepTemplate[]): StepTemplate[] {
  return notifySteps(body.notify, {
    subject: `Off-boarding of ${body.user} has run`,
    text: mailText(body),
    content: { event: 'offboarding.ran', user: body.user, reference: body.reference },
    // a deletion weeks later must not hold the news back
    dependsOn: onTheDay(selected),
  });
}

function mailText(body: OffboardingBody): string {
  const reference = body.reference ? ` (${body.reference})` : '';
  return `The off-boarding of ${body.user}${reference} has run.\nThe outcome of each step is in its history.\n\nDas Offboarding von ${body.user}${reference} ist gelaufen.\nDas Ergebnis jedes Schritts steht im Verlauf.\n`;
}
