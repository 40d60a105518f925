import type { MoverBody, MoverFields } from './mover-steps.js';
import { requestedInstant } from './offsets-local-time.js';
import type { Offsets } from './offsets.js';
import { GroupsAmbiguous, NothingToChange } from './onboarding.errors.js';
import type { Notify } from './process-steps.js';
import { chosenManualSteps, chosenOffsets, withFieldRules, type ManualStepWish } from './template-apply.js';
import { templateOf, type Known } from './template-known.js';

/** What a customer asks for; null removes a field, absent leaves it. */
export interface MoverWish extends MoverFields {
  readonly user: string;
  readonly effectiveAt: string;
  readonly groups?: MoverGroupsWish | undefined;
  readonly offsets?: Offsets | undefined;
  readonly manualSteps?: readonly ManualStepWish[] | undefined;
  readonly reference?: string | undefined;
  readonly notify?: Notify | undefined;
}

export interface MoverGroupsWish {
  readonly like?: string | undefined;
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
}

const FIELDS = [
  'title',
  'department',
  'company',
  'streetAddress',
  'postalCode',
  'city',
  'state',
  'businessPhones',
  'mobilePhone',
  'manager',
] as const satisfies readonly (keyof MoverFields)[];

/**
 * The request that a wish and the customer's template make. Throws `NothingToChange`, `GroupsAmbiguous`, `AgainstTemplate`,
 * `OffsetNotAllowed` and what `requestedInstant` throws.
 */
export function moverBody(asked: MoverWish, known: Known): MoverBody {
  const template = templateOf(known);
  const wish = withFieldRules(asked, template);
  const fields = fieldsOf(wish);
  const groups = groupsOf(wish.groups);
  const manualSteps = chosenManualSteps(wish.manualSteps, template);
  if (Object.keys(fields).length === 0 && groups === null)
    throw new NothingToChange('Name at least one field or group that changes.');
  const { user, effectiveAt, reference, notify } = wish;
  const done = [
    ...(Object.keys(fields).length > 0 ? ['set_attributes'] : []),
    ...(groups === null ? [] : ['change_groups']),
  ];
  return {
    type: 'mover',
    user,
    effectiveAt,
    startsAt: requestedInstant(effectiveAt, 'effectiveAt', known),
    timeZone: known.timeZone,
    fields,
    groups,
    manualSteps,
    offsets: chosenOffsets(wish.offsets, template, done),
    reference: reference ?? null,
    notify: notify ?? null,
  };
}

function fieldsOf(wish: MoverWish): MoverFields {
  return Object.fromEntries(FIELDS.flatMap((name) => (wish[name] === undefined ? [] : [[name, wish[name]]])));
}

function groupsOf(wish: MoverGroupsWish | undefined): MoverBody['groups'] {
  const { like, add = [], remove = [] } = wish ?? {};
  const twice = add.filter((group) => remove.includes(group));
  if (twice.length > 0 || (like !== undefined && add.length + remove.length > 0))
    throw new GroupsAmbiguous('Say whose groups these are to be, or name groups to add and others to remove.', {
      errors: [{ path: 'groups', code: 'ambiguous', message: 'See the detail.' }],
    });
  return like === undefined && add.length + remove.length === 0 ? null : { like: like ?? null, add, remove };
}
