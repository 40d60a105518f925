import type { ColumnType, Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt } from './columns.js';

export interface SitesTable {
  tenant_id: string;
  id: string;
  name: string;
  street: string | null;
  postal_code: string | null;
  city: string | null;
  country: string | null;
  time_zone: string;
  version: Generated<number>;
  changed_by: string;
  created_at: At;
  changed_at: At;
}

export interface ContactsTable {
  tenant_id: string;
  id: string;
  site_id: string | null;
  name: string;
  role: 'management' | 'technical' | 'billing' | 'data_protection' | 'emergency' | 'other';
  mail: string | null;
  phone: string | null;
  language: 'de' | 'en' | null;
  external_references: JsonColumn<Readonly<Record<string, string>>>;
  version: Generated<number>;
  changed_by: string;
  created_at: At;
  changed_at: At;
}

export interface ProcessingAgreementsTable {
  tenant_id: string;
  version: number;
  signed_on: ColumnType<string, string, never>;
  signed_by: string;
  signed_for_us_by: string;
  document_reference: string;
  document_sha256: string;
  sub_processors: JsonColumn<readonly { readonly name: string; readonly service: string; readonly country: string }[]>;
  data_locations: JsonColumn<readonly { readonly place: string; readonly country: string; readonly purpose: string }[]>;
  subject_categories: string[];
  data_categories: string[];
  measures_reference: string;
  recorded_by: string;
  recorded_at: At;
  ended_at: MaybeAt;
  ended_by: ColumnType<string | null, never, string | null>;
  end_reason: ColumnType<string | null, never, string | null>;
}

export interface LegalHoldsTable {
  tenant_id: string;
  id: string;
  person: string | null;
  reason: string;
  set_by: string;
  set_at: At;
  ended_at: MaybeAt;
  ended_by: ColumnType<string | null, never, string | null>;
  end_reason: ColumnType<string | null, never, string | null>;
}

export interface PersonErasuresTable {
  tenant_id: string;
  id: string;
  pseudonym: string;
  reason: string;
  requested_by: string;
  erased_at: At;
  changed: ColumnType<Readonly<Record<string, number>>, string | undefined, string>;
}

export interface TenancyTables {
  sites: SitesTable;
  contacts: ContactsTable;
  processing_agreements: ProcessingAgreementsTable;
  legal_holds: LegalHoldsTable;
  person_erasures: PersonErasuresTable;
}
