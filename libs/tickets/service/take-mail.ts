import type { JsonObject } from '#libs/kernel';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { TicketMailCameBack, type IncomingMail } from '../model/index.js';
import {
  arrivalsOfLastHour,
  findSameMail,
  insertIncomingMail,
  noteBounce,
  senderAt,
  settleIncomingMail,
  ticketOfMessages,
  unknownSendersOf,
  type IncomingMailRow,
  type KnownSender,
  type MailEnding,
  type MailOrigin,
} from '../store/incoming-mail.store.js';
import { appendEntry, lockTicket, type By } from '../store/ticket.store.js';
import { bringMail } from './bring-mail.js';
import type { ServiceLevels } from './service-levels.js';
import type { MailRouting, MailTarget } from './mail-routing.js';

/** More than this from one address within an hour waits for somebody to look at it. */
const MOST_FROM_ONE = 60;
/** More tickets of strangers than this within an hour are a flood. */
const MOST_STRANGERS = 100;

const STRANGER: By = { subject: 'mail/unknown', kind: 'machine' };

/** What became of a mail in one place. */
export interface TakenMail {
  readonly mail: IncomingMailRow;
  /** It had come before. */
  readonly again: boolean;
}

/** Where a mail goes, before it is put there. */
interface Plan {
  readonly tenant: string;
  readonly ticketId: string | null;
  /** Null: a stranger. */
  readonly sender: KnownSender | null;
  readonly what: 'bring' | 'quarantine' | 'refuse';
  readonly reason: string | null;
}

/**
 * Takes mails: each is put on record in one transaction with what becomes of it, once for every place that it is for, however
 * often and by whichever way it comes.
 */
export class TakeMail {
  constructor(
    private readonly database: Database,
    private readonly routing: MailRouting,
    private readonly levels: ServiceLevels,
  ) {}

  /** Throws what the database throws; then nothing is known, and the mail is to come again. */
  async execute(mail: IncomingMail, origin: MailOrigin): Promise<readonly TakenMail[]> {
    if (mail.bounce !== null) return [await this.takeBounce(mail, origin)];
    const taken: TakenMail[] = [];
    for (const target of await this.routing.targetsOf(mail, origin)) {
      if (mail.automatic !== null) taken.push(await this.ignore(mail, origin, target, mail.automatic));
      else taken.push(await this.carryOut(mail, origin, await this.plan(mail, target)));
    }
    return taken;
  }

  private async plan(mail: IncomingMail, { tenant, ticketId, reason }: MailTarget): Promise<Plan> {
    const msp = await this.routing.msp();
    const home = tenant ?? msp;
    return inTenants(this.database, [...new Set([home, msp])], async (tx) => {
      const sender = tenant === null || mail.from === null ? undefined : await senderAt(tx, tenant, mail.from.address);
      if (!sender) return strangersPlan(tx, { home, msp }, mail, reason ?? 'unknown_sender');
      const place = { tenant: home, sender, ticketId: ticketId ?? (await ticketOfMessages(tx, home, mail.references)) };
      const doubt = await doubtOf(tx, home, mail);
      return { ...place, what: doubt === null ? 'bring' : 'quarantine', reason: doubt };
    });
  }

  private carryOut(mail: IncomingMail, origin: MailOrigin, plan: Plan): Promise<TakenMail> {
    const { tenant, what, reason } = plan;
    return this.once(mail, origin, tenant, { withOriginal: what !== 'refuse' }, async (tx, id) => {
      if (what !== 'bring') return { outcome: what === 'refuse' ? 'refused' : 'quarantined', reason };
      return bringMail(tx, tenant, { ...mailWords(mail), id }, { ...plan, stranger: STRANGER }, this.levels);
    });
  }

  private async ignore(mail: IncomingMail, origin: MailOrigin, target: MailTarget, reason: string): Promise<TakenMail> {
    const tenant = target.tenant ?? (await this.routing.msp());
    return this.once(mail, origin, tenant, { withOriginal: true }, () =>
      Promise.resolve({ outcome: 'ignored', reason, ticketId: target.ticketId }),
    );
  }

