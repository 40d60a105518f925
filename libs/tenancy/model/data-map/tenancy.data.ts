import type { TableData } from './table-data.js';

/** Claims lapse three years after the end of their year (§§ 195, 199 BGB). */
const KEPT_YEARS = 3;
const AGREEMENT_LAW = 'GDPR Art. 5(2) and 28(3): proof of the agreement, three years after its end (§ 195 BGB)';

const ERASURE_LAW = 'GDPR Art. 5(2): proof of how a customer left and that its data was erased';

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
    kept: { law: AGREEMENT_LAW, years: KEPT_YEARS },
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
  tenant_retention: {
    holds: 'how long a customer’s ended requests are kept, by outcome',
    persons: ['set_by'],
    plain: ['days'],
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
  tenant_exports: {
    holds: 'a handover of everything of a customer’s',
    persons: ['requested_by'],
    content: ['reason'],
    plain: ['recipient', 'status', 'manifest', 'hash'],
    kept: 'customer',
    notExported: 'an export does not hold itself',
  },
  tenant_export_releases: {
    holds: 'a side’s release of one',
    persons: ['released_by'],
    plain: ['side', 'hash'],
    kept: 'customer',
    notExported: 'an export does not hold itself',
  },
  tenant_export_chunks: {
    holds: 'a piece of an encrypted file; gone after 14 days',
    plain: ['file'],
    secret: ['bytes'],
    kept: { days: 14 },
    notExported: 'an export does not hold itself',
  },
  tenant_export_files: {
    holds: 'an encrypted file’s counts and hashes',
    plain: ['file', 'plain_sha256', 'sha256'],
    kept: 'customer',
    notExported: 'an export does not hold itself',
  },
  tenant_offboardings: {
    holds: 'that a customer leaves: who said so, what was closed, and when',
    persons: [
      ...['requested_by', 'confirmed_by', 'cancelled_by'],
      ...['erasure_requested_by', 'erasure_confirmed_by', 'erasure_withdrawn_by'],
    ],
    content: ['reason', 'cancel_reason', 'erasure_reason', 'erasure_withdraw_reason'],
    plain: ['status', 'open_runs', 'closed', 'open_requests', 'held', 'document'],
    kept: { law: ERASURE_LAW, years: KEPT_YEARS },
    notErased: `who decided is part of the proof (${ERASURE_LAW})`,
  },
  tenant_access_list: {
    holds: 'what we held at a place of a customer that left, and how it was proven gone',
    persons: ['confirmed_by'],
    content: ['confirm_reason'],
    plain: ['entry', 'kind', 'host', 'account', 'secret_ref', 'state', 'evidence'],
    kept: { law: ERASURE_LAW, years: KEPT_YEARS },
    notErased: `it is the proof (${ERASURE_LAW})`,
  },
  tenant_erasures: {
    holds: 'that a customer was erased: who said so and how many rows of which table; a record of the MSP’s',
    persons: ['requested_by', 'confirmed_by'],
    content: ['reason'],
    plain: ['customer', 'erased'],
    kept: { law: ERASURE_LAW },
    notErased: `who decided is part of the proof (${ERASURE_LAW})`,
    notExported: 'a record of the MSP’s',
  },
  tenant_erasure_kept: {
    holds: 'what the law keeps of a customer that was erased, and until when',
    plain: ['kept_table', 'law'],
    kept: { law: ERASURE_LAW },
    notExported: 'a record of the MSP’s',
  },
  legal_holds: {
    holds: 'why something must not be erased for now',
    persons: ['person', 'set_by', 'ended_by'],
    content: ['reason', 'end_reason'],
    kept: { law: 'GDPR Art. 5(2): proof of why an erasure was refused', years: KEPT_YEARS },
    notErased: 'a hold is the reason that an erasure is refused',
  },
  person_erasures: {
    holds: 'an erasure that was carried out: pseudonym, by whom, what it changed',
    persons: ['requested_by'],
    content: ['reason'],
    plain: ['pseudonym', 'changed'],
    kept: { law: 'GDPR Art. 5(2): proof that it was done', years: KEPT_YEARS },
  },
};
