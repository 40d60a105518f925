import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const closed = { additionalProperties: false } as const;
const ID = '01975d1c-7a00-7000-8000-000000000001';
const id = Type.String({ format: 'uuid' });
const sequence = Type.Integer({ minimum: 1 });
const word = Type.String({ pattern: '^[a-z][a-z_]{1,39}$' });

export const ticketAttachmentAdded = defineEvent('ticket.attachment.added', 1, {
  summary: 'A file came to a ticket; its name and content stand in our tables alone.',
  schema: Type.Object({ ticketId: id, sequence, attachmentId: id, public: Type.Boolean() }, closed),
  sample: { ticketId: ID, sequence: 2, attachmentId: ID, public: true },
});

export const ticketTimeChanged = defineEvent('ticket.time.changed', 1, {
  summary: 'Somebody’s time on a ticket was begun, recorded or withdrawn.',
  schema: Type.Object({ ticketId: id, sequence, timeEntryId: id, kind: word, state: word }, closed),
  sample: { ticketId: ID, sequence: 3, timeEntryId: ID, kind: 'call_out', state: 'recorded' },
});
