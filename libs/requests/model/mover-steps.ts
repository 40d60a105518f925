import type { JsonObject } from '#libs/kernel';
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

/** How a mover's groups change: like a colleague's, or by name. */
export interface GroupDifference {
  /** The colleague whose groups the mover has afterwards. */
  readonly like: string | null;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What becomes of fields of a mover's entry; null removes one, absent leaves it. */
export interface MoverFields {
  readonly title?: string | null;
  readonly department?: string | null;
  readonly company?: string | null;
  readonly streetAddress?: string | null;
  readonly postalCode?: string | null;
  readonly city?: string | null;
  readonly state?: string | null;
  readonly businessPhones?: readonly string[] | null;
  readonly mobilePhone?: string | null;
  /** The new manager's user name. */
  readonly manager?: string | null;
}

export interface MoverBody {
  readonly type: 'mover';
  readonly user: string;
  /** As it was sent: local time in the customer's zone, or with an offset. */
  readonly effectiveAt: string;
  /** The instant it means (UTC). */
  readonly startsAt: string;
  /** The customer's zone (IANA), in which days are counted. */
  readonly timeZone: string;
  readonly fields: MoverFields;
  readonly groups: GroupDifference | null;
  readonly manualSteps: readonly ManualStep[];
  readonly offsets: Readonly<Record<string, number>>;
  readonly reference: string | null;
  readonly notify: Notify | null;
}

/** What a move does, in the order it is shown. */
export const MOVER_STEPS = ['set_attributes', 'change_groups'] as const;
export type MoverStep = (typeof MOVER_STEPS)[number];

/** The mover's graph for one request: what was named changes, and nothing else. */
export function moverSteps(body: MoverBody): readonly StepTemplate[] {
  const selected = withOffsets([...fieldSteps(body), ...groupSteps(body)], body.offsets);
  const steps = [...selected, ...manualStepTemplates(body.manualSteps)];
  return withSelectedDependencies([...steps, ...newsSteps(body, steps)]);
}

function fieldSteps({ user, fields }: MoverBody): readonly StepTemplate[] {
  if (Object.keys(fields).length === 0) return [];
  const input = { user, fields: fields as unknown as JsonObject };
  return [directoryStep({ id: 'set_attributes', title: 'Change the entry', block: 'ldap.user.set-attributes', input })];
}

function groupSteps({ user, groups }: MoverBody): readonly StepTemplate[] {
  if (groups === null) return [];
  const { like, add, remove } = groups;
  // of the groups that are named those to add are the ones to be in; all others are left alone
  const input =
    like === null ? { user, groups: [...add], managed: [...add, ...remove] } : { user, likeColleague: like };
  return [directoryStep({ id: 'change_groups', title: 'Change the groups', block: 'ldap.user.set-groups', input })];
}

function newsSteps(body: MoverBody, selected: readonly StepTemplate[]): StepTemplate[] {
  const reference = body.reference ? ` (${body.reference})` : '';
  return notifySteps(body.notify, {
    subject: `The move of ${body.user} has run`,
    text: `The move of ${body.user}${reference} has run.\nThe outcome of each step is in its history.\n\nDer Wechsel von ${body.user}${reference} ist gelaufen.\nDas Ergebnis jedes Schritts steht im Verlauf.\n`,
    content: { event: 'mover.ran', user: body.user, reference: body.reference },
    dependsOn: onTheDay(selected),
  });
}
