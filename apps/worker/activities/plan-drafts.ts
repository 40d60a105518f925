import type { JsonObject } from '#libs/kernel';
import type { StepDraft, StepRow, UndoDraft } from '#libs/process';
import type { Plan, PlanRemark } from '#libs/process/model';
import { handOverStep, offboardingSteps, type OffboardingBody } from '#libs/requests/model';

const DAY_MS = 86_400_000;

/** The off-boarding's steps with their earliest instants. */
export function offboardingDrafts(body: OffboardingBody): StepDraft[] {
  return offboardingSteps(body).map(({ offsetDays, ...step }) => ({
    ...step,
    notBefore: offsetDays === 0 ? null : daysAfter(body.startsAt, offsetDays),
  }));
}

function daysAfter(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * DAY_MS).toISOString();
}

export interface ReinstatementDrafts {
  readonly undo: readonly UndoDraft[];
  /** What is done anew because it cannot be brought back, e.g. a password. */
  readonly anew: readonly StepDraft[];
  readonly remarks: readonly PlanRemark[];
}

/**
 * The steps that take a run back: each step that wrote something is undone after those that depended on it. A password
 * has no before-image, so the user gets a new one; what else is irreversible is told to the approver.
 */
export function reinstatementDrafts(
  source: { runId: string; plan: Plan; steps: readonly StepRow[] },
  overwrite: readonly string[],
  passwordTo: readonly string[] = [],
): ReinstatementDrafts {
  const written = source.steps.filter((step) => step.before_image !== null);
  const returning = written.filter((step) => step.before_image!.irreversible === null);
  const ids = new Set(returning.map((step) => step.step_id));
  const planned = new Map(source.plan.steps.map((step) => [step.id, step]));
  const undo = returning.map((row): UndoDraft => {
    const step = planned.get(row.step_id)!;
    const dependants = source.plan.steps.filter((other) => ids.has(other.id) && other.dependsOn.includes(row.step_id));
    return {
      id: `undo_${row.step_id}`,
      title: `Take back: ${row.title}`,
      block: row.block,
      system: row.system,
      dependsOn: dependants.map((other) => `undo_${other.id}`),
      accessCritical: false,
      // whoever was locked out gets in again even if a group could not be given back
      runsAfterFailure: step.accessCritical,
      notBefore: null,
      source: { runId: source.runId, stepId: row.step_id },
      of: step.input,
      recorded: row.before_image!,
      overwrite: overwrite
        .filter((key) => key.startsWith(`${row.step_id}:`))
        .map((key) => key.slice(row.step_id.length + 1)),
    };
  });
  const lost = written.filter((step) => step.before_image!.irreversible !== null);
  return {
    undo,
    anew: lost.filter(isPassword).flatMap((row) => {
      const password = newPassword(row, planned.get(row.step_id)!.input);
      return passwordTo.length === 0 ? [password] : [password, handOver(password, passwordTo)];
    }),
    remarks: lost.map(remarkOn),
  };
}

function isPassword(row: StepRow): boolean {
  return row.block === 'ldap.user.reset-password';
}

function newPassword(row: StepRow, input: JsonObject): StepDraft {
  return {
    id: 'new_password',
    title: 'Set a new password',
    block: row.block,
    system: row.system,
    dependsOn: [],
    accessCritical: false,
    runsAfterFailure: false,
    notBefore: null,
    input,
  };
}

/** Brings the new password to its receiver: nobody else can read it. */
function handOver({ id, input }: StepDraft, to: readonly string[]): StepDraft {
  const { dependsOn, input: given, ...step } = handOverStep({ ofStep: id, userName: String(input['user']), to });
  const { title, block, system, accessCritical, runsAfterFailure } = step;
  const kept = { id: step.id, title, block, system, dependsOn, accessCritical, runsAfterFailure };
  return { ...kept, notBefore: null, input: given };
}

function remarkOn(row: StepRow): PlanRemark {
  const text = isPassword(row)
    ? 'The old password cannot come back; the user gets a new one.'
    : `${row.title}: ${row.before_image!.irreversible}`;
  return {
    stepId: row.step_id,
    code: isPassword(row) ? 'reinstatement.new_password' : 'reinstatement.irreversible',
    text,
  };
}