  /** A report of a mail of ours is noted on its ticket; any other is one more mail of a program. */
  private async takeBounce(mail: IncomingMail, origin: MailOrigin): Promise<TakenMail> {
    const { recipient, status, mailId, token } = mail.bounce!;
    const place = await this.routing.ticketOf(token);
    if (!place) return this.ignore(mail, origin, { tenant: null, ticketId: null, reason: null }, 'bounce');
    const { tenant, ticketId } = place;
    return this.once(mail, origin, tenant, { withOriginal: true }, async (tx) => {
      const ticket = await lockTicket(tx, tenant, ticketId);
      const problem = new TicketMailCameBack(`The server of ${recipient} said ${status ?? 'no'}.`).toProblem();
      const sent = ticket && (await noteBounce(tx, tenant, { mailId, ticketId, recipient, problem }));
      if (!ticket || !sent) return { outcome: 'ignored', reason: 'bounce' };
      const change: JsonObject = { mail: { id: mailId, kind: sent.kind, status } };
      const by: By = { subject: ENGINE, kind: 'engine' };
      const sequence = await appendEntry(tx, ticket, { kind: 'mail_bounced', public: false, by, change });
      const object = { kind: 'ticket_mail', id: mailId };
      await appendAudit(tx, tenant, { action: 'ticket_mail.bounced', actor: ENGINE, object, after: { status } });
      return { outcome: 'noted', reason: 'bounce', ticketId, sequence };
    });
  }

  /** Puts a mail on record and has `work` say what becomes of it, in one transaction; what came before stays as it was. */
  private async once(
    mail: IncomingMail,
    origin: MailOrigin,
    tenant: string,
    keep: { readonly withOriginal: boolean },
    work: (tx: Transaction, id: string) => Promise<MailEnding>,
  ): Promise<TakenMail> {
    return inTenants(this.database, [tenant], async (tx) => {
      const known = await findSameMail(tx, tenant, mail);
      if (known) return { mail: known, again: true };
      const id = await insertIncomingMail(tx, tenant, mail, origin, keep);
      if (id === null) return { mail: (await findSameMail(tx, tenant, mail))!, again: true };
      return { mail: await settleIncomingMail(tx, tenant, id, await work(tx, id)), again: false };
    });
  }
}

/** What becomes of a stranger's mail: as the customer that it is for wants it, else as the MSP does. */
async function strangersPlan(
  tx: Transaction,
  { home, msp }: { readonly home: string; readonly msp: string },
  mail: IncomingMail,
  reason: string,
): Promise<Plan> {
  const policy = await unknownSendersOf(tx, home);
  const stays = { tenant: home, ticketId: null, sender: null, reason };
  if (policy === 'refuse') return { ...stays, what: 'refuse' };
  const doubt = (await doubtOf(tx, msp, mail)) ?? (await floodOf(tx, msp));
  if (policy === 'quarantine' || doubt !== null) return { ...stays, what: 'quarantine', reason: doubt ?? reason };
  return { ...stays, tenant: msp, what: 'bring' };
}

/** Why a mail waits for somebody's decision although its sender has an address that we know. */
async function doubtOf(tx: Transaction, tenant: string, { from, proof }: IncomingMail): Promise<string | null> {
  const { result, policy } = proof.dmarc;
  // the domain's owner asks everybody not to take it
  if (!proof.proven && result === 'fail' && (policy === 'reject' || policy === 'quarantine')) return 'dmarc_failed';
  const before = from === null ? 0 : await arrivalsOfLastHour(tx, tenant, { from: from.address });
  return before >= MOST_FROM_ONE ? 'too_many' : null;
}

async function floodOf(tx: Transaction, msp: string): Promise<string | null> {
  return (await arrivalsOfLastHour(tx, msp, { onlyOpened: true })) >= MOST_STRANGERS ? 'too_many' : null;
}

function mailWords({ subject, newText, text, proof, from, attachments }: IncomingMail) {
  return { subject, words: newText === '' ? text : newText, proof, from, attachments };
}
