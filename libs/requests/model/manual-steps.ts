import { step, type StepTemplate } from './process-steps.js';

/** Something that a person has to do: hand a notebook over, collect keys. */
export interface ManualStep {
  readonly title: string;
  readonly instructions: string | null;
  /** Who does it: a person or team by name; null: whoever takes it. */
  readonly assignee: string | null;
  /** Calendar days after the request's hour at which it can begin. */
  readonly offsetDays: number;
  /** Calendar days after that by which it is due. */
  readonly dueDays: number;
}

/** A manual step that begins at the request's hour is due a day later, unless somebody says otherwise. */
export const DEFAULT_DUE_DAYS = 1;
export const MOST_DUE_DAYS = 90;
export const MOST_MANUAL_STEPS = 30;

/** One step for each, named by its place: `manual_1`, `manual_2` … */
export function manualStepTemplates(
  steps: readonly ManualStep[] = [],
  name: 'manual' | 'equipment' = 'manual',
): StepTemplate[] {
  return steps.map(({ title, instructions, assignee, offsetDays, dueDays }, index) => {
    const input = {
      title,
      ...(instructions === null ? {} : { instructions }),
      ...(assignee === null ? {} : { assignee }),
    };
    const id = `${name}_${index + 1}`;
    return step({ id, title, block: 'manual.task', system: 'people', input }, { offsetDays, dueDays });
  });
}
