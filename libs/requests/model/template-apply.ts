import type { FieldProblem } from '#libs/kernel';
import { DEFAULT_DUE_DAYS, type ManualStep } from './manual-steps.js';
import { isOffset, type Offsets } from './offsets.js';
import { OffsetNotAllowed } from './onboarding.errors.js';
import { AgainstTemplate } from './template.errors.js';
import type { ProcessTemplate, TemplateManualStep } from './template-schema.js';

/** A manual step as a request or a template names it. */
export type ManualStepWish = TemplateManualStep;

/**
 * The wish with the template's defaults where it says nothing. Throws `AgainstTemplate` with every
 * required field that is missing and every hidden one that is given.
 */
export function withFieldRules<Wish extends object>(wish: Wish, { fields = {} }: ProcessTemplate): Wish {
  const given = wish as Readonly<Record<string, unknown>>;
  const faults: FieldProblem[] = [];
  const filled: Record<string, unknown> = { ...given };
  for (const [name, rule] of Object.entries(fields)) {
    if (rule.use === 'hidden' && !isMissing(given[name]))
      faults.push({ path: name, code: 'hidden', message: `${name} is not used by this customer. Leave it out.` });
    if (isMissing(given[name]) && rule.default !== undefined) filled[name] = rule.default;
    if (rule.use === 'required' && isMissing(filled[name]))
      faults.push({ path: name, code: 'missing', message: `${name} is missing.` });
  }
  if (faults.length > 0) throw new AgainstTemplate(faults.map((fault) => fault.message).join(' '), { errors: faults });
  return filled as Wish;
}

function isMissing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

/** The steps that are done: those asked for, else those that the template or the process selects. */
export function selectedSteps<Step extends string>(
  asked: readonly Step[] | undefined,
  { steps = {} }: ProcessTemplate,
  all: readonly Step[],
  usual: readonly Step[],
): readonly Step[] {
  if (asked !== undefined) return all.filter((id) => asked.includes(id));
  return all.filter((id) => steps[id]?.selected ?? usual.includes(id));
}

/**
 * The offsets of the steps that are done: those asked for, else the template's. Throws `OffsetNotAllowed` for an offset
 * out of range or of a step that is not done: it would have no effect.
 */
export function chosenOffsets(
  asked: Offsets | undefined,
  { steps = {} }: ProcessTemplate,
  done: readonly string[],
): Offsets {
  const faults = Object.entries(asked ?? {}).flatMap(([id, days]): FieldProblem[] => {
    const path = `offsets.${id}`;
    if (!done.includes(id)) return [{ path, code: 'not_allowed', message: `${id} is not a step of this request.` }];
    return isOffset(days) ? [] : [{ path, code: 'out_of_range', message: 'Give whole days from -7 to 30.' }];
  });
  if (faults.length > 0) throw new OffsetNotAllowed(faults.map((fault) => fault.message).join(' '), { errors: faults });
  const chosen = done.flatMap((id) => {
    const days = asked?.[id] ?? steps[id]?.offsetDays;
    return days === undefined ? [] : [[id, days] as const];
  });
  return Object.fromEntries(chosen);
}

/** The template's manual steps, then those asked for. */
export function chosenManualSteps(
  asked: readonly ManualStepWish[] | undefined,
  { manualSteps = [] }: ProcessTemplate,
): readonly ManualStep[] {
  return [...manualSteps, ...(asked ?? [])].map((one) => ({
    title: one.title,
    instructions: one.instructions ?? null,
    assignee: one.assignee ?? null,
    offsetDays: one.offsetDays ?? 0,
    dueDays: one.dueDays ?? DEFAULT_DUE_DAYS,
  }));
}
