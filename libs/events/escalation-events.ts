import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const closed = { additionalProperties: false } as const;
const TICKET = '01975d1c-7a00-7000-8000-000000000001';
const ESCALATION = '01975d1c-7a00-7000-8000-000000000002';
const NOTIFICATION = '01975d1c-7a00-7000-8000-000000000003';
const id = Type.String({ format: 'uuid' });
const at = Type.String({ format: 'date-time' });
const word = Type.String({ pattern: '^[a-z][a-z_]{1,39}$' });
const mark = Type.Object({ ticketId: id, clock: word, startedAt: at, dueAt: at }, closed);
const markSample = {
  ticketId: TICKET,
  clock: 'first_response',
  startedAt: '2026-11-23T08:00:00.000Z',
  dueAt: '2026-11-23T09:00:00.000Z',
};

export const slaWarningReached = defineEvent('sla.warning.reached', 1, {
  summary: 'A clock of a ticket has used up three quarters of its target.',
  schema: mark,
  sample: markSample,
});

export const slaTargetBreached = defineEvent('sla.target.breached', 1, {
  summary: 'A clock of a ticket has reached its target.',
  schema: mark,
  sample: markSample,
});

export const slaMarkLifted = defineEvent('sla.mark.lifted', 1, {
  summary: 'A later change has moved a warning or breach of a ticket into the future.',
  schema: Type.Object({ ticketId: id, clock: word, startedAt: at, mark: word }, closed),
  sample: { ticketId: TICKET, clock: 'resolution', startedAt: '2026-11-23T08:00:00.000Z', mark: 'breach' },
});

export const escalationRequested = defineEvent('sla.escalation.requested', 1, {
  summary: 'Somebody started a chain for a ticket by hand.',
  schema: Type.Object({ ticketId: id, escalationId: id }, closed),
  sample: { ticketId: TICKET, escalationId: ESCALATION },
});

export const escalationStarted = defineEvent('sla.escalation.started', 1, {
  summary: 'A chain of escalation started for a ticket.',
  schema: Type.Object({ ticketId: id, escalationId: id, cause: word }, closed),
  sample: { ticketId: TICKET, escalationId: ESCALATION, cause: 'breach' },
});

export const escalationAcknowledged = defineEvent('sla.escalation.acknowledged', 1, {
  summary: 'Somebody acknowledged an escalation: its chain stands still.',
  schema: Type.Object({ ticketId: id, escalationId: id, via: word }, closed),
  sample: { ticketId: TICKET, escalationId: ESCALATION, via: 'link' },
});

export const escalationEnded = defineEvent('sla.escalation.ended', 1, {
  summary: 'A chain of escalation ended.',
  schema: Type.Object({ ticketId: id, escalationId: id, reason: word }, closed),
  sample: { ticketId: TICKET, escalationId: ESCALATION, reason: 'target_met' },
});

export const notificationFailed = defineEvent('sla.notification.failed', 1, {
  summary: 'Somebody could not be told of an escalation by any of their ways.',
  schema: Type.Object({ ticketId: id, escalationId: id, notificationId: id }, closed),
  sample: { ticketId: TICKET, escalationId: ESCALATION, notificationId: NOTIFICATION },
});
