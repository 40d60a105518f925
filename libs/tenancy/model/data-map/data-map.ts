import { ACCESS_DATA } from './access.data.js';
import { ESCALATION_DATA } from './escalation.data.js';
import { IDENTITY_DATA } from './identity.data.js';
import { WEBHOOK_DATA } from './outgoing.data.js';
import { PROCESS_DATA } from './process.data.js';
import { PLUMBING_DATA } from './plumbing.data.js';
import { TENANCY_DATA } from './tenancy.data.js';
import { ONCALL_DATA } from './oncall.data.js';
import { TICKET_MAIL_DATA } from './ticket-mail.data.js';
import { SLA_DATA } from './sla.data.js';
import { TICKET_DATA } from './ticket.data.js';
import type { TableData } from './table-data.js';

/**
 * Every table that carries a tenant, with what it holds of persons. docs/privacy.md, a person's export and erasure and a
 * customer's hand-over are drawn from this; a test compares it with the database, so that a new column has to be classified.
 */
export const DATA_MAP: Readonly<Record<string, TableData>> = {
  ...PROCESS_DATA,
  ...ACCESS_DATA,
  ...IDENTITY_DATA,
  ...TENANCY_DATA,
  ...WEBHOOK_DATA,
  ...ONCALL_DATA,
  ...SLA_DATA,
  ...ESCALATION_DATA,
  ...TICKET_DATA,
  ...TICKET_MAIL_DATA,
  ...PLUMBING_DATA,
};

/** The tables in which a person may be named, in the order in which an erasure goes through them. */
export function tablesWithPersons(): readonly (TableData & { readonly table: string })[] {
  return Object.entries(DATA_MAP)
    .filter(([, { persons = [], content = [], notErased }]) => persons.length + content.length > 0 && !notErased)
    .map(([table, data]) => ({ table, ...data }));
}
