import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';
import type { IncomingMail } from '../model/index.js';
import type { MailOrigin } from '../store/incoming-mail.store.js';
import type { MailKey } from './mail-addresses.js';
import { customerToken, isGenuine, readThreadToken } from './mail-tokens.js';

/** What an address of the helpdesk stands for. */
export type MailPlace =
  | { readonly kind: 'helpdesk' }
  | { readonly kind: 'customer'; readonly tenant: string }
  | { readonly kind: 'ticket'; readonly tenant: string; readonly ticketId: string };

/** Whose a mail is. `tenant` null: nobody can tell, for this reason. */
export interface MailTarget {
  readonly tenant: string | null;
  readonly ticketId: string | null;
  readonly reason: string | null;
}

const OWN_MESSAGE = /^<(t[a-z2-7]{46})\.[0-9a-f-]{36}@[^@<>\s]+>$/i;

/** Tells whose a mail is: by its address, by what it answers to, by the mailbox that it came to, by its proven sender. */
export class MailRouting {
  /** `address`: the helpdesk's own, in lower case; null: mails come to mailboxes alone. */
  constructor(
    private readonly database: Database,
    private readonly key: MailKey,
    private readonly address: string | null,
  ) {}

  /** Null: it is no address of the helpdesk, or its token is not one that we made. */
  async placeOf(recipient: string): Promise<MailPlace | null> {
    const [name, domain] = this.address?.split('@') ?? [];
    const [local = '', host = '', ...rest] = recipient.toLowerCase().split('@');
    if (name === undefined || host !== domain || rest.length > 0) return null;
    if (local === name) return { kind: 'helpdesk' };
    const token = local.startsWith(`${name}+`) ? local.slice(name.length + 1) : '';
    if (token.startsWith('c')) return this.customerAt(token);
    return this.ticketOf(token);
  }

  /** Each place that a mail is for. A ticket of one customer is never reached through what belongs to another. */
  async targetsOf(mail: IncomingMail, { mailbox }: MailOrigin): Promise<readonly MailTarget[]> {
    const msp = await this.msp();
    const confinedTo = mailbox === null || mailbox.tenant === msp ? null : mailbox.tenant;
    const places = (await Promise.all(mail.recipients.map((one) => this.placeOf(one)))).flatMap((place) => place ?? []);
    const named = places.flatMap((place) => (place.kind === 'helpdesk' ? [] : [place]));
    const allowed = named.filter(({ tenant }) => confinedTo === null || tenant === confinedTo);
    if (allowed.length < named.length) return [nobody('other_customer')];
    const tickets = allowed.flatMap((place) => (place.kind === 'ticket' ? [place] : []));
    const customers = new Set([...allowed.map(({ tenant }) => tenant), ...(confinedTo === null ? [] : [confinedTo])]);
    const answered = tickets.length > 0 ? null : await this.answered(mail.references);
    // what it answers to is a hint: it moves no mail to another customer
    if (answered && (customers.size === 0 || customers.has(answered.tenant))) tickets.push(answered);
    const reached = new Set(tickets.map(({ tenant }) => tenant));
    const targets = [
      ...new Map(tickets.map(({ tenant, ticketId }) => [ticketId, { tenant, ticketId, reason: null }])).values(),
      ...[...customers].filter((one) => !reached.has(one)).map((tenant) => ({ tenant, ticketId: null, reason: null })),
    ];
    return targets.length > 0 ? targets : [await this.bySender(mail)];
  }

  /** The ticket whose token this is. Null when we made it for no ticket. */
  async ticketOf(token: string): Promise<(MailPlace & { kind: 'ticket' }) | null> {
    const read = readThreadToken(token);
    if (!read) return null;
    const { rows } = await sql<{
      tenant: string | null;
    }>`SELECT tenant_of_ticket(${read.ticketId}::uuid) AS tenant`.execute(this.database);
    const tenant = rows[0]?.tenant;
    if (tenant == null || !isGenuine(await this.key(), read, tenant)) return null;
    return { kind: 'ticket', tenant, ticketId: read.ticketId };
  }

  async msp(): Promise<string> {
    const { rows } = await sql<{ id: string }>`SELECT msp_tenant() AS id`.execute(this.database);
    return rows[0]!.id;
  }

  private async customerAt(token: string): Promise<MailPlace | null> {
    const key = await this.key();
    const { rows } = await sql<{ tenant: string }>`SELECT tenant FROM customers_of_mail() AS tenant`.execute(
      this.database,
    );
    const found = rows.find(({ tenant }) => customerToken(key, tenant) === token);
    return found ? { kind: 'customer', tenant: found.tenant } : null;
  }

  private async answered(references: readonly string[]): Promise<(MailPlace & { kind: 'ticket' }) | null> {
    for (const reference of references) {
      const [, token] = OWN_MESSAGE.exec(reference) ?? [];
      const ticket = token === undefined ? null : await this.ticketOf(token);
      if (ticket) return ticket;
    }
    return null;
  }

  private async bySender({ from, proof }: IncomingMail): Promise<MailTarget> {
    if (from === null) return nobody('no_single_sender');
    if (!proof.proven) return nobody('unproven_sender');
    const { rows } = await sql<{
      tenant: string;
    }>`SELECT tenant FROM customers_of_sender(${from.address}) AS tenant`.execute(this.database);
    if (rows.length === 0) return nobody('unknown_sender');
    return rows.length === 1 ? { tenant: rows[0]!.tenant, ticketId: null, reason: null } : nobody('several_customers');
  }
}

function nobody(reason: string): MailTarget {
  return { tenant: null, ticketId: null, reason };
}
