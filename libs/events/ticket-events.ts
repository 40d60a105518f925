import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const closed = { additionalProperties: false } as const;
const ID = '01975d1c-7a00-7000-8000-000000000001';
const ticketId = Type.String({ format: 'uuid' });
const word = Type.String({ pattern: '^[a-z][a-z_]{1,39}$' });

export const ticketOpened = defineEvent('ticket.ticket.opened', 1, {
  summary: 'A ticket was opened.',
  schema: Type.Object(
    { ticketId, number: Type.Integer({ minimum: 1 }), type: word, workClass: word, priority: word },
    closed,
  ),
  sample: { ticketId: ID, number: 4711, type: 'incident', workClass: 'incident', priority: 'high' },
});

export const ticketCommented = defineEvent('ticket.comment.added', 1, {
  summary: 'Somebody wrote to a ticket; the words stand in our tables alone.',
  schema: Type.Object(
    { ticketId, sequence: Type.Integer({ minimum: 1 }), public: Type.Boolean(), byKind: word },
    closed,
  ),
  sample: { ticketId: ID, sequence: 2, public: true, byKind: 'msp' },
});

export const ticketStatusChanged = defineEvent('ticket.status.changed', 1, {
  summary: 'A ticket got another status.',
  schema: Type.Object({ ticketId, sequence: Type.Integer({ minimum: 1 }), from: word, to: word }, closed),
  sample: { ticketId: ID, sequence: 3, from: 'new', to: 'in_progress' },
});

export const ticketPriorityChanged = defineEvent('ticket.priority.changed', 1, {
  summary: 'A ticket got another priority.',
  schema: Type.Object({ ticketId, sequence: Type.Integer({ minimum: 1 }), from: word, to: word }, closed),
  sample: { ticketId: ID, sequence: 4, from: 'high', to: 'low' },
});

export const ticketAssigned = defineEvent('ticket.assignment.changed', 1, {
  summary: 'A ticket went to another team or technician.',
  schema: Type.Object({ ticketId, sequence: Type.Integer({ minimum: 1 }) }, closed),
  sample: { ticketId: ID, sequence: 5 },
});

export const ticketTargetsChanged = defineEvent('ticket.targets.changed', 1, {
  summary: 'What is promised for a ticket has changed: its deadlines may have moved.',
  schema: Type.Object({ ticketId, sequence: Type.Integer({ minimum: 1 }) }, closed),
  sample: { ticketId: ID, sequence: 6 },
});

export const ticketDateChanged = defineEvent('ticket.date.changed', 1, {
  summary: 'A date of a planned ticket was proposed, agreed or refused.',
  schema: Type.Object(
    { ticketId, sequence: Type.Integer({ minimum: 1 }), proposalId: Type.String({ format: 'uuid' }), status: word },
    closed,
  ),
  sample: { ticketId: ID, sequence: 7, proposalId: '01975d1c-7a00-7000-8000-000000000002', status: 'proposed' },
});
