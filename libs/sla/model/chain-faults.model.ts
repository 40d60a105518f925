import type { FieldProblem } from '#libs/kernel';
import {
  LONGEST_WAIT_MINUTES,
  MOST_RECEIVERS,
  MOST_REPEATS,
  MOST_STEPS,
  type Chain,
  type ChainStep,
  type Receiver,
  type Trigger,
  type Within,
} from './chain.model.js';
import { wallTime, WEEKDAYS } from './service-calendar.model.js';
import { TARGET_KINDS } from './ticket-facts.model.js';

type Fields = Readonly<Record<string, unknown>>;
type Faults = FieldProblem[];

/** A chain as somebody sent it, and what is wrong with it: without faults it is one that can work. */
export interface ReadChain {
  readonly chain: Chain;
  readonly faults: readonly FieldProblem[];
}

const LONGEST_NAME = 200;
const RAISED = ['critical', 'high', 'medium'];
const PRIORITIES = ['critical', 'high', 'medium', 'low'];

/** Reads a chain field by field; `isZone` says whether this machine knows an IANA zone. */
export function readChain(sent: Fields, isZone: (name: string) => boolean): ReadChain {
  const faults: Faults = [];
  const given = Array.isArray(sent['steps']) ? (sent['steps'] as unknown[]) : [];
  const steps = given.slice(0, MOST_STEPS).flatMap((step, index) => readStep(step, `steps.${index}`, faults, isZone));
  if (given.length > MOST_STEPS) add(faults, 'steps', 'too_many', `A chain has ${MOST_STEPS} steps at most.`);
  if (faults.length === 0 && !steps.some(({ kind }) => kind === 'notify'))
    add(faults, 'steps', 'nobody_told', 'Add a step that tells somebody: a chain without people changes nothing.');
  const repeat = readNumber(sent, 'repeat', 0, MOST_REPEATS, faults) ?? 0;
  if (repeat > 0 && faults.length === 0 && !steps.some(({ kind }) => kind === 'wait'))
    add(faults, 'repeat', 'without_wait', 'Add a step that waits: without one all repeats come at once.');
  const acknowledgementMinutes = readNumber(sent, 'acknowledgementMinutes', 1, LONGEST_WAIT_MINUTES, faults);
  return { chain: { steps, repeat, acknowledgementMinutes }, faults };
}

function readStep(value: unknown, path: string, faults: Faults, isZone: (name: string) => boolean): ChainStep[] {
  const step = fieldsOf(value);
  const within = step['within'] === undefined ? {} : readWithin(step['within'], `${path}.within`, faults, isZone);
  switch (step['kind']) {
    case 'wait':
      return readWait(step, path, faults);
    case 'notify':
      return [{ kind: 'notify', receivers: readReceivers(step['receivers'], `${path}.receivers`, faults), ...within }];
    case 'raise_priority': {
      const { to } = step;
      if (to !== undefined && !RAISED.includes(to as string))
        add(faults, `${path}.to`, 'not_allowed', `Write one of ${RAISED.join(', ')}, or leave it out.`);
      return [{ kind: 'raise_priority', ...(to === undefined ? {} : { to: to as 'critical' }), ...within }];
    }
    case 'reassign':
      return readReassign(step, path, faults, within);
    case 'conference':
      return [{ kind: 'conference', ...within }];
    default:
      add(faults, `${path}.kind`, 'not_allowed', 'Write wait, notify, raise_priority, reassign or conference.');
      return [];
  }
}

function readWait({ minutes }: Fields, path: string, faults: Faults): ChainStep[] {
  if (typeof minutes === 'number' && minutes > 0 && minutes <= LONGEST_WAIT_MINUTES) return [{ kind: 'wait', minutes }];
  const message = `Wait more than 0 and at most ${LONGEST_WAIT_MINUTES} minutes.`;
  add(faults, `${path}.minutes`, 'out_of_range', message);
  return [];
}

function readReassign(step: Fields, path: string, faults: Faults, within: { within?: Within }): ChainStep[] {
  const { team, technician } = step;
  const place = { ...(isName(team) ? { team } : {}), ...(isName(technician) ? { technician } : {}) };
  if (Object.keys(place).length === 0) add(faults, path, 'missing', 'Name a team, a technician, or both.');
  return [{ kind: 'reassign', ...place, ...within }];
}

