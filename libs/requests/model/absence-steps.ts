import { grantSteps, type Grant } from './grants.js';
import { manualStepTemplates, type ManualStep } from './manual-steps.js';
import {
  directoryStep,
  notifySteps,
  onTheDay,
  takingBack,
  withOffsets,
  withSelectedDependencies,
  type Notify,
  type StepTemplate,
} from './process-steps.js';

export interface AbsenceBody {
  readonly type: 'absence';
  readonly user: string;
  /** As they were sent: local time in the customer's zone, or with an offset. */
  readonly from: string;
  readonly until: string;
  /** The instants they mean (UTC). */
  readonly startsAt: string;
  readonly returnsAt: string;
  /** The customer's zone (IANA), in which days are counted. */
  readonly timeZone: string;
  readonly steps: readonly AbsenceStep[];
  readonly offsets: Readonly<Record<string, number>>;
  readonly grants: readonly Grant[];
  readonly manualSteps: readonly ManualStep[];
  readonly reference: string | null;
  readonly notify: Notify | null;
}

/** What is suspended and brought back, in the order it is shown. */
export const ABSENCE_STEPS = ['disable_sign_in', 'remove_from_groups'] as const;
export type AbsenceStep = (typeof ABSENCE_STEPS)[number];

/** Without a choice: the sign-in alone. Whoever comes back finds the rest as it was. */
export const DEFAULT_ABSENCE_STEPS: readonly AbsenceStep[] = ['disable_sign_in'];

/**
 * The absence's graph for one request: what is suspended on one day is brought back on another by the same run, from what
 * its own steps recorded: groups before the sign-in, so that who gets in finds everything.
 */
export function absenceSteps(body: AbsenceBody): readonly StepTemplate[] {
  const chosen = suspensions(body).filter((one) => (body.steps as readonly string[]).includes(one.id));
  const suspended = withOffsets(chosen, body.offsets);
  const grants = grantSteps(body.user, body.grants);
  const steps = [...suspended, ...grants, ...manualStepTemplates(body.manualSteps)];
  const returns = returnSteps(body, suspended);
  return withSelectedDependencies([...steps, ...returns, ...newsSteps(body, steps)]);
}

function suspensions({ user }: AbsenceBody): readonly StepTemplate[] {
  return [
    directoryStep(
      { id: 'disable_sign_in', title: 'Disable sign-in', block: 'ldap.user.disable', input: { user } },
      { accessCritical: true },
    ),
    directoryStep(
      { id: 'remove_from_groups', title: 'Remove from groups', block: 'ldap.user.remove-from-groups', input: { user } },
      { dependsOn: ['disable_sign_in'], runsAfterFailure: true },
    ),
  ];
}

function returnSteps({ returnsAt }: AbsenceBody, suspended: readonly StepTemplate[]): StepTemplate[] {
  return suspended.map((one) => {
    const dependants = suspended
      .filter((other) => other.dependsOn.includes(one.id))
      .map((other) => `return_${other.id}`);
    return takingBack(one, `return_${one.id}`, `On the return, take back: ${one.title}`, {
      at: returnsAt,
      dependsOn: dependants,
    });
  });
}

function newsSteps(body: AbsenceBody, selected: readonly StepTemplate[]): StepTemplate[] {
  const reference = body.reference ? ` (${body.reference})` : '';
  return notifySteps(body.notify, {
    subject: `${body.user} is suspended until the return`,
    text: `${body.user}${reference} is suspended until ${body.until}.\nThe outcome of each step is in its history.\n\n${body.user}${reference} ist bis ${body.until} ausgesetzt.\nDas Ergebnis jedes Schritts steht im Verlauf.\n`,
    content: { event: 'absence.began', user: body.user, until: body.returnsAt, reference: body.reference },
    dependsOn: onTheDay(selected),
  });
}
