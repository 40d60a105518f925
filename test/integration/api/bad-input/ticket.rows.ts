import { newId } from '#libs/kernel';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type Sent } from './row.js';
import type { World } from './world.js';

const wish = { type: 'incident', subject: 'No sound', impact: 'low', urgency: 'low' };
const open = (change: object) => (): Sent => ({
  method: 'POST',
  path: '/v1/tickets',
  as: 'muster/requester',
  headers: { 'idempotency-key': newId() },
  body: { ...wish, ...change },
});

let ticket = '';
const givenTicket = (status: 'new' | 'closed') => ({
  given: async ({ fixture: { database } }: World) => {
    ticket = await new Things(database.admin, 'muster').ticket(status);
    return async () => {
      await database.admin.deleteFrom('ticket_entries').execute();
      await database.admin.deleteFrom('tickets').execute();
    };
  },
});
const on =
  (method: string, path: string, body: unknown, as: Sent['as'] = 'msp/technician') =>
  (): Sent => ({
    method,
    path: `/v1/tickets/${ticket}/${path}`,
    ...(as ? { as } : {}),
    headers: { 'idempotency-key': newId() },
    body,
  });
const row = { high: 'high', medium: 'high', low: 'high' };
const matrix = (body: unknown) => (): Sent => ({
  method: 'PUT',
  path: '/v1/ticket-priorities',
  as: 'muster/customer_admin',
  body,
});
const rating = { impact: 'low', urgency: 'low', reason: 'One person only.' };

/** Tickets. */
export const ticketRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a ticket without a subject', open({ subject: '' }), at('subject', 'not_text')],
    ['a ticket of a type that is none', open({ type: 'change' }), at('type', 'not_allowed')],
    ['a ticket that brings its own priority', open({ priority: 'critical' }), at('priority', 'unknown_field')],
    ['a ticket with a number for a contact', open({ contactId: 7 }), at('contactId', 'not_an_id')],
    [
      'a note that is internal by a word',
      on('POST', 'comments', { body: 'x', internal: 'yes' }),
      { ...at('internal', 'not_true_or_false'), ...givenTicket('new') },
    ],
    [
      'a rating without a reason',
      on('POST', 'rating', { impact: 'low', urgency: 'low' }),
      { ...at('reason', 'missing'), ...givenTicket('new') },
    ],
    ['priorities with a row missing', matrix({ high: row, medium: row }), at('low', 'missing')],
    [
      'a priority that is none',
      matrix({ high: { ...row, low: 'urgent' }, medium: row, low: row }),
      at('high.low', 'not_allowed'),
    ],
  ),
  ...answeredBy(422, 'ticket.contact_unknown', [
    'a ticket for a contact that the customer does not have',
    open({ contactId: NO_ID }),
    at('contactId', 'unknown'),
  ]),
  ...answeredBy(422, 'ticket.reason_missing', [
    'waiting without a reason',
    on('POST', 'status', { status: 'on_hold' }),
    { ...at('reason', 'missing'), ...givenTicket('new') },
  ]),
  ...answeredBy(
    409,
    'ticket.status_impossible',
    ['closing what was not resolved', on('POST', 'status', { status: 'closed' }), givenTicket('new')],
    ['a ticket that is to be new again', on('POST', 'status', { status: 'new' }), givenTicket('new')],
  ),
  ...answeredBy(
    409,
    'ticket.closed',
    ['a comment to a closed ticket', on('POST', 'comments', { body: 'x' }), givenTicket('closed')],
    ['opening a closed ticket again', on('POST', 'status', { status: 'in_progress' }), givenTicket('closed')],
    ['rating a closed ticket', on('POST', 'rating', rating), givenTicket('closed')],
    ['a closed ticket for somebody', on('PUT', 'assignment', { technician: 'technician@msp' }), givenTicket('closed')],
  ),
  ...answeredBy(
    404,
    'ticket.not_found',
    ['a ticket that does not exist', () => ({ path: `/v1/tickets/${NO_ID}`, as: 'muster/auditor' })],
    [
      'somebody else’s ticket, by a requester',
      on('POST', 'comments', { body: 'x' }, 'muster/requester'),
      givenTicket('new'),
    ],
  ),
  ...answeredBy(403, 'access.denied', [
    'an internal note by a customer',
    on('POST', 'comments', { body: 'x', internal: true }, 'muster/customer_admin'),
    givenTicket('new'),
  ]),
];
