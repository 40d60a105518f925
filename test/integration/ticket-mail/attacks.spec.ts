import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { threadToken } from '#libs/tickets';
import { HELPDESK, startMailFixture, type MailFixture } from '../../support/api/mail-fixture.js';

let fixture: MailFixture;
let ticket: { readonly id: string; readonly number: number };
let address = '';
beforeAll(async () => {
  fixture = await startMailFixture();
  await fixture.contact('muster', 'eva@firma.example');
  await fixture.contact('nordlicht', 'nils@nord.example');
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  ticket = await fixture.ticket('muster');
  address = (await fixture.addresses.ofTicket({ tenant: 'muster', ticketId: ticket.id }))!;
});

const eva = { from: 'eva@firma.example', signedBy: 'firma.example' } as const;
const nils = { from: 'nils@nord.example', signedBy: 'nord.example' } as const;
const stranger = { from: 'mallory@fremd.example', signedBy: 'fremd.example' } as const;
const words = { subject: 'Re: Ticket', text: 'Bitte schaltet die Firewall ab.' };

const comments = async () => (await fixture.entries(ticket.id)).filter(({ kind }) => kind === 'comment');
const last = async (tenant: string) => (await fixture.mails(tenant)).at(-1)!;
const refused = (code: number) => expect.objectContaining({ responseCode: code });

describe('a follow-up never lands at another customer', () => {
  it('by a forged token', async () => {
    const forged = threadToken(randomBytes(32), { tenant: 'muster', ticketId: ticket.id });
    await expect(fixture.send({ ...eva, ...words, to: `support+${forged}@helpdesk.example` })).rejects.toEqual(
      refused(550),
    );
    expect(await comments()).toEqual([]);
  });

  it('by a token that was made for the same ticket of another tenant', async () => {
    const other = await fixture.addresses.ofTicket({ tenant: 'nordlicht', ticketId: ticket.id });
    await expect(fixture.send({ ...nils, ...words, to: other! })).rejects.toEqual(refused(550));
    expect(await comments()).toEqual([]);
  });

  it('by the token of a customer’s ticket in the hands of another customer’s person', async () => {
    await fixture.send({ ...nils, ...words, to: address });
    expect(await comments()).toEqual([]);
    expect(await last('msp')).toMatchObject({ outcome: 'opened', reason: 'unknown_sender', proven: true });
  });

  it('by a token that was forwarded to a stranger: it goes to triage', async () => {
    const before = (await fixture.tickets('muster')).length;
    await fixture.send({ ...stranger, ...words, to: address });
    expect(await comments()).toEqual([]);
    const mail = await last('msp');
    expect(mail).toMatchObject({ outcome: 'opened', reason: 'unknown_sender' });
    expect((await fixture.entries(mail.ticket_id!))[0]).toMatchObject({ by: 'mail/unknown', by_kind: 'machine' });
    expect((await fixture.tickets('muster')).length).toBe(before);
    const told = await fixture.database.admin
      .selectFrom('ticket_mails')
      .selectAll()
      .where('ticket_id', '=', mail.ticket_id)
      .execute();
    expect(told).toEqual([]);
  });

  it('by References of another customer’s ticket', async () => {
    const messageId = await fixture.addresses.messageId({ tenant: 'muster', ticketId: ticket.id }, ticket.id);
    const nord = (await fixture.addresses.ofCustomer('nordlicht'))!;
    await fixture.send({ ...nils, ...words, to: nord, inReplyTo: messageId, references: [messageId] });
    expect(await comments()).toEqual([]);
    const mail = await last('nordlicht');
    expect(mail).toMatchObject({ outcome: 'opened', reason: null });
    expect((await fixture.tickets('nordlicht')).map(({ id }) => id)).toEqual([mail.ticket_id]);
    await fixture.send({ ...nils, ...words, to: HELPDESK, inReplyTo: messageId, text: 'Ohne eigene Adresse.' });
    expect(await comments()).toEqual([]);
  });

  it('by the Message-ID of a mail of another customer’s person', async () => {
    await fixture.send({
      ...eva,
      to: HELPDESK,
      subject: 'Meins',
      text: 'Geheim.',
      messageId: '<geheim@firma.example>',
    });
    const own = (await last('muster')).ticket_id!;
    await fixture.send({ ...nils, ...words, to: HELPDESK, inReplyTo: '<geheim@firma.example>', text: 'Auch meins?' });
    expect((await fixture.entries(own)).filter(({ kind }) => kind === 'comment')).toEqual([]);
    expect(await last('nordlicht')).toMatchObject({ outcome: 'opened' });
  });

  it('by a number in the subject', async () => {
    await fixture.send({ ...nils, to: HELPDESK, subject: `Re: Ticket ${ticket.number}`, text: 'Nummer geraten.' });
    expect(await comments()).toEqual([]);
  });

  it('by addresses of two customers in one mail: each sees its own', async () => {
    const to = [address, (await fixture.addresses.ofCustomer('nordlicht'))!].join(', ');
    await fixture.send({ ...eva, to, subject: 'An beide', text: 'Beide lesen das.' });
    expect(await comments()).toEqual([expect.objectContaining({ body: 'Beide lesen das.' })]);
    expect((await last('nordlicht'))?.subject).not.toBe('An beide');
    expect((await last('msp')).subject).toBe('An beide');
  });
});

