import { TenantIdInvalid } from './tenant.errors.js';

const FORM = /^[a-z][a-z0-9-]{1,39}$/;
// they name the engine's own workflows and topics, or would read like a setting
const RESERVED: ReadonlySet<string> = new Set(['stellwerk', 'all', 'none', 'system', 'default', 'api', 'admin']);

/** Whether a text has the form of a tenant's id. */
export function isTenantId(text: string): boolean {
  return FORM.test(text);
}

/** Throws `TenantIdInvalid` unless a new customer may have this id: it stands in workflow ids, Kafka keys and addresses for good. */
export function requireNewTenantId(id: string): void {
  if (!isTenantId(id) || id.endsWith('-') || id.includes('--'))
    throw invalid('An id has 2 to 40 lower-case letters, digits and single hyphens, and begins with a letter.');
  if (RESERVED.has(id)) throw invalid(`The id ${id} is reserved. Take the customer’s name, e.g. muster.`);
}

function invalid(message: string): TenantIdInvalid {
  return new TenantIdInvalid(message, { errors: [{ path: 'id', code: 'not_allowed', message }] });
}
