import type { TableData } from './table-data.js';

/** Who gets in, and what they may do. */
export const ACCESS_DATA: Readonly<Record<string, TableData>> = {
  people: {
    holds: 'somebody who signs in',
    persons: ['subject', 'display_name', 'mail'],
    content: ['closed_by'],
    plain: ['language', 'status', 'source'],
    kept: 'customer',
  },
  role_grants: {
    holds: 'a role of a person',
    persons: ['granted_by', 'ended_by'],
    plain: ['role', 'covers', 'covers_id', 'source'],
    kept: 'customer',
  },
  api_keys: {
    holds: 'a key’s role, subject and scopes',
    persons: ['subject', 'created_by'],
    content: ['name', 'closed_by'],
    plain: ['role', 'scopes', 'covers'],
    secret: ['key_hash'],
    kept: 'customer',
  },
  approval_policies: {
    holds: 'who has to approve',
    persons: ['created_by'],
    content: ['body'],
    plain: ['process'],
    kept: 'customer',
  },
  approval_delegations: {
    holds: 'who stands in for whom, and when',
    persons: ['delegator', 'delegate', 'set_by', 'ended_by'],
    content: ['reason'],
    kept: 'customer',
  },
  protected_accounts: {
    holds: 'an account that processes leave alone',
    persons: ['user_name', 'identity', 'set_by'],
    content: ['note'],
    plain: ['kind', 'rule'],
    kept: 'customer',
  },
  sign_in_failures: {
    holds: 'failed attempts to sign in, by digest',
    plain: ['kind'],
    secret: ['ref'],
    kept: { days: 1 },
    notExported: 'digests that last for minutes',
  },
  sign_in_places: {
    holds: 'where an account has signed in from, by digests with a key',
    secret: ['account', 'place'],
    kept: { days: 180 },
    notErased: 'by `SignInLimits.forget`, which has the key, and in the same transaction: deleted',
    notExported: 'digests, of use to nobody else',
  },
  limit_buckets: {
    holds: 'calls that a key or account has left, by id or digest',
    plain: ['name'],
    secret: ['ref'],
    kept: { days: 1 },
    notExported: 'counts of the moment',
  },
  limit_slots: {
    holds: 'calls under way, by id or digest',
    plain: ['name'],
    secret: ['ref'],
    kept: { days: 1 },
    notExported: 'counts of the moment',
  },
  tenant_limits: { holds: 'a customer’s limits', persons: ['set_by'], plain: ['name'], kept: 'customer' },
};
