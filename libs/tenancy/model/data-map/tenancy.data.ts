import type { TableData } from './table-data.js';

const AGREEMENT_LAW = 'GDPR Art. 5(2) and 28(3): proof of the agreement, three years after its end (§ 195 BGB)';

/** Customers, their systems and settings. */
export const TENANCY_DATA: Readonly<Record<string, TableData>> = {
  tenants: {
    holds: 'the MSP or a customer',
    persons: ['status_by'],
    content: ['status_reason'],
    plain: ['id', 'kind', 'name', 'time_zone', 'status'],
    kept: { law: 'the id alone, so that it is never given again' },
  },
  sites: {
    holds: 'a place of a customer',
    persons: ['changed_by'],
    plain: ['name', 'street', 'postal_code', 'city', 'country', 'time_zone'],
    kept: 'customer',
  },
  contacts: {
    holds: 'somebody at a customer whom one calls or writes to',
    persons: ['name', 'mail', 'phone', 'changed_by'],
    content: ['external_references'],
    plain: ['role', 'language'],
    kept: 'customer',
  },
  processing_agreements: {
    holds: 'a version of a data processing agreement',
    persons: ['signed_by', 'signed_for_us_by', 'recorded_by', 'ended_by'],
    content: ['end_reason'],
    plain: [
      'document_reference',
      'document_sha256',
      'sub_processors',
      'data_locations',
      'subject_categories',
      'data_categories',
      'measures_reference',
    ],
    kept: { law: AGREEMENT_LAW },
    notErased: `who signed is part of the proof (${AGREEMENT_LAW})`,
  },
  tenant_groups: { holds: 'a group of customers', persons: ['created_by'], plain: ['name'], kept: 'customer' },
  tenant_group_members: { holds: 'a customer in a group', plain: ['member'], kept: 'customer' },
  systems: {
    holds: 'a customer’s system and how it is reached',
    content: ['config'],
    plain: ['name', 'kind', 'site', 'secret_ref'],
    kept: 'customer',
    notErased: 'settings name service accounts; a person’s name there is changed by whoever runs the system',
  },
  secrets: {
    holds: 'a credential of a customer’s, encrypted',
    persons: ['set_by', 'ended_by'],
    plain: ['name', 'key_id'],
    secret: ['wrapped_key', 'ciphertext'],
    kept: 'customer',
  },
  process_templates: {
    holds: 'a version of a customer’s template',
    persons: ['created_by'],
    content: ['body'],
    plain: ['process'],
    kept: 'customer',
  },
  tenant_settings: {
    holds: 'a customer’s settings about second persons',
    persons: ['set_by'],
    plain: ['last_administrator'],
    kept: 'customer',
  },
  outgoing_allowances: {
    holds: 'where a customer’s traffic may go',
    persons: ['created_by'],
    content: ['reason'],
    plain: ['host', 'protocols', 'cidr', 'ports'],
    kept: 'customer',
  },
  outgoing_policies: {
    holds: 'a customer’s rule on public addresses',
    persons: ['set_by'],
    plain: ['public_addresses'],
    kept: 'customer',
  },
  ssh_host_keys: {
    holds: 'a pinned host key',
    persons: ['trusted_by'],
    content: ['reason'],
    plain: ['host', 'fingerprint', 'algorithm'],
    kept: 'customer',
  },
  legal_holds: {
    holds: 'why something must not be erased for now',
    persons: ['person', 'set_by', 'ended_by'],
    content: ['reason', 'end_reason'],
    kept: { law: 'GDPR Art. 5(2): proof of why an erasure was refused' },
    notErased: 'a hold is the reason that an erasure is refused',
  },
  person_erasures: {
    holds: 'an erasure that was carried out: pseudonym, by whom, what it changed',
    persons: ['requested_by'],
    content: ['reason'],
    plain: ['pseudonym', 'changed'],
    kept: { law: 'GDPR Art. 5(2): proof that it was done' },
  },
};
