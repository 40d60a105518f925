import type { StepDraft } from '#libs/process';
import type { ManualTask, PlanStep } from '#libs/process/model';
import { daysAway, minutesAfter } from '#libs/requests';
import type { StepTemplate } from '#libs/requests/model';

/** When a request happens: its instant (UTC) and the zone (IANA) that its days are counted in. */
export interface Times {
  readonly startsAt: string;
  /** Absent in requests from before there were offsets: their days have 24 hours. */
  readonly timeZone?: string;
}

/** The steps of a process with their instants: those that are planned against a system, and those that end others. */
export interface TimedSteps {
  readonly drafts: readonly StepDraft[];
  readonly takingBack: readonly PlanStep[];
}

/** Works out when each step happens, by when, and when somebody is reminded. */
export function timedSteps(steps: readonly StepTemplate[], times: Times): TimedSteps {
  return {
    drafts: steps.filter((step) => step.takesBack === undefined).map((step) => draftOf(step, times)),
    takingBack: steps.filter((step) => step.takesBack !== undefined).map((step) => takingBack(step, times)),
  };
}

function draftOf(step: StepTemplate, times: Times): StepDraft {
  const { id, title, block, system, dependsOn, accessCritical, runsAfterFailure, input } = step;
  const at = instantOf(step, times);
  const isOnTheHour = step.at === undefined && step.offsetDays === 0;
  return {
    ...{ id, title, block, system, dependsOn, accessCritical, runsAfterFailure, input },
    notBefore: isOnTheHour ? null : at,
    ...(step.deadlineMinutes === undefined ? {} : { deadline: minutesAfter(at, step.deadlineMinutes) }),
    ...(step.dueDays === undefined ? {} : { manual: manualTask(at, step.dueDays, times) }),
  };
}

/** What the run itself will have done is not known before: its end is approved as such, and undone from the ledger. */
function takingBack(step: StepTemplate, times: Times): PlanStep {
  const { id, title, block, system, dependsOn, accessCritical, runsAfterFailure, input, takesBack } = step;
  const text = 'Takes back exactly what that step of this run will have changed.';
  const notes = [{ code: 'process.takes_back_own_step', text }];
  return {
    ...{ id, title, block, system, dependsOn, accessCritical, runsAfterFailure },
    notBefore: instantOf(step, times),
    undoable: false,
    verb: 'undo',
    input: { of: input, overwrite: [] },
    source: { runId: null, stepId: takesBack! },
    effect: { identity: null, changes: [], irreversible: null, notes, kept: [] },
  };
}

function instantOf({ at, offsetDays }: StepTemplate, { startsAt, timeZone = 'UTC' }: Times): string {
  return at ?? (offsetDays === 0 ? startsAt : daysAway(startsAt, offsetDays, timeZone));
}

/** Whoever has it is reminded the day before it is due, where that is not the day it began, and when it is due. */
function manualTask(at: string, dueDays: number, { timeZone = 'UTC' }: Times): ManualTask {
  const dueAt = daysAway(at, dueDays, timeZone);
  const dayBefore = daysAway(dueAt, -1, timeZone);
  return { dueAt, remindAt: dayBefore > at ? [dayBefore, dueAt] : [dueAt] };
}
