import type { TableData } from './table-data.js';

/** Tickets and what happened to them. */
export const TICKET_DATA: Readonly<Record<string, TableData>> = {
  tickets: {
    holds: 'a ticket of a customer',
    persons: ['technician', 'requester', 'opened_by'],
    content: ['subject', 'description', 'status_reason', 'tags'],
    plain: ['type', 'work_class', 'impact', 'urgency', 'priority', 'status', 'team'],
    kept: 'customer',
  },
  ticket_entries: {
    holds: 'something that happened to a ticket',
    persons: ['by'],
    content: ['body', 'change'],
    plain: ['kind', 'by_kind'],
    kept: 'customer',
  },
  ticket_date_proposals: {
    holds: 'a date that one side proposed for a planned ticket, and the other’s answer',
    persons: ['proposed_by', 'answered_by'],
    content: ['reason'],
    plain: ['side', 'status'],
    kept: 'customer',
  },
  ticket_attachments: {
    holds: 'a file of a ticket: its name, size and hash',
    persons: ['added_by'],
    content: ['name'],
    plain: ['type'],
    secret: ['sha256'],
    kept: 'customer',
  },
  ticket_attachment_chunks: {
    holds: 'a piece of a file of a ticket',
    content: ['bytes'],
    kept: 'customer',
  },
  ticket_time_entries: {
    holds: 'time that somebody of the MSP worked on a ticket',
    persons: ['technician', 'recorded_by', 'withdrawn_by'],
    content: ['note', 'withdrawn_reason'],
    plain: ['kind'],
    kept: 'customer',
  },
  ticket_links: {
    holds: 'what a ticket has to do with another, or with something elsewhere',
    persons: ['linked_by'],
    content: ['external_id', 'label'],
    plain: ['kind'],
    kept: 'customer',
  },
  ticket_watchers: {
    holds: 'somebody who watches a ticket',
    persons: ['subject', 'added_by'],
    kept: 'customer',
  },
  ticket_numbers: {
    holds: 'the last number that a ticket of a customer got',
    kept: 'customer',
    notExported: 'the tickets show it',
  },
  priority_matrices: {
    holds: 'which priority a customer’s tickets get',
    persons: ['set_by'],
    plain: ['matrix'],
    kept: 'customer',
  },
};
