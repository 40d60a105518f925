import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { inTenants, type Transaction } from '#libs/platform/database';
import { serviceLevels } from '#libs/sla';
import { changeStatus, comment, lockTicket, openTicket, requestMail, type By, type TicketRow } from '#libs/tickets';
import { servedIdOf, type ServedInput } from '#workflows';
import { eventually } from '../support/eventually.js';
import { ended, mailTo } from '../support/mailed.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;
beforeAll(async () => void (harness = await startProcessHarness()));
afterAll(() => harness?.stop());

const ENGINE: By = { subject: 'stellwerk', kind: 'engine' };
const TECHNICIAN: By = { subject: 'technician@msp', kind: 'msp' };
const wish = { type: 'incident', subject: 'Der Drucker druckt leere Seiten', description: null } as const;
const rated = { impact: 'high', urgency: 'high', tags: [], requester: null } as const;

async function contact(mail: string): Promise<string> {
  const id = newId();
  const row = { tenant_id: TENANT, id, name: 'Eva Beck', role: 'technical', mail, language: 'de' } as const;
  await harness.database.admin
    .insertInto('contacts')
    .values({ ...row, external_references: '{}', changed_by: 'test' })
    .execute();
  return id;
}

const opened = (contactId: string) =>
  inTenants(harness.api, [TENANT], (tx) =>
    openTicket(tx, TENANT, { ...wish, ...rated, contactId }, ENGINE, serviceLevels),
  );

const worked = (ticket: TicketRow, work: (row: TicketRow, tx: Transaction) => Promise<unknown>) =>
  inTenants(harness.api, [TENANT], async (tx) => work((await lockTicket(tx, TENANT, ticket.id))!, tx));

const mails = (ticket: TicketRow) =>
  harness.database.admin
    .selectFrom('ticket_mails')
    .selectAll()
    .where('ticket_id', '=', ticket.id)
    .orderBy('id')
    .execute();

/** As the bridge starts it. */
async function carried(mail: { readonly id: string }) {
  return harness.temporal.workflow.start('ticketMail', {
    workflowId: servedIdOf(TENANT, 'ticketMail', mail.id),
    taskQueue: harness.config.temporal.taskQueue,
    args: [{ tenant: TENANT, id: mail.id } satisfies ServedInput],
  });
}

describe('a mail about a ticket', () => {
  it('goes out with the ticket’s own address to answer to, by the MSP, and says that a program made it', async () => {
    const ticket = await opened(await contact('eva@firma.example'));
    const [row] = await mails(ticket);
    await ended(await carried(row!));
    const mail = await mailTo(harness, 'eva@firma.example');
    expect(mail.subject).toBe(`Ticket ${ticket.number} eingegangen: Der Drucker druckt leere Seiten`);
    expect(mail.text).toContain('Guten Tag Eva Beck,');
    expect(mail.headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      'reply-to': expect.stringMatching(/^support\+t[a-z2-7]{46}@helpdesk\.example$/),
    });
    const after = (await mails(ticket))[0]!;
    expect(after).toMatchObject({ status: 'sent', sent_by: 'msp', message_id: mail.messageId });
  });

  it('brings a technician’s public answer, in one thread with the mails before it, and no internal note', async () => {
    const ticket = await opened(await contact('ida@firma.example'));
    await worked(ticket, (row, tx) => comment(tx, row, { body: 'Kunde schuldet Geld.', isPublic: false }, TECHNICIAN));
    await worked(ticket, (row, tx) =>
      comment(tx, row, { body: 'Wir tauschen den Toner.', isPublic: true }, TECHNICIAN),
    );
    const [received, answer, ...more] = await mails(ticket);
    expect(more).toEqual([]);
    await ended(await carried(received!));
    await ended(await carried(answer!));
    const mail = await mailTo(harness, 'ida@firma.example', 2);
    expect(mail.text).toContain('Wir tauschen den Toner.');
    expect(mail.headers).not.toHaveProperty('auto-submitted');
    expect(mail.headers['in-reply-to']).toBe((await mails(ticket))[0]!.message_id);
    expect(JSON.stringify(harness.sandbox.mail.mails.list())).not.toContain('schuldet');
  });

  it('that no internal entry leaves by, whoever asks for it', async () => {
    const ticket = await opened(await contact('uwe@firma.example'));
    await worked(ticket, async (row, tx) => {
      const { sequence } = await comment(tx, row, { body: 'Nur für uns.', isPublic: false }, TECHNICIAN);
      await requestMail(tx, row, 'answer', { entry: sequence });
    });
    await ended(await carried((await mails(ticket))[1]!));
    expect((await mailTo(harness, 'uwe@firma.example')).text).not.toContain('Nur für uns.');
  });

  it('waits while the mail server is away, with each try on record, and goes out once when it is back', async () => {
    const ticket = await opened(await contact('ole@firma.example'));
    const [row] = await mails(ticket);
    await harness.sandbox.mail.offline();
    const handle = await carried(row!);
    const tries = () =>
      harness.database.admin.selectFrom('ticket_mail_attempts').selectAll().where('mail_id', '=', row!.id).execute();
    await eventually('a try failed', async () => ((await tries()).length > 0 ? true : null));
    await harness.sandbox.mail.online();
    await ended(handle);
    expect((await tries()).map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: (await tries()).length - 1 }, () => 'failed'),
      'sent',
    ]);
    await mailTo(harness, 'ole@firma.example');
    expect(harness.sandbox.mail.mails.list().filter((mail) => mail.to.includes('ole@firma.example'))).toHaveLength(1);
  });

  it('that a server refuses for good is on record with the reason', async () => {
    const ticket = await opened(await contact('bounce@firma.example'));
    await ended(await carried((await mails(ticket))[0]!));
    expect((await mails(ticket))[0]).toMatchObject({ status: 'refused', problem: { code: 'mail.refused' } });
  });

  it('to an address that takes no answers does not go out, and says why', async () => {
    const ticket = await opened(await contact('no-reply@firma.example'));
    const [row] = await mails(ticket);
    expect(row).toMatchObject({
      status: 'suppressed',
      problem: { code: 'ticket_mail.no_reply_address' },
      event_ids: [],
    });
  });

  it('tells what we wait for, and that the ticket is closed', async () => {
    const ticket = await opened(await contact('ada@firma.example'));
    const status = (next: 'waiting_for_customer' | 'resolved' | 'closed', reason: string | null = null) =>
      worked(ticket, (row, tx) => changeStatus(tx, row, { status: next, reason }, TECHNICIAN, serviceLevels));
    await status('waiting_for_customer', 'Welcher Drucker?');
    await status('resolved');
    await status('closed');
    const kinds = (await mails(ticket)).map(({ kind }) => kind);
    expect(kinds).toEqual(['received', 'waiting', 'closed']);
    await ended(await carried((await mails(ticket))[1]!));
    expect((await mailTo(harness, 'ada@firma.example')).text).toContain('Welcher Drucker?');
  });
});
