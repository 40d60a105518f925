import type { FieldProblem } from '#libs/kernel';
import type { SlaPolicy } from './sla-policy.model.js';

const LARGEST_MINUTES = 525_600;
/** Less is no target that anybody means. */
const SMALLEST_MINUTES = 0.01;

/** What is wrong with a policy, field by field; `known` says whether there is a calendar of a name. */
export function policyFaults(policy: SlaPolicy, known: (calendar: string) => boolean): FieldProblem[] {
  return [
    ...policy.lines.flatMap((line, index) => [
      ...targetFaults(line.targets, `lines.${index}.targets`),
      ...calendarFault(line.calendar, `lines.${index}.calendar`, known),
      ...twiceFault(policy, index),
    ]),
    ...(policy.availability ? calendarFault(policy.availability.calendar, 'availability.calendar', known) : []),
  ];
}

function targetFaults(targets: SlaPolicy['lines'][number]['targets'], path: string): FieldProblem[] {
  const entries = Object.entries(targets);
  if (entries.length === 0) return [{ path, code: 'too_few', message: 'A line names at least one target.' }];
  return entries.flatMap(([kind, minutes]) => {
    if (minutes === null || (minutes >= SMALLEST_MINUTES && minutes <= LARGEST_MINUTES)) return [];
    const message =
      minutes < SMALLEST_MINUTES
        ? 'A target is more than 0 minutes. Write null where there is no SLA.'
        : `A target is ${LARGEST_MINUTES} business minutes at most.`;
    return [{ path: `${path}.${kind}`, code: minutes < SMALLEST_MINUTES ? 'not_above_zero' : 'too_large', message }];
  });
}

function calendarFault(name: string, path: string, known: (calendar: string) => boolean): FieldProblem[] {
  if (known(name)) return [];
  return [
    { path, code: 'calendar_unknown', message: `There is no calendar ${name}. Save it first, or take "always".` },
  ];
}

/** Of two lines for the same tickets nobody could say which is meant. */
function twiceFault({ lines }: SlaPolicy, index: number): FieldProblem[] {
  const line = lines[index]!;
  const other = lines
    .slice(0, index)
    .findIndex(
      (one) =>
        one.type === line.type &&
        one.priority === line.priority &&
        Object.keys(one.targets).some((kind) => kind in line.targets),
    );
  if (other < 0) return [];
  const message = `Line ${other} says that of the same tickets already. Leave one of them out.`;
  return [{ path: `lines.${index}`, code: 'twice', message }];
}
