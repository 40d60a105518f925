import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { HELPDESK, startMailFixture, type MailFixture } from '../../support/api/mail-fixture.js';
import { Dovecot } from '../../support/dovecot.js';
import { eventually } from '../../support/eventually.js';

let fixture: MailFixture;
let server: Dovecot;
beforeAll(async () => {
  [fixture, server] = await Promise.all([startMailFixture(), Dovecot.start()]);
  await fixture.contact('muster', 'eva@firma.example');
  await fixture.contact('nordlicht', 'nils@nord.example');
  for (const tenant of ['msp', 'muster']) await letReach(tenant);
});
afterAll(async () => {
  await fixture?.stop();
  await server?.stop();
});
afterEach(async () => void (await fixture.database.admin.deleteFrom('ticket_mailboxes').execute()));

const eva = { from: 'Eva Beck <eva@firma.example>', signedBy: 'firma.example' } as const;
const nils = { from: 'nils@nord.example', signedBy: 'nord.example' } as const;

async function letReach(tenant: string): Promise<void> {
  const place = { host: null, cidr: '127.0.0.1/32', ports: null, protocols: ['imap'], reason: 'test' };
  await fixture.database.admin
    .insertInto('outgoing_allowances')
    .values({ tenant_id: tenant, id: newId(), created_by: 'test', ...place })
    .execute();
  const answer = await fixture.call('PUT', '/v1/secrets/mailbox-helpdesk', {
    ...{ as: tenant === 'msp' ? ('msp/owner' as const) : ('muster/customer_admin' as const) },
    ...{ headers: tenant === 'msp' ? { 'stellwerk-tenant': 'msp' } : {}, body: { value: server.password } },
  });
  expect([answer.status, answer.text]).toEqual([answer.status < 300 ? answer.status : 200, answer.text]);
}

async function mailbox(tenant: string, user: string, more: object = {}): Promise<string> {
  const id = newId();
  await fixture.database.admin
    .insertInto('ticket_mailboxes')
    .values({
      ...{ tenant_id: tenant, id, name: user, host: '127.0.0.1', port: server.port, encryption: 'tls' },
      ...{ ca_pem: server.ca, user_name: user, secret_ref: 'secret://mailbox-helpdesk', folder: 'INBOX' },
      ...{ changed_by: 'test', ...more },
    })
    .execute();
  return id;
}

const arrived = (tenant: string, subject: string) =>
  eventually(`"${subject}" is taken`, async () => {
    const found = (await fixture.mails(tenant)).find((mail) => mail.subject === subject);
    const boxes = await fixture.database.admin.selectFrom('ticket_mailboxes').selectAll().execute();
    return found ?? Promise.reject(new Error(JSON.stringify([boxes, server.log().slice(-500)])));
  });
