import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HELPDESK, startMailFixture, type MailFixture } from '../../support/api/mail-fixture.js';

let fixture: MailFixture;
let eva = '';
beforeAll(async () => {
  fixture = await startMailFixture();
  eva = await fixture.contact('muster', 'eva@firma.example');
});
afterAll(() => fixture?.stop());

const EVA = 'Eva Beck <eva@firma.example>';
const signed = { from: EVA, signedBy: 'firma.example' } as const;
const files = (ticketId: string) =>
  fixture.database.admin.selectFrom('ticket_attachments').selectAll().where('ticket_id', '=', ticketId).execute();
const newest = async () => (await fixture.mails('muster')).at(-1)!;

describe('a mail to the helpdesk', () => {
  it('of a customer’s contact becomes their ticket, and they hear of it', async () => {
    const response = await fixture.send({ ...signed, to: HELPDESK, subject: 'Drucker', text: 'Er druckt leer.\n' });
    expect(response).toMatch(/^250/);
    const mail = await newest();
    expect(mail).toMatchObject({ outcome: 'opened', proven: true, reason: null });
    const { admin } = fixture.database;
    const ticket = await admin
      .selectFrom('tickets')
      .selectAll()
      .where('id', '=', mail.ticket_id!)
      .executeTakeFirstOrThrow();
    expect(ticket).toMatchObject({
      tenant_id: 'muster',
      subject: 'Drucker',
      description: 'Er druckt leer.',
      contact_id: eva,
    });
    const told = await admin.selectFrom('ticket_mails').selectAll().where('ticket_id', '=', ticket.id).execute();
    expect(told).toEqual([expect.objectContaining({ kind: 'received', recipient: 'eva@firma.example' })]);
  });

  it('that answers a ticket becomes its comment by the customer, and ends waiting for them', async () => {
    const { id } = await fixture.ticket('muster');
    const body = { status: 'waiting_for_customer', reason: 'Welcher Drucker?' };
    await fixture.call('POST', `/v1/tickets/${id}/status`, {
      as: 'msp/technician',
      headers: { 'stellwerk-tenant': 'muster' },
      body,
    });
    const to = (await fixture.addresses.ofTicket({ tenant: 'muster', ticketId: id }))!;
    await fixture.send({
      ...signed,
      to,
      subject: 'Re: Ticket',
      text: 'Der an der Treppe.\n\nAm 23.11.26 schrieb Helpdesk:\n> Welcher Drucker?',
    });
    const entries = await fixture.entries(id);
    expect(entries.filter(({ kind }) => kind === 'comment')).toEqual([
      expect.objectContaining({ body: 'Der an der Treppe.', by: `contact/${eva}`, by_kind: 'customer', public: true }),
    ]);
    expect((await fixture.tickets('muster')).find((one) => one.id === id)!.status).toBe('in_progress');
    expect((await newest()).text).toContain('> Welcher Drucker?');
  });

  it('that lost its address finds its ticket by our Message-ID', async () => {
    const { id } = await fixture.ticket('muster');
    const messageId = await fixture.addresses.messageId({ tenant: 'muster', ticketId: id }, id);
    await fixture.send({
      ...signed,
      to: HELPDESK,
      subject: 'AW: irgendwas',
      text: 'Ja.',
      inReplyTo: messageId,
      references: [messageId],
    });
    expect(await newest()).toMatchObject({ outcome: 'commented', ticket_id: id });
  });

  it('that comes twice, or by two servers, is one', async () => {
    const before = (await fixture.mails('muster')).length;
    const mail = {
      ...signed,
      to: HELPDESK,
      subject: 'Zweimal',
      text: 'Einmal.',
      messageId: '<zwei@firma.example>',
      date: new Date('2026-11-23T08:00:00Z'),
    };
    await fixture.send(mail);
    await fixture.send({ ...mail, headers: { Received: 'from elsewhere by there; Mon, 23 Nov 2026 08:00:01 +0000' } });
    expect((await fixture.mails('muster')).length).toBe(before + 1);
    expect((await fixture.tickets('muster')).filter(({ subject }) => subject === 'Zweimal')).toHaveLength(1);
  });

  it('in whatever letters and encodings is read as it was meant', async () => {
    const lines = [
      'From: =?iso-8859-1?Q?J=F6rg_M=FCller?= <eva@firma.example>',
      `To: ${HELPDESK}`,
      'Subject: =?utf-8?B?VMO8cmtsaW5nZWwg4oCTIGdyw7zDn2U=?=',
      'Message-ID: <form@firma.example>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Sch=F6ne Gr=FC=DFe, die T=FCr klemmt.',
      '--b',
      'Content-Type: application/ms-tnef; name=winmail.dat',
      'Content-Disposition: attachment; filename=winmail.dat',
      'Content-Transfer-Encoding: base64',
      '',
      'eJ8+IgEBAQ==',
      '--b--',
      '',
    ];
    await fixture.sendRaw(lines.join('\r\n'), { from: 'eva@firma.example', to: HELPDESK });
    expect(await newest()).toMatchObject({
      ...{ subject: 'Türklingel – grüße', outcome: 'opened', proven: true },
      text: expect.stringContaining('Schöne Grüße, die Tür klemmt.'),
      attachments: [expect.objectContaining({ name: 'winmail.dat', type: 'application/ms-tnef' })],
    });
    expect(await files((await newest()).ticket_id!)).toEqual([expect.objectContaining({ name: 'winmail.dat' })]);
  });

  it('of HTML alone is read as text, and nothing of it runs or is fetched', async () => {
    const html =
      '<html><script>alert(1)</script><img src="http://127.0.0.1:1/x.png"><p>Die <b>Maus</b> klemmt.</p></html>';
    await fixture.send({ ...signed, to: HELPDESK, subject: 'Maus', html });
    const { text } = await newest();
    expect(text).toContain('Die Maus klemmt.');
    expect(text).not.toMatch(/alert|<b>|<img/);
  });

  it('of nearly 5 MB is taken whole, and one that is too large is told so', async () => {
    const big = { ...signed, to: HELPDESK, subject: 'Groß', text: 'Anbei.' };
    await fixture.send({
      ...big,
      attachments: [
        { filename: 'bild.pdf', content: Buffer.concat([Buffer.from('%PDF-1.7'), Buffer.alloc(3_600_000, 7)]) },
      ],
    });
    expect(await newest()).toMatchObject({
      outcome: 'opened',
      attachments: [expect.objectContaining({ bytes: 3_600_008 })],
    });
    expect(await files((await newest()).ticket_id!)).toEqual([
      expect.objectContaining({ name: 'bild.pdf', type: 'application/pdf', public: true }),
    ]);
    const more = fixture.send({ ...big, attachments: [{ filename: 'bild.bin', content: Buffer.alloc(7_000_000, 7) }] });
    await expect(more).rejects.toMatchObject({ responseCode: 552 });
  });

  it('to an address that is none is refused, and so is one to a token that is cut', async () => {
    for (const to of ['info@helpdesk.example', 'support+t@helpdesk.example', 'support@elsewhere.example'])
      await expect(fixture.send({ ...signed, to, subject: 'x', text: 'x' })).rejects.toMatchObject({
        responseCode: 550,
      });
  });

  it('that cannot be committed is to come again, and is then taken', async () => {
    const mail = { ...signed, to: HELPDESK, subject: 'Nochmal', text: 'Da?', messageId: '<nochmal@firma.example>' };
    const before = (await fixture.tickets('muster')).length;
    await fixture.withoutTaking(() => expect(fixture.send(mail)).rejects.toMatchObject({ responseCode: 451 }));
    expect((await fixture.tickets('muster')).length).toBe(before);
    expect(await fixture.send(mail)).toMatch(/^250/);
    expect((await fixture.tickets('muster')).length).toBe(before + 1);
  });

  it('with a program among its files is taken without that one, and says so to technicians', async () => {
    const attachments = [
      { filename: 'rechnung.pdf.exe', content: 'MZ' },
      { filename: 'fehler.log', content: 'Fehler 7' },
    ];
    await fixture.send({ ...signed, to: HELPDESK, subject: 'Anhang', text: 'Siehe Anhang.', attachments });
    const { ticket_id: id } = await newest();
    expect((await files(id!)).map(({ name }) => name)).toEqual(['fehler.log']);
    expect((await fixture.entries(id!)).at(-1)).toMatchObject({
      ...{ kind: 'mail', public: false },
      change: { refusedFiles: [{ name: 'rechnung.pdf.exe', code: 'ticket.attachment_type_refused' }] },
    });
  });

  it('to a closed ticket becomes a new one', async () => {
    const { id } = await fixture.ticket('muster');
    for (const status of ['resolved', 'closed'])
      await fixture.call('POST', `/v1/tickets/${id}/status`, {
        ...{ as: 'msp/technician' as const, headers: { 'stellwerk-tenant': 'muster' }, body: { status } },
      });
    const to = (await fixture.addresses.ofTicket({ tenant: 'muster', ticketId: id }))!;
    await fixture.send({ ...signed, to, subject: 'Doch nicht', text: 'Es druckt wieder leer.' });
    const mail = await newest();
    expect(mail).toMatchObject({ outcome: 'opened', reason: 'ticket_was_closed' });
    expect(mail.ticket_id).not.toBe(id);
  });
});
