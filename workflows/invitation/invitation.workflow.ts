import { CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { invitationNewsSignal, type ServedInput } from '../messages.js';
import type { InvitationTelling } from '../support/activities.js';
import { invitationMails, invitations } from '../support/proxies.js';

/** The database's clock decides when an invitation is over; ours may be a little ahead. */
const SHORTEST_WAIT_MS = 1_000;

/**
 * An invitation from its making to its end: sends its link by mail, anew when somebody sends it again, and lets it expire.
 * Whoever accepts or withdraws it does so in our tables; this workflow only hears that something changed.
 */
export async function invitation({ tenant, id: invitationId }: ServedInput): Promise<void> {
  const ref = { tenant, invitationId };
  let news = 0;
  setHandler(invitationNewsSignal, () => void (news += 1));
  const mails = new CancellationScope();
  let sent = 0;
  for (;;) {
    const heard = news;
    const { isOpen, byMail, number, expiresAt } = await invitations.lookAtInvitation(ref);
    if (!isOpen) break;
    if (byMail && number > sent) send(mails, { ...ref, number });
    sent = number;
    const hasNews = await condition(() => news > heard, Math.max(SHORTEST_WAIT_MS, expiresAt - Date.now()));
    if (!hasNews) await invitations.expireInvitation(ref);
  }
  mails.cancel();
}

/** Mails go out beside the wait: a mail system that is away must not keep an invitation from expiring. */
function send(scope: CancellationScope, telling: InvitationTelling): void {
  scope
    .run(() => invitationMails().sendInvitation(telling))
    .catch((error: unknown) => {
      // what became of the mail is on record; it can be sent again
      if (!isCancellation(error)) return;
    });
}
