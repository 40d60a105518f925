import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodemailer, { type SendMailOptions } from 'nodemailer';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { openKeyRing, storedKey } from '#libs/platform/secrets';
import { MailAddresses, TICKET_MAIL_KEY } from '#libs/tickets';
import { ensureTlsIdentity } from '../../../tools/sandbox/directory/certificate.js';
import { MailDomains } from '../mail-domains.js';
import { fresh, startApiFixture, type ApiFixture } from './api-fixture.js';

export const HELPDESK = 'support@helpdesk.example';

/** A mail on its way: unsigned unless a domain signs it. */
export interface Sending extends Omit<SendMailOptions, 'dkim'> {
  readonly from: string;
  readonly to: string;
  readonly signedBy?: string;
}

/** The real API with its SMTP receiver, and domains that mails come from. */
export interface MailFixture extends ApiFixture {
  readonly domains: MailDomains;
  readonly addresses: MailAddresses;
  /** Sends a mail by SMTP; rejects with the server's answer. `sender`: the envelope's. */
  send(mail: Sending, sender?: string): Promise<string>;
  /** Sends bytes as they are. */
  sendRaw(raw: string | Buffer, envelope: { readonly from: string; readonly to: string }): Promise<string>;
  /** A mail as bytes, signed by a domain. */
  composed(mail: Sending): Promise<string>;
  /** Lets nothing be taken while `work` goes on: our database says no. */
  withoutTaking(work: () => Promise<void>): Promise<void>;
  /** A contact of a customer. */
  contact(tenant: string, mail: string): Promise<string>;
  /** A ticket that somebody of the customer opened. */
  ticket(tenant: string, subject?: string): Promise<{ readonly id: string; readonly number: number }>;
  tickets(
    tenant: string,
  ): Promise<readonly { readonly id: string; readonly subject: string; readonly status: string }[]>;
  entries(ticketId: string): Promise<readonly EntryRow[]>;
  mails(tenant: string): Promise<readonly MailRow[]>;
}

export interface EntryRow {
  readonly kind: string;
  readonly by: string;
  readonly by_kind: string;
  readonly public: boolean;
  readonly body: string | null;
  readonly change: unknown;
}

export interface MailRow {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly proven: boolean;
  readonly subject: string;
  readonly text: string;
  readonly ticket_id: string | null;
  readonly attachments: unknown;
  readonly proof: unknown;
}

export async function startMailFixture({ limitBytes = 6_000_000 } = {}): Promise<MailFixture> {
  const domains = new MailDomains().add('firma.example').add('nord.example').add('fremd.example');
  const dir = mkdtempSync(join(tmpdir(), 'mail-'));
  const { keyFile, certFile, ca } = ensureTlsIdentity(dir);
  const receiver = { host: '127.0.0.1', port: 0, tls: { keyFile, certFile }, limitBytes, authservId: null };
  const ticketMail = { address: HELPDESK, receiver };
  const fixture = await startApiFixture(null, {}, { ticketMail, mailDns: domains.dns, mailLookMs: 200 });
  const { admin } = fixture.database;
  const database = openDatabase({ url: fixture.database.urlFor('api'), poolSize: 1 }, 'test-mails');
  const key = storedKey(database, openKeyRing(fixture.masterKeys), TICKET_MAIL_KEY);
  const transport = nodemailer.createTransport({
    ...{ host: '127.0.0.1', port: fixture.api.mailPort!, requireTLS: true, tls: { ca }, name: 'mail.firma.example' },
  });
  return {
    ...fixture,
    domains,
    addresses: new MailAddresses(key, HELPDESK, 'localhost'),
    send: async ({ signedBy, ...mail }, sender) => {
      const dkim = signedBy === undefined ? {} : { dkim: domains.signing(signedBy) };
      const envelope = sender === undefined ? {} : { envelope: { from: sender, to: mail.to } };
      return (await transport.sendMail({ ...mail, ...dkim, ...envelope })).response;
    },
    composed: async ({ signedBy, ...mail }) => {
      const composer = nodemailer.createTransport({ streamTransport: true, buffer: true });
      const dkim = signedBy === undefined ? {} : { dkim: domains.signing(signedBy) };
      return ((await composer.sendMail({ ...mail, ...dkim })).message as Buffer).toString('latin1');
    },
    sendRaw: async (raw, envelope) => (await transport.sendMail({ raw, envelope })).response,
    withoutTaking: async (work) => {
      await sql`ALTER TABLE incoming_mails RENAME TO taken_away`.execute(admin);
      try {
        await work();
      } finally {
        await sql`ALTER TABLE taken_away RENAME TO incoming_mails`.execute(admin);
      }
    },
    contact: async (tenant_id, mail) => {
      const id = newId();
      const row = { tenant_id, id, name: 'Eva Beck', role: 'technical', mail, language: 'de' } as const;
      await admin
        .insertInto('contacts')
        .values({ ...row, external_references: '{}', changed_by: 'test' })
        .execute();
      return id;
    },
    ticket: async (tenant, subject = 'Der Drucker druckt leere Seiten') => {
      const body = { type: 'incident', subject, impact: 'high', urgency: 'high' };
      const answer = await fixture.call('POST', '/v1/tickets', { as: `${tenant}/requester`, headers: fresh(), body });
      return answer.body as { id: string; number: number };
    },
    tickets: (tenant) =>
      admin
        .selectFrom('tickets')
        .select(['id', 'subject', 'status'])
        .where('tenant_id', '=', tenant)
        .orderBy('number')
        .execute(),
    entries: (id) =>
      admin
        .selectFrom('ticket_entries')
        .select(['kind', 'by', 'by_kind', 'public', 'body', 'change'])
        .where('ticket_id', '=', id)
        .orderBy('sequence')
        .execute(),
    mails: (tenant) =>
      admin
        .selectFrom('incoming_mails')
        .select(['id', 'outcome', 'reason', 'proven', 'subject', 'text', 'ticket_id', 'attachments', 'proof'])
        .where('tenant_id', '=', tenant)
        .orderBy('received_at')
        .orderBy('id')
        .execute(),
    stop: async () => {
      transport.close();
      await database.destroy();
      await fixture.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
