import { contactMethodsOf, type ContactMethod } from '#libs/oncall';
import { mspTenant, type EscalationNews, type MailLanguage } from '#libs/notify';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { findEscalation, findNotification, type EscalationRow, type NotificationRow } from '#libs/sla';

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

/** Somebody at the MSP, with the ways by which they are reached in their order. */
export interface Reachable {
  readonly msp: string;
  readonly timeZone: string;
  readonly language: MailLanguage;
  readonly methods: readonly ContactMethod[];
}

export async function readReachable(database: Database, subject: string): Promise<Reachable> {
  const msp = await database.transaction().execute(mspTenant);
  return inTenants(database, [msp], async (tx) => {
    const { time_zone: timeZone } = await tx
      .selectFrom('tenants')
      .select('time_zone')
      .where('id', '=', msp)
      .executeTakeFirstOrThrow();
    const person = await tx
      .selectFrom('people')
      .select('language')
      .where('tenant_id', '=', msp)
      .where('subject', '=', subject)
      .executeTakeFirst();
    const language: MailLanguage = person?.language === 'en' ? 'en' : 'de';
    return { msp, timeZone, language, methods: await contactMethodsOf(tx, msp, subject) };
  });
}
