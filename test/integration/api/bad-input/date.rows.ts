import { newId } from '#libs/kernel';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type More, type Sent } from './row.js';
import type { World } from './world.js';
import { dateProposal } from '../scan/service-things.js';

let ticket = '';
let proposal = '';
const given = (how: 'planned' | 'incident' | 'closed' | 'answered' = 'planned'): More => ({
  given: async ({ fixture: { database } }: World) => {
    const { admin } = database;
    ({ id: ticket, proposal } = await dateProposal(new Things(admin, 'muster'), 'msp'));
    if (how === 'incident')
      await admin.updateTable('tickets').set({ work_class: 'incident' }).where('id', '=', ticket).execute();
    if (how === 'closed') {
      const ended = { status: 'closed', resolved_at: new Date(0), closed_at: new Date(0) };
      await admin.updateTable('tickets').set(ended).where('id', '=', ticket).execute();
    }
    if (how === 'answered') {
      const answered = { status: 'refused', answered_by: 'x', answered_at: new Date(0) };
      await admin.updateTable('ticket_date_proposals').set(answered).execute();
    }
    return async () => {
      for (const table of ['ticket_date_proposals', 'ticket_entries', 'tickets'] as const)
        await admin.deleteFrom(table).execute();
    };
  },
});
const propose =
  (change: object = {}) =>
  (): Sent => ({
    method: 'POST',
    path: `/v1/tickets/${ticket}/date-proposals`,
    as: 'msp/technician',
    headers: { 'idempotency-key': newId() },
    body: { date: '2030-01-01T12:00:00Z', reason: 'After the move.', ...change },
  });
const answer =
  (as: NonNullable<Sent['as']> = 'muster/customer_admin', body: object = { answer: 'agreed' }, id?: string) =>
  (): Sent => ({ method: 'POST', path: `/v1/tickets/${ticket}/date-proposals/${id ?? proposal}/answer`, as, body });

/** Dates of planned work. */
export const dateRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a date that is none', propose({ date: 'on Monday' }), { ...given(), ...at('date', 'not_a_date_time') }],
    ['a date without a reason', propose({ reason: '' }), { ...given(), ...at('reason', 'not_text') }],
    ['an answer that is none', answer(undefined, { answer: 'later' }), { ...given(), ...at('answer', 'not_allowed') }],
  ),
  ...answeredBy(422, 'ticket.date_invalid', [
    'a date that is past',
    propose({ date: '2020-01-01T00:00:00Z' }),
    { ...given(), ...at('date', 'past') },
  ]),
  ...answeredBy(409, 'ticket.not_plannable', ['a date for an incident', propose(), given('incident')]),
  ...answeredBy(
    409,
    'ticket.closed',
    ['a date for a closed ticket', propose(), given('closed')],
    ['an answer about a closed ticket', answer(), given('closed')],
  ),
  ...answeredBy(
    409,
    'ticket.date_proposal_not_open',
    ['an answer to what one’s own side proposed', answer('msp/operator'), given()],
    ['an answer to what was answered', answer(), given('answered')],
  ),
  ...answeredBy(404, 'ticket.date_proposal_not_found', [
    'an answer to a proposal that does not exist',
    answer(undefined, undefined, NO_ID),
    given(),
  ]),
];
