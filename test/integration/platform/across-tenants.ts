import type { AppRole } from '../../support/database.js';

export type Verb = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

type Reach = readonly [verbs: readonly Verb[], why: string];

const WRAPS: Reach = [
  ['SELECT', 'UPDATE'],
  'wraps everybody’s data keys by the next master key; the values stay sealed',
];

/** What a role’s statements reach of a tenant that is not the transaction’s, by table, with why. Everything else is a hole. */
export const ACROSS: Readonly<Record<AppRole, Readonly<Record<string, Reach>>>> = {
  api: {},
  worker: {},
  founder: {},
  bridge: {
    tenants: [['SELECT'], 'has to know whose an event from Kafka is, and whose audit to chain'],
    outbox: [['SELECT', 'INSERT', 'UPDATE'], 'carries everybody’s events to Kafka, in order'],
    inbox: [['SELECT', 'INSERT', 'DELETE'], 'notes whose events were taken; forgets that after 30 days'],
    dead_letters: [['SELECT', 'INSERT'], 'keeps what cannot be read at the tenant that it names'],
    audit_entries: [['SELECT'], 'computes the digests that it chains'],
    audit_waiting: [['SELECT', 'DELETE'], 'takes what is not chained yet'],
    audit_chain: [['SELECT', 'INSERT'], 'chains everybody’s audit'],
    audit_anchors: [['SELECT', 'INSERT'], 'signs the head of each chain'],
    idempotency_keys: [['SELECT', 'DELETE'], 'forgets those of 7 days ago'],
    one_time_links: [['SELECT', 'UPDATE'], 'notes which have expired'],
    sessions: [['SELECT', 'DELETE'], 'forgets those that ended 30 days ago'],
    sign_in_flows: [['SELECT', 'DELETE'], 'forgets those that nobody finished'],
    webhook_deliveries: [['SELECT', 'DELETE'], 'forgets those that ended 30 days ago'],
  },
  keeper: { payload_keys: WRAPS, sealed_values: WRAPS, secrets: WRAPS, webhook_secrets: WRAPS },
};
