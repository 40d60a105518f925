/** What of a drafted step matters here. */
export interface DraftedStep {
  readonly id: string;
  readonly block: string;
  readonly dependsOn: readonly string[];
  readonly input: Readonly<Record<string, unknown>>;
}

export interface LeaverRemark {
  readonly stepId: string;
  readonly code: string;
  readonly text: string;
}

/** Names and addresses that are the leaver's own: the login name, and every address of the entry in the directory. */
export interface LeaverAddresses {
  readonly user: string;
  readonly tenant: string;
  readonly addresses: readonly string[];
}

const FIELDS = ['to', 'cc', 'bcc'] as const;

const MAILS: readonly string[] = ['mail.send', 'password.hand-over'];

/**
 * Takes the leaver out of everybody who is told by mail: a leaver learns of it from people. A mail that has nobody left is
 * not sent at all, and what waited for it waits for what it waited for. A task that was the leaver's is whoever's takes it.
 */
export function withoutLeaver<Step extends DraftedStep>(
  steps: readonly Step[],
  leaver: LeaverAddresses,
): { readonly steps: readonly Step[]; readonly remarks: readonly LeaverRemark[] } {
  const remarks: LeaverRemark[] = [];
  const dropped = new Map<string, readonly string[]>();
  const told = steps.map((step) => {
    if (isLeaversTask(step, leaver)) {
      remarks.push({
        stepId: step.id,
        code: 'request.leaver_not_assigned',
        text: `${leaver.user} is not asked to do it.`,
      });
      return { ...step, input: unassigned(step.input) };
    }
    const kept = keptRecipients(step, leaver);
    if (kept === null) return step;
    remarks.push({ stepId: step.id, code: 'request.leaver_not_notified', text: `${leaver.user} is not told by mail.` });
    if (kept['to']?.length === 0) dropped.set(step.id, step.dependsOn);
    return { ...step, input: { ...step.input, ...kept } };
  });
  const left = told.filter((step) => !dropped.has(step.id));
  return { steps: left.map((step) => ({ ...step, dependsOn: past(step.dependsOn, dropped) })), remarks };
}

/** The recipients without the leaver, by field; null when the leaver was none of them. */
function keptRecipients(step: DraftedStep, leaver: LeaverAddresses): Record<string, readonly string[]> | null {
  if (!MAILS.includes(step.block)) return null;
  const fields = FIELDS.filter((field) => Array.isArray(step.input[field]));
  const entries = fields.map((field) => [field, step.input[field] as readonly string[]] as const);
  if (!entries.some(([, list]) => list.some((address) => isOwnAddress(address, leaver)))) return null;
  return Object.fromEntries(entries.map(([field, list]) => [field, list.filter((one) => !isOwnAddress(one, leaver))]));
}

function isLeaversTask({ block, input }: DraftedStep, leaver: LeaverAddresses): boolean {
  const { assignee } = input;
  return block === 'manual.task' && typeof assignee === 'string' && isOwnAddress(assignee, leaver);
}

function unassigned(input: DraftedStep['input']): DraftedStep['input'] {
  return Object.fromEntries(Object.entries(input).filter(([field]) => field !== 'assignee'));
}

/** Whether a mail address or login name is the leaver's. */
export function isOwnAddress(address: string, { user, tenant, addresses }: LeaverAddresses): boolean {
  const bare = (/<([^<>]*)>\s*$/.exec(address)?.[1] ?? address).trim().toLowerCase();
  return [user, `${user}@${tenant}`, ...addresses].some((own) => own.toLowerCase() === bare);
}

/** Dependencies with those of steps that are gone in their place. */
function past(dependsOn: readonly string[], dropped: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (!dependsOn.some((id) => dropped.has(id))) return dependsOn;
  return [...new Set(dependsOn.flatMap((id) => (dropped.has(id) ? past(dropped.get(id)!, dropped) : [id])))];
}
