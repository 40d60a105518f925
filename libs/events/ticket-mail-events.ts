import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });

export const ticketMailRequested = defineEvent('ticket.mail.requested', 1, {
  summary: 'A mail about a ticket is to go out; to whom and what it says stands in our tables alone.',
  schema: Type.Object(
    { mailId: id, ticketId: id, kind: Type.String({ pattern: '^[a-z][a-z_]{1,39}$' }) },
    { additionalProperties: false },
  ),
  sample: {
    mailId: '01975d1c-7a00-7000-8000-000000000002',
    ticketId: '01975d1c-7a00-7000-8000-000000000001',
    kind: 'answer',
  },
});