function readReceivers(value: unknown, path: string, faults: Faults): Receiver[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  if (list.length === 0 || list.length > MOST_RECEIVERS)
    add(faults, path, list.length === 0 ? 'too_few' : 'too_many', `Name 1 to ${MOST_RECEIVERS} receivers.`);
  return list.slice(0, MOST_RECEIVERS).flatMap((one, index): Receiver[] => {
    const { kind, subject, id, name } = fieldsOf(one);
    if (kind === 'person' && isName(subject)) return [{ kind, subject }];
    if ((kind === 'schedule' || kind === 'team') && isName(id)) return [{ kind, id }];
    if (kind === 'channel' && isName(name)) return [{ kind, name }];
    const message = 'Write a person with its subject, a schedule or team with its id, or a channel with its name.';
    add(faults, `${path}.${index}`, 'not_a_receiver', message);
    return [];
  });
}

function readWithin(
  value: unknown,
  path: string,
  faults: Faults,
  isZone: (name: string) => boolean,
): { within?: Within } {
  const { timezone, weekly, outside } = fieldsOf(value);
  if (typeof timezone !== 'string' || !isZone(timezone))
    add(faults, `${path}.timezone`, 'zone_unknown', 'Write an IANA zone, such as Europe/Berlin.');
  if (outside !== 'wait' && outside !== 'skip')
    add(faults, `${path}.outside`, 'not_allowed', 'Write wait or skip: what happens outside of these hours.');
  const days = Object.entries(fieldsOf(weekly));
  const isWeek = days.length > 0 && days.every(([day, spans]) => WEEKDAYS.includes(day as 'mon') && isHours(spans));
  if (!isWeek) {
    const message = 'Write hours by weekday, such as {"mon": [["08:00", "18:00"]]}; a night is two intervals.';
    add(faults, `${path}.weekly`, 'not_hours', message);
  }
  return { within: { timezone, weekly, outside } as Within };
}

function isHours(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > 10) return false;
  return (value as unknown[]).every((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [from, to] = (pair as unknown[]).map((time) => (typeof time === 'string' ? wallTime(time) : undefined));
    return from !== undefined && to !== undefined && from < to;
  });
}

/** What is wrong with triggers, field by field, and what was read. */
export function readTriggers(sent: readonly unknown[]): {
  readonly triggers: readonly Trigger[];
  readonly faults: readonly FieldProblem[];
} {
  const faults: Faults = [];
  const triggers = sent.flatMap((one, index) => readTrigger(fieldsOf(one), `triggers.${index}`, faults));
  return { triggers, faults };
}

function readTrigger({ on, clock, priorities, chain }: Fields, path: string, faults: Faults): Trigger[] {
  const before = faults.length;
  if (!isName(chain)) add(faults, `${path}.chain`, 'missing', 'Name a chain.');
  // what is accepted is kept (design, rule 12): no alert reaches a ticket yet that could start it
  if (on === 'alert') {
    add(faults, `${path}.on`, 'not_enforced', 'Alerts start no chain yet. Start it by hand.');
    return [];
  }
  if (on !== 'warning' && on !== 'breach') add(faults, `${path}.on`, 'not_allowed', 'Write warning or breach.');
  if (!TARGET_KINDS.includes(clock as 'update'))
    add(faults, `${path}.clock`, 'not_allowed', `Write one of ${TARGET_KINDS.join(', ')}.`);
  const isList = Array.isArray(priorities) && priorities.length > 0;
  if (priorities !== undefined && !(isList && priorities.every((one) => PRIORITIES.includes(one as string))))
    add(faults, `${path}.priorities`, 'not_allowed', `Write some of ${PRIORITIES.join(', ')}, or leave it out.`);
  if (faults.length > before) return [];
  const some = priorities === undefined ? {} : { priorities: priorities as string[] };
  return [{ on: on as 'breach', clock: clock as 'update', ...some, chain: chain as string }];
}

function readNumber(sent: Fields, field: string, least: number, most: number, faults: Faults): number | null {
  const value = sent[field];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  add(faults, field, 'out_of_range', `Write a whole number from ${least} to ${most}.`);
  return null;
}

function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_NAME;
}

function add(faults: Faults, path: string, code: string, message: string): void {
  faults.push({ path, code, message });
}
