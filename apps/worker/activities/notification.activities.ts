import { notificationFailed } from '#libs/events';
import { AppError } from '#libs/kernel';
import { escalationLine, escalationMail, Notices, type EscalationNews } from '#libs/notify';
import { ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { MailedLinks } from '#libs/platform/mailed-links';
import { appendEvent } from '#libs/platform/outbox';
import type { Pulse, StepSystems } from '#libs/process';
import { beginAttempt, changeNotification, endAttempt, endNotification, noteEscalation } from '#libs/sla';
import { afterTry, type ChannelWords, type TellingStep, type TryOutcome } from '#libs/sla/model';
import { lockTicket } from '#libs/tickets';
import type { NotificationActivities } from '../../../workflows/support/activities.js';
import { MailSystemTransport } from './mail-transport.js';
import type { ChannelSender } from './sla/channel-sender.js';
import { readReachable, readTelling, type Reachable, type Telling, type Way } from './sla/telling.js';

type Task = Parameters<NotificationActivities['deliverNotification']>[0];
type Delivered = Awaited<ReturnType<NotificationActivities['deliverNotification']>>;

/** A try that takes longer has failed; the activity's own limit lies above. */
const TRY_MS = 12_000;
const LINK_HOURS = 72;

/** Tells people and rooms of escalations: one try by one way, on record before and after. */
export class NotificationDelivery {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
    private readonly links: MailedLinks,
    private readonly sender: ChannelSender,
  ) {}

  async deliver({ tenant, notificationId }: Task, pulse: Pulse): Promise<Delivered> {
    const telling = await inTenants(this.database, [tenant], (tx) => readTelling(tx, tenant, notificationId));
    if (!telling) return { kind: 'ended', outcome: 'withdrawn' };
    const { status, method } = telling.notification;
    if (status !== 'pending') return { kind: 'ended', outcome: status as 'sent' | 'failed' | 'withdrawn' };
    if (isMoot(telling)) return this.end(telling, 'withdrawn', null);
    const reachable = await readReachable(this.database, telling.notification);
    const way = reachable.ways[method];
    if (!way) return this.end(telling, 'failed', 'no_way');
    const number = await inTenants(this.database, [tenant], (tx) => beginAttempt(tx, telling.notification, way.kind));
    const outcome = await this.try(telling, reachable, way, pulse);
    return inTenants(this.database, [tenant], (tx) => this.record(tx, telling, reachable.ways.length, number, outcome));
  }

  private async try(telling: Telling, reachable: Reachable, way: Way, pulse: Pulse): Promise<TryOutcome> {
    const late = lateAfter(TRY_MS);
    try {
      return await Promise.race([this.send(telling, reachable, way, pulse), late.outcome]);
    } catch (error) {
      // our own end is no failure of theirs
      pulse.signal.throwIfAborted();
      if (!(error instanceof AppError)) return { kind: 'again', code: 'internal' };
      return { kind: error.retryable ? 'again' : 'never', code: error.code };
    } finally {
      late.clear();
    }
  }

  private async send(telling: Telling, reachable: Reachable, way: Way, pulse: Pulse): Promise<TryOutcome> {
    const isPerson = telling.notification.recipient_kind === 'person';
    const url = isPerson && way.kind !== 'voice' ? await this.linkFor(telling, reachable, way.address) : null;
    const news = { ...telling.news, timeZone: reachable.timeZone };
    if (way.kind === 'mail') return this.mail(telling, reachable, way.address, { ...news, url: url! }, pulse);
    if (way.channel === null) return { kind: 'never', code: 'escalation.channel_missing' };
    return this.sender.send(way.channel, wordsOf(telling, reachable, way, url), pulse.signal);
  }

  private async linkFor({ notification }: Telling, { language }: Reachable, recipient: string): Promise<string> {
    const { url } = await this.links.offer({
      ...{ tenant: notification.tenant_id, purpose: 'escalation', objectId: notification.id, recipient },
      ...{ language, validHours: LINK_HOURS },
    });
    return url;
  }

  private async mail(
    { notification }: Telling,
    { msp, language }: Reachable,
    to: string,
    news: EscalationNews,
    pulse: Pulse,
  ): Promise<TryOutcome> {
    const notices = new Notices(this.database, new MailSystemTransport(this.systems, pulse));
    const content = escalationMail(language, news);
    const id = `${notification.id}.escalation`;
    const sent = await notices.send({ tenant: msp, id, template: `escalation.${news.cause}`, to, content });
    return sent === 'sent' ? { kind: 'sent', providerId: null } : { kind: 'never', code: `mail.${sent}` };
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
    return settle(tx, telling, afterTry({ method, tries }, ways, outcome, isHopeful(telling)));
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

/** What went wrong before in this time through may go later. */
const HOPEFUL = 'again:';

function isHopeful({ notification: { code } }: Telling): boolean {
  return code?.startsWith(HOPEFUL) ?? false;
}

/** Nobody has to be told any more: somebody acknowledged it, or it is over. */
function isMoot({ notification, escalation }: Telling): boolean {
  if (escalation.status === 'ended') return true;
  return escalation.status === 'acknowledged' && notification.kind === 'step';
}

function wordsOf({ notification, news, escalation }: Telling, reachable: Reachable, way: Way, url: string | null) {
  const facts = { ticket: notification.ticket_id, tenant: notification.tenant_id, escalation: escalation.id };
  const line = escalationLine(reachable.language, { ...news, timeZone: reachable.timeZone, url: '' });
  const { conferenceUrl } = news;
  return { id: notification.id, to: way.address, line, url, conferenceUrl, facts } satisfies ChannelWords;
}

async function settle(tx: Transaction, telling: Telling, step: TellingStep): Promise<Delivered> {
  switch (step.kind) {
    case 'next': {
      const code = step.hopeful ? `${HOPEFUL}${step.code}` : step.code;
      await changeNotification(tx, telling.notification, { ...step.place, code });
      return { kind: 'again', inMs: step.inMs };
    }
    case 'sent':
      await endOnRecord(tx, telling, 'sent', null);
      return { kind: 'ended', outcome: 'sent' };
    case 'failed':
      await endOnRecord(tx, telling, 'failed', step.code);
      return { kind: 'ended', outcome: 'failed' };
  }
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

function lateAfter(milliseconds: number): { readonly outcome: Promise<TryOutcome>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const outcome = new Promise<TryOutcome>((resolve) => {
    timer = setTimeout(resolve, milliseconds, { kind: 'again', code: 'escalation.too_late' } satisfies TryOutcome);
  });
  return { outcome, clear: () => clearTimeout(timer) };
}
