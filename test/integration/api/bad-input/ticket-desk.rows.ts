import { newId } from '#libs/kernel';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type More, type Sent } from './row.js';
import type { World } from './world.js';

let ticket = '';
let entry = '';

async function emptied({ fixture: { database } }: World): Promise<void> {
  for (const table of [
    ...(['ticket_time_entries', 'ticket_attachment_chunks', 'ticket_attachments'] as const),
    ...(['ticket_entries', 'tickets'] as const),
  ])
    await database.admin.deleteFrom(table).execute();
}

const given = (make: (things: Things) => Promise<void>): More => ({
  given: async (world) => {
    await make(new Things(world.fixture.database.admin, 'muster'));
    return () => emptied(world);
  },
});
const givenTicket = (status: 'new' | 'closed' = 'new') =>
  given(async (things) => void (ticket = await things.ticket(status)));
const givenTime = given(async (things) => void (entry = await things.timeEntry()));
const givenEndedTime = given(async (things) => {
  entry = await things.timeEntry();
  await things.noTimeRuns();
});

const file =
  (name: string, raw: string | Uint8Array, more: Partial<Sent> = {}, query = '') =>
  (): Sent => ({
    method: 'POST',
    path: `/v1/tickets/${ticket}/attachments?name=${encodeURIComponent(name)}${query}`,
    as: 'muster/requester',
    raw,
    ...more,
    headers: { 'idempotency-key': newId(), 'content-type': 'application/octet-stream', ...more.headers },
  });
const admin = { as: 'muster/customer_admin' } as const;
const PNG = Buffer.from('89504e470d0a1a0a0000000d', 'hex');

/** Files of tickets. */
export const ticketFileRows = [
  ...answeredBy(400, 'http.invalid_query', ['a file without a name', file('', 'x', admin), givenTicket()]),
  ...answeredBy(413, 'http.body_too_large', [
    'a file of more than 10 MiB',
    file('a.log', Buffer.alloc(10 * 1024 * 1024 + 1, 'a'), admin),
    givenTicket(),
  ]),
  ...answeredBy(
    415,
    'http.unsupported_media_type',
    [
      'a file as JSON',
      file('a.log', '{}', { ...admin, headers: { 'content-type': 'application/json' } }),
      givenTicket(),
    ],
    [
      'a file as a form of a page',
      file('a.log', 'x', { ...admin, headers: { 'content-type': 'multipart/form-data; boundary=x' } }),
      givenTicket(),
    ],
  ),
  ...answeredBy(422, 'ticket.attachment_empty', ['a file without bytes', file('a.log', '', admin), givenTicket()]),
  ...answeredBy(
    422,
    'ticket.attachment_type_refused',
    ['a page that is called a picture', file('a.png', '<html><script>1</script></html>', admin), givenTicket()],
    ['a program that is called a text', file('a.txt', 'MZ\u0001\u0002', admin), givenTicket()],
    ['a second extension that is run', file('invoice.pdf.exe', 'hello', admin), givenTicket()],
    ['an extension that is run, with a dot behind', file('invoice.scr.', 'hello', admin), givenTicket()],
    ['a picture that is called a document', file('a.pdf', PNG, admin), givenTicket()],
    ['bytes of no known form', file('a.dat', Buffer.from([0, 1, 2, 0xff]), admin), givenTicket()],
  ),
  ...answeredBy(409, 'ticket.closed', ['a file for a closed ticket', file('a.log', 'x', admin), givenTicket('closed')]),
  ...answeredBy(409, 'ticket.files_full', [
    'a file more than a ticket takes',
    file('a.log', 'x', admin),
    given(async (things) => void (ticket = await things.fullTicket())),
  ]),
  ...answeredBy(403, 'access.denied', [
    'an internal file by a customer',
    file('a.log', 'x', admin, '&internal=true'),
    givenTicket(),
  ]),
  ...answeredBy(404, 'ticket.not_found', [
    'a file for somebody else’s ticket, by a requester',
    file('a.log', 'x'),
    givenTicket(),
  ]),
  ...answeredBy(404, 'ticket.attachment_not_found', [
    'a file that does not exist',
    () => ({ path: `/v1/ticket-attachments/${NO_ID}`, as: 'muster/auditor' }),
  ]),
];

const HOUR = { from: '2020-01-01T08:00:00Z', to: '2020-01-01T09:00:00Z' };
const time = (change: object) => (): Sent => ({
  method: 'POST',
  path: `/v1/tickets/${ticket}/time-entries`,
  as: 'msp/technician',
  headers: { 'idempotency-key': newId() },
  body: { kind: 'work', ...HOUR, ...change },
});
const onEntry = (act: string, body: object) => (): Sent => ({
  method: 'POST',
  path: `/v1/ticket-time-entries/${entry}/${act}`,
  as: 'msp/technician',
  body,
});

/** Time on tickets. */
export const ticketTimeRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['time of no kind', time({ kind: 'lunch' }), { ...at('kind', 'not_allowed'), ...givenTicket() }],
    ['time without an end', time({ to: undefined }), { ...at('to', 'missing'), ...givenTicket() }],
    ['time that is withdrawn without a reason', onEntry('withdraw', {}), { ...at('reason', 'missing'), ...givenTime }],
  ),
  ...answeredBy(
    422,
    'ticket.time_invalid',
    [
      'time that ends before it begins',
      time({ to: '2020-01-01T07:59:00Z' }),
      { ...at('to', 'before_start'), ...givenTicket() },
    ],
    ['time of no length', time({ to: HOUR.from }), { ...at('to', 'before_start'), ...givenTicket() }],
    [
      'time in the future',
      time({ from: '2099-01-01T08:00:00Z', to: '2099-01-01T09:00:00Z' }),
      { ...at('from', 'future'), ...givenTicket() },
    ],
    ['time of two days', time({ to: '2020-01-03T08:00:00Z' }), { ...at('to', 'too_long'), ...givenTicket() }],
  ),
  ...answeredBy(422, 'ticket.technician_unknown', [
    'time of somebody whom the MSP does not have',
    time({ technician: 'requester@muster' }),
    { ...at('technician', 'unknown'), ...givenTicket() },
  ]),
  ...answeredBy(409, 'ticket.time_overlaps', [
    'time while other time runs',
    time({}),
    given(async (things) => {
      ticket = await things.ticket();
      await things.timeEntry('technician@msp', '2019-12-31T23:00:00Z');
    }),
  ]),
  ...answeredBy(409, 'ticket.time_ended', ['stopping time that has ended', onEntry('stop', {}), givenEndedTime]),
  ...answeredBy(404, 'ticket.time_not_found', [
    'time that does not exist',
    () => ({ method: 'POST', path: `/v1/ticket-time-entries/${NO_ID}/stop`, as: 'msp/technician', body: {} }),
  ]),
];
