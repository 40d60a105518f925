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

export const ticketLinksChanged = defineEvent('ticket.links.changed', 1, {
  summary: 'A ticket was linked to something, or is no more.',
  schema: Type.Object({ ticketId: id, sequence, kind: word, state: word }, closed),
  sample: { ticketId: ID, sequence: 4, kind: 'blocks', state: 'linked' },
});

export const ticketWatchersChanged = defineEvent('ticket.watchers.changed', 1, {
  summary: 'Others watch a ticket than before.',
  schema: Type.Object({ ticketId: id, sequence }, closed),
  sample: { ticketId: ID, sequence: 5 },
});

export const ticketRunEnded = defineEvent('ticket.run.ended', 1, {
  summary: 'A run that was started for a ticket has ended.',
  schema: Type.Object({ ticketId: id, sequence, runId: id, outcome: word }, closed),
  sample: { ticketId: ID, sequence: 6, runId: ID, outcome: 'completed' },
});

export const ticketClassified = defineEvent('ticket.classification.changed', 1, {
  summary: 'A ticket got another type or class of work.',
  schema: Type.Object({ ticketId: id, sequence, type: word, workClass: word }, closed),
  sample: { ticketId: ID, sequence: 7, type: 'service_request', workClass: 'project' },
});

export const ticketTagged = defineEvent('ticket.tags.changed', 1, {
  summary: 'A ticket got other tags.',
  schema: Type.Object({ ticketId: id, sequence }, closed),
  sample: { ticketId: ID, sequence: 8 },
});

export const ticketMerged = defineEvent('ticket.ticket.merged', 1, {
  summary: 'Another ticket was merged into this one.',
  schema: Type.Object({ ticketId: id, sequence, mergedTicketId: id }, closed),
  sample: { ticketId: ID, sequence: 9, mergedTicketId: ID },
});

export const ticketSplit = defineEvent('ticket.ticket.split', 1, {
  summary: 'A part of what was said to a ticket went on as a ticket of its own.',
  schema: Type.Object({ ticketId: id, sequence, splitTicketId: id }, closed),
  sample: { ticketId: ID, sequence: 10, splitTicketId: ID },
});

export const ticketTimeChanged = defineEvent('ticket.time.changed', 1, {
  summary: 'Somebody’s time on a ticket was begun, recorded or withdrawn.',
  schema: Type.Object({ ticketId: id, sequence, timeEntryId: id, kind: word, state: word }, closed),
  sample: { ticketId: ID, sequence: 3, timeEntryId: ID, kind: 'call_out', state: 'recorded' },
});
