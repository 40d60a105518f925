import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';

let fixture: ApiFixture;
beforeAll(async () => void (fixture = await startApiFixture()));
afterAll(() => fixture?.stop());

const wish = { type: 'incident', subject: 'The printer prints blank pages', impact: 'high', urgency: 'medium' };
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(2_500_000, 7)]);

const keyed = () => ({ 'idempotency-key': newId() });

async function open(as: Who = 'muster/requester'): Promise<string> {
  const answer = await fixture.call('POST', '/v1/tickets', { as, headers: keyed(), body: wish });
  expect(answer.status).toBe(201);
  return (answer.body as { id: string }).id;
}

function upload(as: Who, ticket: string, name: string, raw: string | Uint8Array, query = '', headers = keyed()) {
  const path = `/v1/tickets/${ticket}/attachments?name=${encodeURIComponent(name)}${query}`;
  return fixture.call('POST', path, { as, raw, headers: { ...headers, 'content-type': 'application/octet-stream' } });
}

async function download(as: Who, id: string): Promise<{ response: Response; bytes: Buffer }> {
  const headers = { authorization: `Bearer ${fixture.keyOf(as)}` };
  const response = await fetch(`${fixture.api.url}/v1/ticket-attachments/${id}`, { headers });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

const names = async (as: Who, ticket: string) => {
  const { body } = await fixture.call('GET', `/v1/tickets/${ticket}/attachments`, { as });
  return (body as { items: { name: string }[] }).items.map(({ name }) => name);
};

describe('a file of a ticket', () => {
  it('comes back byte by byte, to be saved and never shown', async () => {
    const ticket = await open();
    const added = await upload('muster/requester', ticket, 'Fehler "2".png', PNG);
    const sha256 = createHash('sha256').update(PNG).digest('hex');
    expect(added).toMatchObject({
      status: 201,
      body: { ticketId: ticket, name: 'Fehler 2.png', type: 'image/png', size: PNG.length, sha256, public: true },
    });
    const { response, bytes } = await download('msp/technician', added.body.id);
    expect([response.status, bytes.equals(PNG)]).toEqual([200, true]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="Fehler 2.png"; filename*=UTF-8''Fehler%202.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'none'.*; sandbox$/),
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const chunks = await fixture.database.admin
      .selectFrom('ticket_attachment_chunks')
      .select('seq')
      .where('attachment_id', '=', added.body.id)
      .execute();
    expect(chunks).toHaveLength(3);
  });

  it('is an entry of the ticket and an event without its name', async () => {
    const ticket = await open();
    const added = await upload('muster/requester', ticket, 'Kündigung Frau Koch.txt', 'x');
    const { body } = await fixture.call('GET', `/v1/tickets/${ticket}/entries`, { as: 'muster/requester' });
    expect((body as { items: object[] }).items.at(-1)).toMatchObject({
      ...{ sequence: 2, kind: 'attachment', public: true, byKind: 'customer' },
      change: { attachment: { id: added.body.id, name: 'Kündigung Frau Koch.txt', type: 'text/plain', bytes: 1 } },
    });
    const rows = await fixture.database.admin
      .selectFrom('outbox')
      .select(['headers', 'value'])
      .where('key', '=', `muster/ticket/${ticket}`)
      .execute();
    const told = rows.map(({ headers, value }) => `${JSON.stringify(headers)} ${value.toString()}`);
    expect(told.filter((text) => text.includes('ticket.attachment.added'))).toHaveLength(1);
    expect(told.join()).not.toMatch(/Koch|K.ndigung/);
  });

  it('sent again with the same key is the same one; another file under it is refused', async () => {
    const [ticket, headers] = [await open(), keyed()];
    const send = (raw: string) => upload('muster/requester', ticket, 'a.log', raw, '', headers);
    const [first, again, other] = [await send('one'), await send('one'), await send('two')];
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(other.body.code).toBe('idempotency.key_reused');
    expect(await names('muster/requester', ticket)).toEqual(['a.log']);
  });
});

describe('nobody gets through with', () => {
  it('a page or drawing with a script: it is bytes for every browser', async () => {
    const ticket = await open();
    for (const [name, raw] of [
      ['page.html', '<html><script>steal()</script></html>'],
      ['logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>steal()</script></svg>'],
    ] as const) {
      const added = await upload('muster/requester', ticket, name, raw);
      const { response } = await download('muster/requester', added.body.id);
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      expect(response.headers.get('content-disposition')).toMatch(/^attachment;/);
    }
  });

  it('a name with a path, a line break or a header in it', async () => {
    const ticket = await open();
    const added = await upload('muster/requester', ticket, '../../etc/cron.d/x"; filename=y.txt', 'x');
    expect(added.body.name).toBe('x; filename=y.txt');
    const { response } = await download('muster/requester', added.body.id);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="x; filename=y.txt"; filename*=UTF-8''x%3B%20filename%3Dy.txt`,
    );
    expect((await upload('muster/requester', ticket, 'a\r\nx: y.txt', 'x')).body.code).toBe('http.invalid_query');
  });

  it('the id of another customer’s file or ticket, or of somebody else’s at their own', async () => {
    const ticket = await open('muster/customer_admin');
    const { id } = (await upload('muster/customer_admin', ticket, 'a.log', 'x')).body as { id: string };
    for (const who of ['nordlicht/customer_admin', 'nordlicht/auditor', 'muster/requester'] as const) {
      expect((await download(who, id)).response.status).toBe(404);
      expect((await fixture.call('GET', `/v1/tickets/${ticket}/attachments`, { as: who })).status).toBe(404);
    }
    expect((await upload('nordlicht/customer_admin', ticket, 'b.log', 'x')).body.code).toBe('ticket.not_found');
    expect((await upload('muster/requester', ticket, 'b.log', 'x')).body.code).toBe('ticket.not_found');
  });

  it('the id of an internal file, at the customer whose ticket it is', async () => {
    const ticket = await open();
    const added = await upload('msp/technician', ticket, 'dump.log', 'x', '&internal=true');
    expect(added.body).toMatchObject({ public: false });
    for (const who of ['muster/customer_admin', 'muster/auditor', 'muster/requester'] as const) {
      expect((await download(who, added.body.id)).response.status).toBe(404);
      expect(await names(who, ticket)).toEqual([]);
    }
    expect(await names('msp/technician', ticket)).toEqual(['dump.log']);
  });

  it('a file without end: it is cut off, and nothing of it is kept', async () => {
    const ticket = await open();
    const answer = await upload('muster/requester', ticket, 'a.log', Buffer.alloc(11_000_000, 'a'));
    expect(answer.body.code).toBe('http.body_too_large');
    expect(await names('muster/requester', ticket)).toEqual([]);
  });
});
