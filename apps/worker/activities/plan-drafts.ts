import { fieldKey, type JsonObject } from '#libs/kernel';
import { recordedEffect, type StepDraft, type StepRow, type UndoDraft } from '#libs/process';
import type { Plan, PlanRemark } from '#libs/process/model';
import { handOverStep } from '#libs/requests/model';
import { timedSteps } from './step-drafts.js';

export interface ReinstatementDrafts {
  readonly undo: readonly UndoDraft[];
  /** What is done anew because it cannot be brought back, e.g. a password. */
  readonly anew: readonly StepDraft[];
  readonly remarks: readonly PlanRemark[];
}

/** The run that is taken back. */
export interface SourceRun {
  readonly runId: string;
  readonly plan: Plan;
  readonly steps: readonly StepRow[];
}

/** What a reinstatement asks for besides taking everything back. */
export interface ReinstatementWish {
  readonly startsAt: string;
  readonly overwrite: readonly string[];
  readonly passwordTo?: readonly string[] | undefined;
}

/**
 * The steps that take a run back: each step that wrote something is undone after those that depended on it. What a block
 * can only do anew (`renewable`: a password has no before-image) is done anew; what else is irreversible is told to the
 * approver. Steps that took something back themselves (the end of an absence, of a grant) stay as they are.
 */
export function reinstatementDrafts(
  source: SourceRun,
  { startsAt, overwrite, passwordTo = [] }: ReinstatementWish,
  isRenewable: (block: string) => boolean,
): ReinstatementDrafts {
  const written = source.steps.filter((step) => step.before_image !== null && step.verb === 'apply');
  const returning = written.filter((step) => step.before_image!.irreversible === null);
  const lost = written.filter((step) => step.before_image!.irreversible !== null);
  const renewed = lost.filter((row) => isRenewable(row.block));
  return {
    undo: returning.map((row) => undoDraft(source, row, returning, overwrite)),
    anew: renewed.flatMap((row) => {
      const password = newPassword(row, plannedInput(source, row));
      return passwordTo.length === 0 ? [password] : [password, handOver(password, passwordTo, startsAt)];
    }),
    remarks: lost.map((row) => remarkOn(row, renewed.includes(row))),
  };
}

function undoDraft(
  { runId, plan }: SourceRun,
  row: StepRow,
  returning: readonly StepRow[],
  overwrite: readonly string[],
): UndoDraft {
  const ids = new Set(returning.map((step) => step.step_id));
  const step = plan.steps.find((one) => one.id === row.step_id)!;
  const dependants = plan.steps.filter((other) => ids.has(other.id) && other.dependsOn.includes(row.step_id));
  const ofStep = `${row.step_id}:`;
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
    source: { runId, stepId: row.step_id },
    of: step.input,
    recorded: recordedEffect(row)!,
    overwrite: [
      ...overwrite.filter((key) => key.startsWith(ofStep)).map((key) => key.slice(ofStep.length)),
      ...changedByOwnRun(row, returning),
    ],
  };
}

/**
 * The fields of a step that other steps of the same run changed after it (an entry that was made closed and opened later).
 * They are taken back first, so that what stands there while this is planned is no change by somebody else.
 */
function changedByOwnRun(row: StepRow, returning: readonly StepRow[]): readonly string[] {
  const { changes, identity } = recordedEffect(row)!;
  const others = returning.filter((other) => other.step_id !== row.step_id && other.system === row.system);
  const written = new Set(
    others.flatMap((other) => other.before_image!.changes.map((change) => fieldKey(change, null))),
  );
  return changes.filter((change) => written.has(fieldKey(change, null))).map((change) => fieldKey(change, identity));
}

function plannedInput({ plan }: SourceRun, row: StepRow): JsonObject {
  return plan.steps.find((step) => step.id === row.step_id)!.input;
}

function newPassword({ block, system }: StepRow, input: JsonObject): StepDraft {
  const flags = { accessCritical: false, runsAfterFailure: false };
  return {
    id: 'new_password',
    title: 'Set a new password',
    block,
    system,
    dependsOn: [],
    ...flags,
    notBefore: null,
    input,
  };
}

/** Brings the new password to its receiver: nobody else can read it. */
function handOver({ id, input }: StepDraft, to: readonly string[], startsAt: string): StepDraft {
  const step = handOverStep({ ofStep: id, userName: String(input['user']), to });
  return timedSteps([step], { startsAt }).drafts[0]!;
}

function remarkOn(row: StepRow, isRenewed: boolean): PlanRemark {
  const text = isRenewed
    ? 'The old password cannot come back; the user gets a new one.'
    : `${row.title}: ${row.before_image!.irreversible}`;
  return {
    stepId: row.step_id,
    code: isRenewed ? 'reinstatement.new_password' : 'reinstatement.irreversible',
    text,
  };
}
