import type { TableData } from './table-data.js';

/** What becomes of clocks that run out, and who was told. */
export const ESCALATION_DATA: Readonly<Record<string, TableData>> = {
  sla_marks: {
    holds: 'a warning or breach of a ticket’s clock',
    persons: ['lifted_by'],
    content: ['lifted_because'],
    plain: ['clock', 'mark'],
    kept: 'customer',
  },
  sla_watches: {
    holds: 'when a ticket’s clocks were looked at last, and when they are next',
    kept: 'customer',
    notExported: 'times of the engine’s, of use to nobody else',
  },
  escalation_chains: {
    holds: 'a version of a chain: who is told when',
    persons: ['set_by'],
    content: ['chain'],
    plain: ['name'],
    kept: 'customer',
  },
  escalation_triggers: {
    holds: 'a version of what starts which chain',
    persons: ['set_by'],
    plain: ['triggers'],
    kept: 'customer',
  },
  escalations: {
    holds: 'a chain that was started for a ticket, frozen as it was',
    persons: ['started_by', 'acknowledged_by'],
    content: ['chain', 'cause_details', 'state', 'conference_url'],
    plain: ['chain_tenant', 'chain_name', 'cause', 'cause_key', 'status', 'acknowledged_via', 'end_reason'],
    kept: 'customer',
  },
  escalation_entries: {
    holds: 'something that happened to an escalation',
    persons: ['who'],
    content: ['data'],
    plain: ['kind'],
    kept: 'customer',
  },
  notifications: {
    holds: 'somebody who was told of an escalation',
    persons: ['recipient'],
    plain: ['kind', 'recipient_kind', 'status', 'code'],
    kept: 'customer',
  },
  notification_attempts: {
    holds: 'a try to tell them',
    plain: ['channel', 'outcome', 'code', 'provider_id'],
    kept: 'customer',
  },
  notification_channels: {
    holds: 'a way by which people are told: a provider, or a room',
    persons: ['set_by'],
    content: ['config'],
    plain: ['name', 'kind'],
    kept: 'customer',
  },
  notification_answers: {
    holds: 'that a provider brought an answer, by its digest',
    secret: ['digest'],
    kept: 'customer',
    notExported: 'digests, of use to nobody else',
  },
  escalation_settings: {
    holds: 'when the engine reminds and closes by itself',
    persons: ['set_by'],
    plain: ['conference_template'],
    kept: 'customer',
  },
};
