import { contactMethodsOf } from '#libs/oncall';
import { mspTenant, type EscalationNews, type MailLanguage } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import {
  channelOfKind,
  findChannel,
  findEscalation,
  findNotification,
  type ChannelRow,
  type EscalationRow,
  type NotificationRow,
} from '#libs/sla';
import type { ChannelKind } from '#libs/sla/model';

/** What somebody is told, but for the link that is theirs alone. */
export type News = Omit<EscalationNews, 'url'>;

/** A telling as it is found: who is told of what. */
export interface Telling {
  readonly notification: NotificationRow;
  readonly escalation: EscalationRow;
  readonly news: Omit<News, 'timeZone'>;
}

export async function readTelling(tx: Transaction, tenant: string, id: string): Promise<Telling | null> {
  const notification = await findNotification(tx, tenant, id);
  const escalation = notification && (await findEscalation(tx, [tenant], notification.escalation_id));
  if (!notification || !escalation) return null;
  const { number, subject, priority, customer } = await tx
    .selectFrom('tickets as t')
    .innerJoin('tenants as c', 'c.id', 't.tenant_id')
    .select(['t.number', 't.subject', 't.priority', 'c.name as customer'])
    .where('t.tenant_id', '=', tenant)
    .where('t.id', '=', notification.ticket_id)
    .executeTakeFirstOrThrow();
  const { clock = null } = escalation.cause_details as { readonly clock?: News['clock'] };
  const news = {
    ...{ kind: notification.kind as News['kind'], cause: escalation.cause as News['cause'], clock, customer },
    ...{ ticketNumber: number, subject, priority, dueAt: notification.due_at },
    ...{ acknowledgedBy: escalation.acknowledged_by, conferenceUrl: escalation.conference_url },
  };
  return { notification, escalation, news };
}

/** A way to reach somebody; null where the MSP has no channel for it. */
export interface Way {
  readonly kind: 'mail' | ChannelKind;
  readonly address: string;
  readonly channel: ChannelRow | null;
}

/** Somebody at the MSP, or a room of many, with the ways by which they are reached in their order. */
export interface Reachable {
  readonly msp: string;
  readonly timeZone: string;
  readonly language: MailLanguage;
  readonly ways: readonly Way[];
}

/** Read when it is needed: who has changed their number in between is reached by the new one. */
export async function readReachable(
  database: Database,
  { recipient_kind: kind, recipient }: NotificationRow,
): Promise<Reachable> {
  const msp = await database.transaction().execute(mspTenant);
  return inTenants(database, [msp], async (tx) => {
    const { time_zone: timeZone } = await tx
      .selectFrom('tenants')
      .select('time_zone')
      .where('id', '=', msp)
      .executeTakeFirstOrThrow();
    const base = { msp, timeZone };
    if (kind === 'channel') return { ...base, language: 'de', ways: await waysOfRoom(tx, msp, recipient) };
    return { ...base, language: await languageOf(tx, msp, recipient), ways: await waysOfPerson(tx, msp, recipient) };
  });
}

async function languageOf(tx: Transaction, msp: string, subject: string): Promise<MailLanguage> {
  const person = await tx
    .selectFrom('people')
    .select('language')
    .where('tenant_id', '=', msp)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return person?.language === 'en' ? 'en' : 'de';
}

async function waysOfRoom(tx: Transaction, msp: string, name: string): Promise<readonly Way[]> {
  const channel = await findChannel(tx, msp, name);
  return channel ? [{ kind: channel.kind as ChannelKind, address: '', channel }] : [];
}

async function waysOfPerson(tx: Transaction, msp: string, subject: string): Promise<readonly Way[]> {
  const methods = await contactMethodsOf(tx, msp, subject);
  const ways: Way[] = [];
  for (const { kind, address } of methods) {
    const channel = kind === 'mail' ? null : ((await channelOfKind(tx, msp, kind)) ?? null);
    ways.push({ kind, address, channel });
  }
  return ways;
}
