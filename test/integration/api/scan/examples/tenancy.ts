import { generateIdentity, identityToRecipient } from 'age-encryption';
import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { PersonFactory } from '../../../../support/api/people.factory.js';
import { agreement } from '../../../../support/api/tenancy.factory.js';
import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

const SITE = { name: 'Werk', city: 'Kiel', timeZone: 'Europe/Berlin' };
const CONTACT = { name: 'Ina Koch', role: 'technical', mail: 'ina@example.org' };

const HASH = 'a'.repeat(64);
const RECIPIENT = await identityToRecipient(await generateIdentity());

const named = () => `N ${newId()}`;
const own = ({ tenant }: Things) => ({ path: { tenant } });

/** A customer of its own: an act on the scanned one would keep its people out. */
async function customer({ admin }: Things, status: 'active' | 'suspended' = 'active'): Promise<string> {
  const id = `c${newId().replaceAll('-', '')}`;
  const row = { id, kind: 'customer' as const, name: 'Another', time_zone: 'UTC', status };
  await admin.insertInto('tenants').values(row).execute();
  return id;
}

async function site({ admin, tenant }: Things): Promise<string> {
  const row = { tenant_id: tenant, id: newId(), name: named(), street: 'Am Kai 1', time_zone: 'UTC', changed_by: 'x' };
  await admin.insertInto('sites').values(row).execute();
  return row.id;
}

/** An export that is ready, released by these sides. */
async function readyExport({ admin, tenant }: Things, sides: readonly ('msp' | 'customer')[]): Promise<string> {
  const id = newId();
  await sql`INSERT INTO tenant_exports (tenant_id, id, recipient, reason, requested_by, status, manifest, hash, ready_at, available_until, event_ids)
    VALUES (${tenant}, ${id}, ${RECIPIENT}, 'x', 'x', 'ready', '{}', ${HASH}, now(), now() + interval '1 day', '{}')`.execute(
    admin,
  );
  const hashes = { plain_sha256: HASH, sha256: HASH };
  const file = { tenant_id: tenant, export_id: id, file: 'README.md', rows: 0, size: 1, ...hashes };
  await admin.insertInto('tenant_export_files').values(file).execute();
  const bytes = Buffer.from('x');
  await admin
    .insertInto('tenant_export_chunks')
    .values({ tenant_id: tenant, export_id: id, file: file.file, seq: 0, bytes })
    .execute();
  for (const side of sides)
    await admin
      .insertInto('tenant_export_releases')
      .values({ tenant_id: tenant, export_id: id, side, released_by: 'x', hash: HASH })
      .execute();
  return id;
}

/** The scanned customer's administrator as a person, who was one before what comes. */
async function administrator({ admin, tenant }: Things): Promise<void> {
  const subject = `customer_admin@${tenant}`;
  const there = await admin.selectFrom('people').select('id').where('subject', '=', subject).executeTakeFirst();
  if (!there) await PersonFactory.at(tenant).named('customer_admin').granted('customer_admin', 'home').in(admin);
}

async function hold(things: Things): Promise<string> {
  const { admin, tenant } = things;
  const row = { tenant_id: tenant, id: newId(), person: things.user(), reason: 'lawsuit', set_by: 'x' };
  await admin.insertInto('legal_holds').values(row).execute();
  return row.id;
}

async function group({ admin }: Things): Promise<string> {
  const row = { tenant_id: 'msp', id: newId(), name: named(), created_by: 'x' };
  await admin.insertInto('tenant_groups').values(row).execute();
  return row.id;
}

async function withAgreement(things: Things): Promise<string> {
  const id = await customer(things);
  const { subProcessors, dataLocations, ...signed } = agreement();
  const row = {
    tenant_id: id,
    version: 1,
    signed_on: signed.signedOn,
    signed_by: signed.signedBy,
    signed_for_us_by: signed.signedForUsBy,
    document_reference: signed.documentReference,
    document_sha256: signed.documentSha256,
    sub_processors: JSON.stringify(subProcessors),
    data_locations: JSON.stringify(dataLocations),
    subject_categories: [...signed.subjectCategories],
    data_categories: [...signed.dataCategories],
    measures_reference: signed.measuresReference,
    recorded_by: 'x',
  };
  await things.admin.insertInto('processing_agreements').values(row).execute();
  return id;
}

