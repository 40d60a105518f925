import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fresh } from '../../support/api/api-fixture.js';
import { HELPDESK, startMailFixture, type MailFixture } from '../../support/api/mail-fixture.js';

let fixture: MailFixture;
beforeAll(async () => {
  fixture = await startMailFixture();
  await fixture.contact('muster', 'eva@firma.example');
});
afterAll(() => fixture?.stop());

const eva = { from: 'eva@firma.example', signedBy: 'firma.example' } as const;
const stranger = { from: 'mallory@fremd.example', signedBy: 'fremd.example' } as const;

async function msp(method: string, path: string, body?: object, tenant: string | null = 'muster') {
  const headers = { ...fresh(), ...(tenant === null ? {} : { 'stellwerk-tenant': tenant }) };
  const answer = await fixture.call(method, `/v1/${path}`, { as: 'msp/owner', headers, ...(body ? { body } : {}) });
  expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
  return answer.body as Record<string, unknown> & { readonly items: readonly Record<string, unknown>[] };
}
const last = async (tenant: string) => (await fixture.mails(tenant)).at(-1)!;

describe('mails of strangers', () => {
  it('wait, become tickets by a person’s word, or are put away, as the customer wants it', async () => {
    const settings = await msp('PUT', 'ticket-mail-settings', { unknownSenders: 'quarantine', muted: [] });
    const to = settings['address'] as string;
    expect(to).toMatch(/^support\+c[a-z2-7]{16}@helpdesk\.example$/);
    await fixture.send({ ...stranger, to, subject: 'Angebot', text: 'Günstig!' });
    await fixture.send({ ...stranger, to, subject: 'Neue Kollegin', text: 'Ich bin neu hier.' });
    const waiting = (await msp('GET', 'incoming-mails?outcome=quarantined&tenant=muster', undefined, null)).items;
    expect(waiting.map(({ subject }) => subject)).toEqual(['Neue Kollegin', 'Angebot']);
    const [welcome, spam] = waiting;
    expect(welcome!['proof']).toMatchObject({
      proven: true,
      why: 'signed by fremd.example',
      dmarc: { result: 'pass' },
    });
    const released = await msp('POST', `incoming-mails/${String(welcome!['id'])}/release`, undefined, null);
    expect(released).toMatchObject({ outcome: 'opened', decidedBy: 'owner@msp' });
    const entries = await fixture.entries(released['ticketId'] as string);
    expect(entries[0]).toMatchObject({ by: 'mail/unknown', by_kind: 'machine' });
    await msp('POST', `incoming-mails/${String(spam!['id'])}/rejection`, undefined, null);
    expect((await msp('GET', 'incoming-mails?outcome=quarantined&tenant=muster', undefined, null)).items).toEqual([]);
  });

  it('are turned away where the customer wants it, and their words are not kept', async () => {
    const { address } = await msp('PUT', 'ticket-mail-settings', { unknownSenders: 'refuse', muted: [] });
    const sent = fixture.send({ ...stranger, to: address as string, subject: 'Weg', text: 'Geheimnis' });
    await expect(sent).rejects.toMatchObject({ responseCode: 550 });
    const mail = await last('muster');
    expect(mail).toMatchObject({ outcome: 'refused', text: '' });
    const original = await fixture.call('GET', `/v1/incoming-mails/${mail.id}/original`, { as: 'msp/owner' });
    expect(original.status).toBe(404);
    await msp('PUT', 'ticket-mail-settings', { unknownSenders: 'triage', muted: [] });
  });

  it('more than a person writes wait in quarantine', async () => {
    const { admin } = fixture.database;
    const one = { ...eva, to: HELPDESK, text: 'Flut.' };
    await fixture.send({ ...one, subject: 'Flut 0' });
    const row = (await admin
      .selectFrom('incoming_mails')
      .selectAll()
      .where('subject', '=', 'Flut 0')
      .executeTakeFirst())!;
    for (let i = 1; i < 60; i += 1) {
      const copy = {
        ...row,
        id: crypto.randomUUID(),
        fingerprint: Buffer.alloc(32, i),
        proof: JSON.stringify(row.proof),
      };
      await admin
        .insertInto('incoming_mails')
        .values({ ...copy, attachments: '[]' })
        .execute();
    }
    await fixture.send({ ...one, subject: 'Flut 60' });
    expect((await fixture.mails('muster')).find(({ subject }) => subject === 'Flut 60')).toMatchObject({
      ...{ outcome: 'quarantined', reason: 'too_many' },
    });
    await admin
      .updateTable('incoming_mails')
      .set({ received_at: new Date(0) })
      .execute();
  });
});

describe('a mail as it came', () => {
  it('is handed out as bytes that no browser shows, to technicians alone', async () => {
    await fixture.send({ ...eva, to: HELPDESK, subject: 'Original', html: '<script>alert(1)</script>Hallo' });
    const { id } = (await fixture.mails('muster')).find(({ subject }) => subject === 'Original')!;
    const answer = await fixture.call('GET', `/v1/incoming-mails/${id}/original`, { as: 'msp/technician' });
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.text).toContain('Subject: Original');
    const theirs = await fixture.call('GET', `/v1/incoming-mails/${id}`, { as: 'muster/customer_admin' });
    expect(theirs.status).toBe(403);
  });
});

