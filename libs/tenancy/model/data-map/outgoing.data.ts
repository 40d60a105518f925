import type { TableData } from './table-data.js';

/** Webhooks: which events are told to whom, and how that went. */
export const WEBHOOK_DATA: Readonly<Record<string, TableData>> = {
  webhook_subscriptions: {
    holds: 'where a customer’s events are told to',
    persons: ['created_by'],
    // receivers take tokens in it, and some put names there
    content: ['url', 'description'],
    plain: ['event_types', 'disabled_because'],
    kept: 'customer',
  },
  webhook_secrets: {
    holds: 'a key that messages are signed with, encrypted',
    plain: ['key_id'],
    secret: ['wrapped_key', 'ciphertext'],
    kept: 'customer',
  },
  webhook_deliveries: {
    holds: 'a message to a receiver; it carries ids',
    persons: ['requested_by'],
    plain: ['message_id', 'event_type', 'data', 'reason', 'status', 'code'],
    kept: { days: 30 },
  },
  webhook_attempts: { holds: 'an attempt to deliver one', plain: ['code'], kept: { days: 30 } },
};