const row = (id: string) =>
  fixture.database.admin.selectFrom('ticket_mailboxes').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('a mailbox', () => {
  it('of the MSP is read as it fills, and a mail is marked only when its ticket is there', async () => {
    server.deliver('helpdesk', await fixture.composed({ ...eva, to: HELPDESK, subject: 'Vorher', text: 'Da.' }));
    const id = await mailbox('msp', 'helpdesk');
    expect(await arrived('muster', 'Vorher')).toMatchObject({ outcome: 'opened', proven: true });
    server.deliver('helpdesk', await fixture.composed({ ...eva, to: HELPDESK, subject: 'Danach', text: 'Da.' }));
    expect(await arrived('muster', 'Danach')).toMatchObject({ outcome: 'opened' });
    await eventually('both are marked as seen', () =>
      Promise.resolve(server.mails('helpdesk').every((name) => /:2,.*S/.test(name)) ? true : null),
    );
    await eventually('it says that it was read', async () => ((await row(id)).read_at ? true : null));
  });

  it('of a customer is that customer’s alone: a token of another’s ticket in it reaches nothing', async () => {
    const theirs = await fixture.ticket('nordlicht');
    const token = (await fixture.addresses.ofTicket({ tenant: 'nordlicht', ticketId: theirs.id }))!;
    server.deliver('muster', await fixture.composed({ ...nils, to: token, subject: 'Verirrt', text: 'Hallo.' }));
    server.deliver(
      'muster',
      await fixture.composed({ ...eva, to: 'hilfe@firma.example', subject: 'Bei uns', text: 'Hallo.' }),
    );
    await mailbox('muster', 'muster', { done_folder: 'Done' });
    expect(await arrived('muster', 'Bei uns')).toMatchObject({ outcome: 'opened' });
    expect(await arrived('msp', 'Verirrt')).toMatchObject({ outcome: 'opened', reason: 'other_customer' });
    expect((await fixture.entries(theirs.id)).filter(({ kind }) => kind === 'comment')).toEqual([]);
    await eventually('they are moved', () =>
      Promise.resolve(server.mails('muster', '.Done').length === 2 ? true : null),
    );
    expect(server.mails('muster')).toEqual([]);
  });

  it('brings a mail that came by SMTP, too, once', async () => {
    const mail = await fixture.composed({ ...eva, to: HELPDESK, subject: 'Doppelt', text: 'Einmal.' });
    await fixture.sendRaw(Buffer.from(mail, 'latin1'), { from: 'eva@firma.example', to: HELPDESK });
    server.deliver(
      'beide',
      `Return-Path: <eva@firma.example>\r\nReceived: from a by b; Mon, 23 Nov 2026 08:00:00 +0000\r\n${mail}`,
    );
    await mailbox('msp', 'beide');
    await eventually('it is marked', () =>
      Promise.resolve(server.mails('beide').every((name) => /:2,.*S/.test(name)) ? true : null),
    );
    expect((await fixture.mails('muster')).filter(({ subject }) => subject === 'Doppelt')).toHaveLength(1);
  });

  it('keeps a mail unmarked until it is committed', async () => {
    const id = await mailbox('msp', 'ausfall', { enabled: false });
    server.deliver('ausfall', await fixture.composed({ ...eva, to: HELPDESK, subject: 'Ausfall', text: 'Da.' }));
    await fixture.withoutTaking(async () => {
      await fixture.database.admin
        .updateTable('ticket_mailboxes')
        .set({ enabled: true })
        .where('id', '=', id)
        .execute();
      await eventually('it could not be taken', async () => ((await row(id)).failure ? true : null));
      expect(server.mails('ausfall').filter((name) => /:2,.*S/.test(name))).toEqual([]);
    });
    expect(await arrived('muster', 'Ausfall')).toMatchObject({ outcome: 'opened' });
  });

  it('is read by one instance at a time, and by another when that one ends', async () => {
    const id = await mailbox('msp', 'einer', { leased_by: newId(), leased_until: '2100-01-01T00:00:00Z' });
    server.deliver('einer', await fixture.composed({ ...eva, to: HELPDESK, subject: 'Belegt', text: 'x' }));
    const looks = () =>
      fixture.database.admin.selectFrom('ticket_mailboxes').select('read_at').where('id', '=', id).executeTakeFirst();
    expect((await looks())?.read_at).toBeNull();
    expect(server.mails('einer')[0]).not.toMatch(/:2,.*S/);
    await fixture.database.admin
      .updateTable('ticket_mailboxes')
      .set({ leased_until: new Date(0) })
      .where('id', '=', id)
      .execute();
    await arrived('muster', 'Belegt');
  });

  it('that cannot be opened says why', async () => {
    const id = await mailbox('msp', 'falsch', { secret_ref: 'secret://mailbox-missing' });
    await eventually('why', async () => ((await row(id)).failure === 'secret.missing' ? true : null));
    const other = await mailbox('msp', 'anders', { ca_pem: null });
    await eventually('why', async () => ((await row(other)).failure?.startsWith('mailbox.unreachable') ? true : null));
    const far = await mailbox('msp', 'weit', { host: '127.0.0.2' });
    await eventually('why', async () => ((await row(far)).failure === 'outgoing.not_allowed' ? true : null));
  });

  it('believes what the named server found about where a mail came from, and nobody else', async () => {
    const raw = (id: string, subject: string) =>
      `Authentication-Results: ${id}; spf=pass smtp.mailfrom=eva@firma.example\r\nFrom: eva@firma.example\r\nTo: ${HELPDESK}\r\nSubject: ${subject}\r\n\r\nHallo.\r\n`;
    server.deliver('relay', raw('mx.helpdesk.example', 'Geglaubt'));
    server.deliver('relay', raw('mx.fremd.example', 'Erfunden'));
    await mailbox('msp', 'relay', { authserv_id: 'mx.helpdesk.example' });
    expect(await arrived('muster', 'Geglaubt')).toMatchObject({ proven: true });
    expect(await arrived('msp', 'Erfunden')).toMatchObject({ proven: false });
  });
});
