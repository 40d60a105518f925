import type { Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface WebhookSubscriptionsTable {
  tenant_id: string;
  id: string;
  url: string;
  event_types: string[];
  description: string | null;
  disabled_because: string | null;
  failing_since: MaybeAt;
  created_by: string;
  created_at: At;
  changed_at: At;
}
export interface WebhookSecretsTable {
  tenant_id: string;
  subscription_id: string;
  id: string;
  key_id: string;
  wrapped_key: Buffer;
  ciphertext: Buffer;
  created_at: At;
  expires_at: MaybeAt;
}
export interface WebhookDeliveriesTable {
  tenant_id: string;
  id: string;
  subscription_id: string;
  message_id: string;
  event_id: string;
  event_type: string;
  occurred_at: At;
  data: JsonColumn<unknown>;
  reason: string;
  requested_by: string | null;
  status: Generated<string>;
  attempts: Generated<number>;
  code: string | null;
  next_try_at: MaybeAt;
  created_at: At;
  ended_at: MaybeAt;
}
export interface WebhookAttemptsTable {
  tenant_id: string;
  delivery_id: string;
  attempt: number;
  at: At;
  status: number | null;
  code: string | null;
  duration_ms: number;
}

/** Who is told of a tenant's events, and how each telling went. */
export interface WebhooksTables {
  webhook_subscriptions: WebhookSubscriptionsTable;
  webhook_secrets: WebhookSecretsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_attempts: WebhookAttemptsTable;
}
