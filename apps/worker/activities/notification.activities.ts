import { notificationFailed } from '#libs/events';
import { AppError } from '#libs/kernel';
import { escalationMail, Notices } from '#libs/notify';
import { ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { MailedLinks } from '#libs/platform/mailed-links';
import { appendEvent } from '#libs/platform/outbox';
import type { Pulse, StepSystems } from '#libs/process';
import { beginAttempt, changeNotification, endAttempt, endNotification, noteEscalation } from '#libs/sla';
import { lockTicket } from '#libs/tickets';
import { afterTry, type TellingStep, type TryOutcome } from '#libs/sla/model';
import type { NotificationActivities } from '../../../workflows/support/activities.js';
import { MailSystemTransport } from './mail-transport.js';
import { readReachable, readTelling, type Reachable, type Telling } from './sla/telling.js';

type Task = Parameters<NotificationActivities['deliverNotification']>[0];
type Delivered = Awaited<ReturnType<NotificationActivities['deliverNotification']>>;

/** A try that takes longer has failed; the activity's own limit lies above. */
const TRY_MS = 12_000;
const LINK_HOURS = 72;

/** Tells people of escalations: one try by one way, on record before and after. */
export class NotificationDelivery {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
    private readonly links: MailedLinks,
  ) {}

  async deliver({ tenant, notificationId }: Task, pulse: Pulse): Promise<Delivered> {
    const telling = await inTenants(this.database, [tenant], (tx) => readTelling(tx, tenant, notificationId));
    if (!telling) return { kind: 'ended', outcome: 'withdrawn' };
    const { status } = telling.notification;
    if (status !== 'pending') return { kind: 'ended', outcome: status as 'sent' | 'failed' | 'withdrawn' };
    if (isMoot(telling)) return this.end(telling, 'withdrawn', null);
    const reachable = await readReachable(this.database, telling.notification.recipient);
    const method = reachable.methods[telling.notification.method];
    if (telling.notification.recipient_kind !== 'person' || !method) return this.end(telling, 'failed', 'no_way');
    const number = await inTenants(this.database, [tenant], (tx) =>
      beginAttempt(tx, telling.notification, method.kind),
    );
    const outcome = await this.try(telling, reachable, method.address, pulse);
    return inTenants(this.database, [tenant], (tx) =>
      this.record(tx, telling, reachable.methods.length, number, outcome),
    );
  }

  private async try(telling: Telling, reachable: Reachable, address: string, pulse: Pulse): Promise<TryOutcome> {
    try {
      return await Promise.race([this.mail(telling, reachable, address, pulse), late()]);
    } catch (error) {
      // our own end is no failure of theirs
      pulse.signal.throwIfAborted();
      if (!(error instanceof AppError)) return { kind: 'again', code: 'internal' };
      return { kind: error.retryable ? 'again' : 'never', code: error.code };
    }
  }

  private async mail(
    { notification, news }: Telling,
    { msp, language, timeZone }: Reachable,
    to: string,
    pulse: Pulse,
  ): Promise<TryOutcome> {
    const { url } = await this.links.offer({
      ...{ tenant: notification.tenant_id, purpose: 'escalation', objectId: notification.id, recipient: to },
      ...{ language, validHours: LINK_HOURS },
    });
    const notices = new Notices(this.database, new MailSystemTransport(this.systems, pulse));
    const content = escalationMail(language, { ...news, timeZone, url });
    const id = `${notification.id}.escalation`;
    const sent = await notices.send({ tenant: msp, id, template: `escalation.${news.cause}`, to, content });
    if (sent === 'sent') return { kind: 'sent', providerId: null };
    return { kind: 'never', code: `mail.${sent}` };
  }

  private async record(
    tx: Transaction,
    telling: Telling,
    ways: number,
    number: number,
    outcome: TryOutcome,
  ): Promise<Delivered> {
    const { notification } = telling;
    const isSent = outcome.kind === 'sent';
    const result = isSent ? { code: null, providerId: outcome.providerId } : { code: outcome.code, providerId: null };
    await endAttempt(tx, notification, number, { outcome: isSent ? 'sent' : 'failed', ...result });
    // whoever writes to an escalation's timeline holds its ticket
    await lockTicket(tx, notification.tenant_id, notification.ticket_id);
    const { method, tries } = notification;
    const step = afterTry({ method, tries }, ways, outcome, notification.code !== null);
    return this.settle(tx, telling, step);
  }

  private async settle(tx: Transaction, telling: Telling, step: TellingStep): Promise<Delivered> {
    switch (step.kind) {
      case 'next':
        await changeNotification(tx, telling.notification, { ...step.place, code: step.code });
        return { kind: 'again', inMs: step.inMs };
      case 'sent':
        await endOnRecord(tx, telling, 'sent', null);
        return { kind: 'ended', outcome: 'sent' };
      case 'failed':
        await endOnRecord(tx, telling, 'failed', step.code);
        return { kind: 'ended', outcome: 'failed' };
    }
  }

  private async end(telling: Telling, outcome: 'failed' | 'withdrawn', code: string | null): Promise<Delivered> {
    const { tenant_id: tenant, ticket_id: ticketId } = telling.notification;
    await inTenants(this.database, [tenant], async (tx) => {
      await lockTicket(tx, tenant, ticketId);
      await endOnRecord(tx, telling, outcome, code);
    });
    return { kind: 'ended', outcome };
  }
}

/** Nobody has to be told any more: somebody acknowledged it, or it is over. */
function isMoot({ notification, escalation }: Telling): boolean {
  if (escalation.status === 'ended') return true;
  return escalation.status === 'acknowledged' && notification.kind === 'step';
}

async function endOnRecord(
  tx: Transaction,
  { notification, escalation }: Telling,
  outcome: 'sent' | 'failed' | 'withdrawn',
  code: string | null,
): Promise<void> {
  if (!(await endNotification(tx, notification, outcome, code))) return;
  const { tenant_id: tenant, ticket_id: ticketId, recipient, round, step } = notification;
  const data = { notification: notification.id, recipient, round, step, code };
  const kind = { sent: 'told', failed: 'not_reached', withdrawn: 'telling_withdrawn' }[outcome];
  await noteEscalation(tx, escalation, { kind, who: ENGINE, data });
  if (outcome !== 'failed') return;
  const origin = { tenant, aggregate: `ticket/${ticketId}`, correlationId: ticketId, causationId: null };
  const told = { ticketId, escalationId: escalation.id, notificationId: notification.id };
  await appendEvent(tx, notificationFailed, origin, told);
}

function late(): Promise<TryOutcome> {
  return new Promise((resolve) => {
    setTimeout(resolve, TRY_MS, { kind: 'again', code: 'too_late' }).unref();
  });
}