describe('a mail of ours that came back', () => {
  it('is noted on its ticket, and nothing more goes there until a mail comes from that address', async () => {
    const { admin } = fixture.database;
    await fixture.send({ ...eva, to: HELPDESK, subject: 'Rückläufer', text: 'Da.' });
    const ticketId = (await fixture.mails('muster')).find(({ subject }) => subject === 'Rückläufer')!.ticket_id!;
    const mail = await admin
      .selectFrom('ticket_mails')
      .selectAll()
      .where('ticket_id', '=', ticketId)
      .executeTakeFirstOrThrow();
    const messageId = await fixture.addresses.messageId({ tenant: 'muster', ticketId }, mail.id);
    await admin
      .updateTable('ticket_mails')
      .set({ status: 'sent', ended_at: mail.requested_at, message_id: messageId })
      .where('id', '=', mail.id)
      .execute();
    const report = (quoted: string) =>
      [
        'From: MAILER-DAEMON@mx.firma.example',
        `To: ${HELPDESK}`,
        'Subject: Undelivered Mail Returned to Sender',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
        '',
        '--b',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mx.firma.example',
        '',
        'Final-Recipient: rfc822; eva@firma.example',
        'Action: failed',
        'Status: 5.1.1',
        '',
        '--b',
        'Content-Type: text/rfc822-headers',
        '',
        `Message-ID: ${quoted}`,
        '--b--',
        '',
      ].join('\r\n');
    const envelope = { from: '', to: HELPDESK };
    const forged = messageId.replace(/^<t.{6}/, '<taaaaaa');
    await fixture.sendRaw(report(forged), envelope);
    expect((await fixture.entries(ticketId)).map(({ kind }) => kind)).not.toContain('mail_bounced');
    await fixture.sendRaw(report(messageId), envelope);
    expect((await fixture.entries(ticketId)).at(-1)).toMatchObject({ kind: 'mail_bounced', public: false });
    const shown = await msp('GET', `tickets/${ticketId}/mails`, undefined, null);
    expect(shown['outgoing']).toEqual([expect.objectContaining({ status: 'bounced', to: 'eva@firma.example' })]);
    const before = (await fixture.tickets('muster')).length;
    await msp('POST', `tickets/${ticketId}/comments`, { body: 'Sind Sie da?' });
    const outgoing = (await msp('GET', `tickets/${ticketId}/mails`, undefined, null))['outgoing'];
    expect(outgoing).toEqual([
      expect.objectContaining({ kind: 'received' }),
      expect.objectContaining({
        kind: 'answer',
        status: 'suppressed',
        problem: expect.objectContaining({ code: 'ticket_mail.address_bounced' }),
      }),
    ]);
    expect((await fixture.tickets('muster')).length).toBe(before);
  });
});

describe('the texts of mails', () => {
  const text = {
    subject: 'Ticket {{number}} bei Muster',
    body: 'Hallo {{name}},\n\n{{text}}\n\nIhr {{customer}}-Team',
  };

  it('are the customer’s own, else the MSP’s, else Stellwerk’s, by version', async () => {
    const of = async (tenant: string) =>
      (await msp('GET', 'ticket-mail-texts', undefined, tenant)).items.find(
        ({ kind, language }) => kind === 'answer' && language === 'de',
      );
    expect(await of('muster')).toMatchObject({ from: null, version: null });
    await msp('PUT', 'ticket-mail-texts/answer/de', { ...text, subject: 'Vom MSP {{number}}' }, 'msp');
    expect(await of('muster')).toMatchObject({ from: 'msp', version: 1, subject: 'Vom MSP {{number}}' });
    await msp('PUT', 'ticket-mail-texts/answer/de', text);
    await msp('PUT', 'ticket-mail-texts/answer/de', { ...text, subject: 'Neu {{number}}' });
    expect(await of('muster')).toMatchObject({ from: 'muster', version: 2, subject: 'Neu {{number}}' });
    expect(await of('nordlicht')).toMatchObject({ from: 'msp' });
    await msp('DELETE', 'ticket-mail-texts/answer/de');
    expect(await of('muster')).toMatchObject({ from: 'msp' });
  });

  it('are shown as they would go out, of a sample and of a ticket; what people wrote fills no placeholder', async () => {
    const wish = { kind: 'answer', language: 'de', ...text };
    const sample = await msp('POST', 'ticket-mail-texts/preview', wish);
    expect(sample['subject']).toBe('Ticket 4711 bei Muster');
    expect(sample['text']).toContain('Wir haben den Toner getauscht.');
    const { id, number } = await fixture.ticket('muster', '{{text}} <b>fett</b>');
    const shown = await msp('POST', `tickets/${id}/mail-preview`, { ...wish, subject: '{{number}}: {{subject}}' });
    expect(shown['subject']).toBe(`${number}: {{text}} <b>fett</b>`);
    expect(shown['html']).not.toContain('<b>');
  });

  it('of a kind that the customer wants none of are not sent', async () => {
    await msp('PUT', 'ticket-mail-settings', { unknownSenders: 'triage', muted: ['received'] });
    await fixture.send({ ...eva, to: HELPDESK, subject: 'Ohne Bestätigung', text: 'x' });
    const { ticket_id: id } = (await fixture.mails('muster')).find(({ subject }) => subject === 'Ohne Bestätigung')!;
    expect((await msp('GET', `tickets/${id}/mails`, undefined, null))['outgoing']).toEqual([]);
  });
});
