import { CancellationScope, condition, isCancellation, patched, setHandler } from '@temporalio/workflow';
import { nextDue, remindersBy, type DueKind, type RoundDone, type RoundSchedule } from '#libs/approvals/model';
import { approvalNewsSignal, type ServedInput } from '../messages.js';
import type { ApprovalTelling } from '../support/activities.js';
import { approvalMails, approvals } from '../support/proxies.js';

/**
 * A question to approvers, from its asking to its end: asks them by mail, stage by stage, reminds and escalates, and lets
 * it expire as its policy says. Votes are counted in our tables by whoever takes them; this workflow only hears that
 * something changed. Whoever ends the question, person or timer, does it by one conditional update of its row.
 */
export async function approval({ tenant, id: approvalId }: ServedInput): Promise<void> {
  const ref = { tenant, approvalId };
  let news = 0;
  setHandler(approvalNewsSignal, () => void (news += 1));
  const mails = new CancellationScope();
  let done: RoundDone = { reminders: 0, escalated: false, expired: false };
  let asked = 0;
  for (;;) {
    const heard = news;
    const { isOpen, stage, asksByMail, schedule } = await approvals.lookAtApproval(ref);
    if (!isOpen) break;
    if (stage > asked && asksByMail) tell(mails, { ...ref, kind: 'ask', number: stage });
    asked = stage;
    const due = nextDue(schedule, done);
    const hasNews = (): boolean => news > heard;
    if (!due) await condition(hasNews);
    else if (!(await condition(hasNews, Math.max(1, due.at - Date.now())))) {
      done = happens(due.kind, done, schedule);
      const telling = await record(ref, due.kind, done);
      if (telling && asksByMail) tell(mails, telling);
    }
  }
  // nobody has to be asked any more
  mails.cancel();
}

function happens(kind: DueKind, done: RoundDone, schedule: RoundSchedule): RoundDone {
  switch (kind) {
    case 'remind':
      return { ...done, reminders: reminderNow(done.reminders + 1, schedule) };
    case 'escalate':
      return { ...done, escalated: true };
    case 'expire':
      return { ...done, expired: true, escalated: true };
  }
}

/** After an outage the latest reminder stands for those that were missed. */
function reminderNow(next: number, schedule: RoundSchedule): number {
  const latest = remindersBy(schedule, Date.now());
  return latest > next && patched('latest-reminder-only-2026-11-23') ? latest : next;
}

/** Puts what is due on record. Gives whom to tell by mail of it, or null. */
async function record(
  ref: { readonly tenant: string; readonly approvalId: string },
  kind: DueKind,
  { reminders, expired }: RoundDone,
): Promise<ApprovalTelling | null> {
  switch (kind) {
    case 'remind':
      return (await approvals.recordReminder({ ...ref, number: reminders }))
        ? { ...ref, kind, number: reminders }
        : null;
    case 'escalate':
      return (await approvals.escalateRound(ref)) ? { ...ref, kind, number: 1 } : null;
    case 'expire':
      return (await approvals.expireRound(ref)) ? { ...ref, kind: 'escalate', number: expired ? 2 : 1 } : null;
  }
}

/** Mails go out beside the wait: a mail system that is away must not keep a question from expiring. */
function tell(scope: CancellationScope, telling: ApprovalTelling): void {
  scope
    .run(() => approvalMails().tellApprovers(telling))
    .catch((error: unknown) => {
      // what became of each mail is on record; reminders follow
      if (!isCancellation(error)) return;
    });
}
