import { instantIn } from '#libs/notify';
import type { Transaction } from '#libs/platform/database';
import type { MailedLink } from '#libs/platform/mailed-links';
import type { OutboxHint } from '#libs/platform/outbox';
import { EscalationNotRunning, findEscalation, findNotification, type EscalationRow } from '#libs/sla';
import { markup, type PageLanguage } from '../http/html.js';
import {
  RefusedAct,
  type ActedByLink,
  type LinkAnswer,
  type LinkForm,
  type LinkPage,
} from '../mailed-links/link-page.js';
import { toldPage } from '../pages/page.js';
import { acknowledgeEscalation } from './acknowledge.js';
import { ESCALATION_TEXTS } from './escalation-page.texts.js';

/** Lets whoever was told of an escalation acknowledge it, by the link that went to them alone. */
export class EscalationLinkPage implements LinkPage {
  readonly purpose = 'escalation';
  /** The MSP's people go on working for a customer that leaves. */
  readonly whileLeaving = true;

  constructor(private readonly hint: OutboxHint) {}

  async show(tx: Transaction, link: MailedLink, language: PageLanguage): Promise<LinkAnswer> {
    const found = await told(tx, link);
    if (!found || found.escalation.status !== 'running') return over(found?.escalation, language);
    return { page: await pageOfEscalation(tx, found.escalation, language) };
  }

  async act(tx: Transaction, link: MailedLink, form: LinkForm, language: PageLanguage): Promise<ActedByLink> {
    const texts = ESCALATION_TEXTS[language];
    const found = await told(tx, link);
    if (!found || form.get('act') !== 'acknowledge') return { ...over(found?.escalation, language), usesUp: false };
    const { tenant_id: tenant, id } = found.escalation;
    const by = { subject: found.recipient, kind: 'msp' } as const;
    try {
      await acknowledgeEscalation(tx, { tenant, id }, { by, via: 'link' });
    } catch (error) {
      if (error instanceof EscalationNotRunning) throw new RefusedAct(over(found.escalation, language));
      throw error;
    }
    return { usesUp: true, page: toldPage(texts.done) };
  }

  afterwards(): void {
    this.hint.give();
  }
}

async function told(
  tx: Transaction,
  { tenant, objectId }: MailedLink,
): Promise<{ readonly escalation: EscalationRow; readonly recipient: string } | null> {
  const notification = await findNotification(tx, tenant, objectId);
  const escalation = notification && (await findEscalation(tx, [tenant], notification.escalation_id));
  return escalation ? { escalation, recipient: notification.recipient } : null;
}

function over(escalation: EscalationRow | undefined, language: PageLanguage): LinkAnswer {
  const texts = ESCALATION_TEXTS[language];
  const isAcknowledged = escalation?.status === 'acknowledged' || escalation?.acknowledged_at != null;
  return {
    status: 410,
    page: toldPage(isAcknowledged ? texts.already : texts.ended),
    refusal: isAcknowledged ? 'acknowledged' : 'ended',
  };
}

async function pageOfEscalation(tx: Transaction, row: EscalationRow, language: PageLanguage) {
  const texts = ESCALATION_TEXTS[language];
  const shown = await tx
    .selectFrom('tickets as t')
    .innerJoin('tenants as c', 'c.id', 't.tenant_id')
    .select(['t.number', 't.subject', 't.priority', 'c.name', 'c.time_zone'])
    .where('t.tenant_id', '=', row.tenant_id)
    .where('t.id', '=', row.ticket_id)
    .executeTakeFirstOrThrow();
  const since = instantIn(language, row.due_at, shown.time_zone);
  const conference = row.conference_url;
  const body = markup`<p>${texts.about}</p>
<dl><dt>${texts.customer}</dt><dd>${shown.name}</dd>
<dt>${texts.ticket}</dt><dd>${shown.number}: ${shown.subject}</dd>
<dt>${texts.priority}</dt><dd>${shown.priority}</dd>
<dt>${texts.since}</dt><dd>${since}</dd>${conference === null ? null : markup`<dt>${texts.conference}</dt><dd>${conference}</dd>`}</dl>
<form method="post"><div class="buttons"><button name="act" value="acknowledge">${texts.press}</button></div></form>`;
  return { heading: texts.heading, body };
}
