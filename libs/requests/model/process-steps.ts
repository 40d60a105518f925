import type { JsonObject } from '#libs/kernel';

/** A step as the process defines it, before it is planned against the customer's system. */
export interface StepTemplate {
  readonly id: string;
  readonly title: string;
  readonly block: string;
  readonly system: string;
  /** Steps that come first; those that were not selected are left out. */
  readonly dependsOn: readonly string[];
  readonly accessCritical: boolean;
  readonly runsAfterFailure: boolean;
  /** Calendar days after the request's hour, in the customer's zone; 0 is at that hour. */
  readonly offsetDays: number;
  readonly input: JsonObject;
  /** An instant of its own (UTC); it counts instead of the request's hour. */
  readonly at?: string;
  /** Minutes after its time by which it has to be proven done. */
  readonly deadlineMinutes?: number;
  /** A person does it, by so many calendar days after its time. */
  readonly dueDays?: number;
  /** Takes back what this step of the same run did. */
  readonly takesBack?: string;
  /** Works on the entry that the run is about to create. */
  readonly ofNewUser?: boolean;
}

export interface Notify {
  readonly mail?: readonly string[];
  readonly webhook?: string;
}

type Essentials = Pick<StepTemplate, 'id' | 'title' | 'block' | 'input'>;

/** A step in the customer's directory. */
export function directoryStep(essentials: Essentials, more: Partial<StepTemplate> = {}): StepTemplate {
  return step({ ...essentials, system: 'directory' }, more);
}

/** A step that happens at the request's hour and waits for nothing, unless `more` says otherwise. */
export function step(
  essentials: Essentials & Pick<StepTemplate, 'system'>,
  more: Partial<StepTemplate> = {},
): StepTemplate {
  const common = { dependsOn: [], accessCritical: false, runsAfterFailure: false, offsetDays: 0 };
  return { ...common, ...essentials, ...more };
}

/** The end of what a step of the same run did, at an instant (UTC): nothing that failed before keeps it from ending. */
export function takingBack(of: StepTemplate, id: string, title: string, more: Partial<StepTemplate>): StepTemplate {
  const { block, system, input } = of;
  const dependsOn = [of.id, ...(more.dependsOn ?? [])];
  return { ...step({ id, title, block, system, input }), runsAfterFailure: true, ...more, dependsOn, takesBack: of.id };
}

/** Whom to tell once steps have run, whatever came of them. */
export interface News {
  readonly subject: string;
  readonly text: string;
  /** What a webhook is called with. */
  readonly content: JsonObject;
  readonly dependsOn: readonly string[];
}

/** The steps that tell somebody. */
export function notifySteps(notify: Notify | null, { subject, text, content, dependsOn }: News): StepTemplate[] {
  const more = { dependsOn, runsAfterFailure: true };
  const steps: StepTemplate[] = [];
  if (notify?.mail?.length) {
    const input = { to: [...notify.mail], subject, text };
    steps.push(step({ id: 'notify_mail', title: 'Tell by mail', block: 'mail.send', system: 'mail', input }, more));
  }
  if (notify?.webhook) {
    const input = { url: notify.webhook, method: 'POST', body: content };
    steps.push(
      step({ id: 'notify_webhook', title: 'Tell by webhook', block: 'http.call', system: 'hooks', input }, more),
    );
  }
  return steps;
}

/** The steps with the offsets that were asked for; the others keep their own. */
export function withOffsets(
  steps: readonly StepTemplate[],
  offsets: Readonly<Record<string, number>> = {},
): readonly StepTemplate[] {
  return steps.map((one) => ({ ...one, offsetDays: offsets[one.id] ?? one.offsetDays }));
}

/** Without dependencies on steps that were not selected. */
export function withSelectedDependencies(steps: readonly StepTemplate[]): readonly StepTemplate[] {
  const ids = new Set(steps.map((one) => one.id));
  return steps.map((one) => ({ ...one, dependsOn: one.dependsOn.filter((id) => ids.has(id)) }));
}

/** What tells somebody does not wait for what happens on another day, nor for a person. */
export function onTheDay(steps: readonly StepTemplate[]): string[] {
  return steps
    .filter((one) => one.offsetDays <= 0 && one.at === undefined && one.dueDays === undefined)
    .map((one) => one.id);
}
