import { newId } from '#libs/kernel';
import { fullTicket, noTimeRuns, timeEntry } from '../scan/ticket-things.js';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, wish, type More, type Sent } from './row.js';
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
const givenTime = given(async (things) => void (entry = await timeEntry(things)));
const givenEndedTime = given(async (things) => {
  entry = await timeEntry(things);
  await noTimeRuns(things);
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
    given(async (things) => void (ticket = await fullTicket(things))),
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
      await timeEntry(things, 'technician@msp', '2019-12-31T23:00:00Z');
    }),
  ]),
  ...answeredBy(409, 'ticket.time_ended', ['stopping time that has ended', onEntry('stop', {}), givenEndedTime]),
  ...answeredBy(404, 'ticket.time_not_found', [
    'time that does not exist',
    () => ({ method: 'POST', path: `/v1/ticket-time-entries/${NO_ID}/stop`, as: 'msp/technician', body: {} }),
  ]),
];

let other = '';
let run = '';
/** A run that is another ticket's, or confidential; what is put in is taken out again. */
function givenRun({ bound = false, confidential = false }): More {
  return {
    given: async (world) => {
      const { admin } = world.fixture.database;
      const things = new Things(admin, 'muster');
      ticket = await things.ticket();
      other = await things.ticket();
      const made = await things.openRun();
      run = made.runId;
      // the technician is one of those who see it
      const until = confidential ? { confidential_until: '2099-01-01T00:00:00Z', confidants: ['technician@msp'] } : {};
      await admin
        .updateTable('requests')
        .set({ ...(bound ? { ticket_id: other } : {}), ...until })
        .where('id', '=', made.id)
        .execute();
      return async () => {
        await admin.updateTable('requests').set({ ticket_id: null }).where('id', '=', made.id).execute();
        await emptied(world);
      };
    },
  };
}

const givenTwo = (status: 'new' | 'closed' = 'new') =>
  given(async (things) => {
    ticket = await things.ticket();
    other = await things.ticket(status);
  });
const onTicket = (method: string, path: string, body: () => object) => (): Sent => ({
  method,
  path: `/v1/tickets/${ticket}/${path}`,
  as: 'msp/technician',
  headers: { 'idempotency-key': newId() },
  body: body(),
});
const merge = (ticketId: () => string) =>
  onTicket('POST', 'merge', () => ({ ticketId: ticketId(), reason: 'The same printer.' }));

/** Links, watchers, merges and splits of tickets. */
export const ticketRelationRows = [
  ...answeredBy(
    422,
    'request.invalid',
    [
      'a class of work without a reason',
      onTicket('POST', 'work-class', () => ({ workClass: 'project' })),
      { ...at('reason', 'missing'), ...givenTicket() },
    ],
    [
      'tags that are a word',
      onTicket('PUT', 'tags', () => ({ tags: 'x' })),
      { ...at('tags', 'not_a_list'), ...givenTicket() },
    ],
    [
      'a link of no kind',
      onTicket('POST', 'links/tickets', () => ({ kind: 'likes', ticketId: NO_ID })),
      { ...at('kind', 'not_allowed'), ...givenTicket() },
    ],
    [
      'a split of nothing',
      onTicket('POST', 'split', () => ({ subject: 'x', comments: [] })),
      { ...at('comments', 'too_few'), ...givenTicket() },
    ],
  ),
  ...answeredBy(
    422,
    'ticket.link_impossible',
    [
      'a link to a ticket that the customer does not have',
      onTicket('POST', 'links/tickets', () => ({ kind: 'blocks', ticketId: NO_ID })),
      { ...at('ticketId', 'unknown'), ...givenTicket() },
    ],
    [
      'a link of a ticket to itself',
      onTicket('POST', 'links/tickets', () => ({ kind: 'blocks', ticketId: ticket })),
      { ...at('ticketId', 'same'), ...givenTicket() },
    ],
    [
      'a run that the customer does not have',
      onTicket('POST', 'links/runs', () => ({ runId: NO_ID })),
      { ...at('runId', 'unknown'), ...givenTicket() },
    ],
  ),
  ...answeredBy(404, 'ticket.link_not_found', [
    'a link that does not exist',
    () => ({ method: 'DELETE', path: `/v1/ticket-links/${NO_ID}`, as: 'msp/technician' }),
  ]),
  ...answeredBy(422, 'ticket.watcher_unknown', [
    'a watcher whom nobody knows',
    onTicket('PUT', 'watchers', () => ({ subjects: ['nobody@nowhere'] })),
    { ...at('subjects.0', 'unknown'), ...givenTicket() },
  ]),
  ...answeredBy(
    422,
    'ticket.merge_impossible',
    ['a ticket merged into itself', merge(() => ticket), { ...at('ticketId', 'same'), ...givenTicket() }],
    ['a ticket merged into none', merge(() => NO_ID), { ...at('ticketId', 'unknown'), ...givenTicket() }],
    ['a ticket merged into a closed one', merge(() => other), { ...at('ticketId', 'closed'), ...givenTwo('closed') }],
  ),
  ...answeredBy(409, 'ticket.closed', [
    'a closed ticket that is merged',
    merge(() => other),
    given(async (things) => {
      ticket = await things.ticket('closed');
      other = await things.ticket();
    }),
  ]),
  ...answeredBy(422, 'ticket.split_impossible', [
    'a split of what is no comment',
    onTicket('POST', 'split', () => ({ subject: 'x', comments: [1] })),
    { ...at('comments.0', 'unknown'), ...givenTicket() },
  ]),
  ...answeredBy(409, 'ticket.run_bound', [
    'a run that was started for another ticket',
    onTicket('POST', 'links/runs', () => ({ runId: run })),
    givenRun({ bound: true }),
  ]),
  ...answeredBy(409, 'ticket.run_confidential', [
    'a run that more people would see then',
    onTicket('POST', 'links/runs', () => ({ runId: run })),
    givenRun({ confidential: true }),
  ]),
  ...answeredBy(422, 'request.ticket_unknown', [
    'a request for a ticket that its requester does not see',
    wish({ ticketId: NO_ID }),
    at('ticketId', 'unknown'),
  ]),
];