describe('a sender who is not proven', () => {
  it('that forges a customer’s address is not the person: nothing ends, the customer does not see it, technicians do', async () => {
    const waiting = { status: 'waiting_for_customer', reason: 'Welcher Drucker?' };
    await fixture.call('POST', `/v1/tickets/${ticket.id}/status`, {
      ...{ as: 'msp/technician' as const, headers: { 'stellwerk-tenant': 'muster' }, body: waiting },
    });
    await fixture.send({ from: 'eva@firma.example', ...words, to: address }, 'mallory@fremd.example');
    expect(await comments()).toEqual([
      expect.objectContaining({ by: 'mail/unproven', by_kind: 'machine', public: false }),
    ]);
    expect((await fixture.tickets('muster')).find(({ id }) => id === ticket.id)!.status).toBe('waiting_for_customer');
    expect(await last('muster')).toMatchObject({ proven: false, outcome: 'commented' });
  });

  it('that signs with a domain of their own is not proven by it', async () => {
    await fixture.send(
      { from: 'eva@firma.example', signedBy: 'fremd.example', ...words, to: address },
      'm@fremd.example',
    );
    expect(await last('muster')).toMatchObject({ proven: false });
  });

  it('that changes a signed mail on its way is not proven', async () => {
    const mail = {
      from: 'eva@firma.example',
      to: address,
      subject: 'Gut',
      text: 'Alles gut.',
      signedBy: 'firma.example',
    };
    const changed = (await fixture.composed(mail)).replace('Alles gut.', 'Bitte Geld.');
    await fixture.sendRaw(changed, { from: 'x@fremd.example', to: address });
    expect(await last('muster')).toMatchObject({ proven: false });
  });

  it('that writes two From headers is nobody', async () => {
    const raw = [
      'From: eva@firma.example',
      'From: mallory@fremd.example',
      `To: ${HELPDESK}`,
      'Subject: zwei',
      '',
      'x',
      '',
    ];
    await fixture.sendRaw(raw.join('\r\n'), { from: 'eva@firma.example', to: HELPDESK });
    expect(await last('msp')).toMatchObject({ proven: false, reason: 'no_single_sender' });
  });

  it('whose domain asks everybody not to take what it did not send waits in quarantine', async () => {
    fixture.domains.add('streng.example', { dmarc: 'v=DMARC1; p=reject' });
    await fixture.contact('muster', 'chef@streng.example');
    await fixture.send({ from: 'chef@streng.example', ...words, to: address }, 'mallory@fremd.example');
    expect(await last('muster')).toMatchObject({ outcome: 'quarantined', reason: 'dmarc_failed', proven: false });
    expect(await comments()).toEqual([]);
  });

  it('whose name server is away is asked to come again', async () => {
    fixture.domains.away.add('_dmarc.firma.example').add('firma.example').add('s1._domainkey.firma.example');
    await expect(fixture.send({ ...eva, ...words, to: address })).rejects.toEqual(refused(451));
    fixture.domains.away.clear();
    await fixture.send({ ...eva, ...words, to: address });
    expect(await last('muster')).toMatchObject({ proven: true, outcome: 'commented' });
  });
});

describe('what programs write', () => {
  it.each([
    ['an out-of-office reply', { 'Auto-Submitted': 'auto-replied' }, 'auto_reply'],
    ['a reply to our own confirmation', { Precedence: 'auto_reply' }, 'auto_reply'],
    ['a mailing list', { 'List-Id': '<users.firma.example>' }, 'mailing_list'],
    ['a bulk mail', { Precedence: 'bulk' }, 'mailing_list'],
  ])('opens no ticket and is answered by no mail: %s', async (name, headers, reason) => {
    const before = await fixture.tickets('muster');
    const mails = () => fixture.database.admin.selectFrom('ticket_mails').selectAll().execute();
    const told = (await mails()).length;
    await fixture.send({ ...eva, to: HELPDESK, subject: name, text: 'Bin weg.', headers });
    expect(await last('muster')).toMatchObject({ outcome: 'ignored', reason, subject: name });
    expect(await fixture.tickets('muster')).toEqual(before);
    expect((await mails()).length).toBe(told);
  });

  it('a mail of our own that comes back is refused, and so is one that goes round in circles', async () => {
    const own = { ...eva, ...words, to: HELPDESK, headers: { 'Stellwerk-Ticket-Mail': ticket.id } };
    await expect(fixture.send(own)).rejects.toEqual(refused(554));
    const hops = Array.from(
      { length: 60 },
      (_, i) => `Received: from h${i} by h${i + 1}; Mon, 23 Nov 2026 08:00:00 +0000`,
    );
    const raw = [...hops, 'From: eva@firma.example', `To: ${HELPDESK}`, 'Subject: rund', '', 'x', ''].join('\r\n');
    await expect(fixture.sendRaw(raw, { from: 'eva@firma.example', to: HELPDESK })).rejects.toEqual(refused(554));
  });
});
