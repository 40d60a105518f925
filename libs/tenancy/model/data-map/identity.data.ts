import type { TableData } from './table-data.js';

/** How people and machines sign in. */
export const IDENTITY_DATA: Readonly<Record<string, TableData>> = {
  identity_providers: {
    holds: 'an issuer that people and machines sign in at',
    persons: ['set_by'],
    content: ['settings'],
    plain: [
      'name',
      'issuer',
      'client_id',
      'secret_ref',
      'mail_domains',
      'api_audience',
      'tenant_claim',
      'tenant_claim_value',
    ],
    kept: 'customer',
  },
  alarms: {
    holds: 'that an emergency account was used or tried, and who acknowledged it',
    persons: ['acknowledged_by'],
    content: ['acknowledged_for'],
    plain: ['kind', 'refusal'],
    about: 'person',
    kept: { law: 'evidence of access to customers’ data: as long as the audit' },
  },
  person_identities: {
    holds: 'who somebody is at an issuer',
    persons: ['linked_by'],
    content: ['subject'],
    about: 'person',
    kept: 'customer',
  },
  sign_in_flows: {
    holds: 'a sign-in that has begun',
    content: ['return_to'],
    secret: ['token_hash'],
    kept: { days: 1 },
    notExported: 'lasts for ten minutes',
  },
  sessions: {
    holds: 'a sign-in: when, by which way, with which browser',
    persons: ['ended_by'],
    content: ['issuer_subject', 'issuer_sid', 'user_agent'],
    plain: ['method', 'end_reason'],
    secret: ['token_hash', 'refresh_token', 'id_token'],
    about: 'person',
    kept: { days: 30 },
  },
  machine_clients: {
    holds: 'a program that an issuer vouches for',
    persons: ['set_by'],
    content: ['name'],
    plain: ['client_id', 'subject', 'role', 'scopes', 'covers'],
    kept: 'customer',
  },
};