export const tenancyExamples: RouteExamples = {
  listTenants: () => ({}),
  createTenant: () => ({ body: { id: `c${newId().slice(-12)}`, name: 'New', timeZone: 'Europe/Berlin' } }),
  getTenant: own,
  changeTenant: async (things) => {
    const { admin, tenant } = things;
    const { version } = await admin
      .selectFrom('tenants')
      .select('version')
      .where('id', '=', tenant)
      .executeTakeFirstOrThrow();
    return { ...own(things), body: { name: 'Other', timeZone: 'Europe/Berlin', version } };
  },
  suspendTenant: async (things) => ({ path: { tenant: await customer(things) }, body: { reason: 'unpaid' } }),
  resumeTenant: async (things) => ({
    path: { tenant: await customer(things, 'suspended') },
    body: { reason: 'paid' },
  }),
  listSites: async (things) => {
    await site(things);
    return own(things);
  },
  createSite: (things) => ({ ...own(things), body: { ...SITE, name: named() } }),
  getSite: async (things) => ({ path: { tenant: things.tenant, id: await site(things) } }),
  replaceSite: async (things) => ({
    path: { tenant: things.tenant, id: await site(things) },
    body: { ...SITE, name: named(), version: 1 },
  }),
  deleteSite: async (things) => ({ path: { tenant: things.tenant, id: await site(things) } }),
  listContacts: async (things) => {
    await things.contact();
    return own(things);
  },
  createContact: (things) => ({ ...own(things), body: CONTACT }),
  getContact: async (things) => ({ path: { tenant: things.tenant, id: await things.contact() } }),
  replaceContact: async (things) => ({
    path: { tenant: things.tenant, id: await things.contact() },
    body: { ...CONTACT, version: 1 },
  }),
  deleteContact: async (things) => ({ path: { tenant: things.tenant, id: await things.contact() } }),
  listAgreements: own,
  recordAgreement: (things) => ({ ...own(things), body: agreement() }),
  endAgreement: async (things) => ({ path: { tenant: await withAgreement(things) }, body: { reason: 'terminated' } }),
  listTenantExports: own,
  requestTenantExport: async (things) => ({
    path: { tenant: await customer(things) },
    body: { recipient: RECIPIENT, reason: 'The contract ended.' },
  }),
  getTenantExport: async (things) => ({ path: { tenant: things.tenant, id: await readyExport(things, []) } }),
  releaseTenantExport: async (things) => {
    await administrator(things);
    return { path: { tenant: things.tenant, id: await readyExport(things, []) }, body: { hash: HASH } };
  },
  downloadTenantExport: async (things) => ({
    path: { tenant: things.tenant, id: await readyExport(things, ['msp', 'customer']) },
  }),
  exportPerson: (things) => ({ ...own(things), body: { user: things.user() } }),
  exportPersonPage: (things) => ({ ...own(things), body: { user: things.user() } }),
  erasePerson: (things) => ({ ...own(things), body: { user: things.user(), reason: 'Art. 17' } }),
  listLegalHolds: async (things) => {
    await hold(things);
    return own(things);
  },
  setLegalHold: (things) => ({ ...own(things), body: { person: things.user(), reason: 'lawsuit' } }),
  endLegalHold: async (things) => ({
    path: { tenant: things.tenant, id: await hold(things) },
    body: { reason: 'settled' },
  }),
  getProcessingRecord: own,
  getProcessingRecordPage: own,
  listTenantGroups: async (things) => {
    await group(things);
    return {};
  },
  createTenantGroup: () => ({ body: { name: named(), members: [] } }),
  replaceTenantGroup: async (things) => ({
    path: { id: await group(things) },
    body: { name: named(), members: [], version: 1 },
  }),
  deleteTenantGroup: async (things) => ({ path: { id: await group(things) } }),
};
