import { createHash } from 'node:crypto';
import pg from 'pg';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { mailboxSettings } from './directory/mailbox-schema.js';
import type { DirectoryAccess } from './directory/directory.js';
import type { DomainAccess } from './domain/domain.js';
import type { SandboxDescription } from './sandbox-parts.js';

export interface DemoTenant {
  readonly id: string;
  readonly kind: 'msp' | 'customer';
  readonly name: string;
  readonly timeZone: string;
  readonly roles: readonly string[];
}

const CUSTOMER_ROLES = ['customer_admin', 'approver', 'requester', 'auditor'];

/** The MSP and its two demo customers. */
export const demoTenants: readonly DemoTenant[] = [
  {
    id: 'msp',
    kind: 'msp',
    name: 'Signalhaus IT',
    timeZone: 'Europe/Berlin',
    roles: ['owner', 'operator', 'technician', 'auditor'],
  },
  { id: 'muster', kind: 'customer', name: 'Muster Werkzeugbau GmbH', timeZone: 'Europe/Berlin', roles: CUSTOMER_ROLES },
  {
    id: 'nordlicht',
    kind: 'customer',
    name: 'Nordlicht Handels GmbH',
    timeZone: 'Europe/Berlin',
    roles: CUSTOMER_ROLES,
  },
];

/** What the demo customers' groups mean to the processes: which open a leaver's data, and whose members are privileged. */
export const groupsWithMeaning: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  muster: { dataAccessGroups: ['nachlass'] },
  nordlicht: { dataAccessGroups: ['dateiserver'], privilegedGroups: ['kasse'] },
};

/** Keys by tenant and role. */
export type DemoKeys = Record<string, Record<string, string>>;
/** Values behind `secret://…`, by tenant and name. */
export type DemoSecrets = Record<string, Record<string, string>>;

/** A key for each role of each tenant; those that are known are kept. */
export function completeKeys(known: DemoKeys): DemoKeys {
  const keysOf = ({ id, roles }: DemoTenant): Record<string, string> =>
    Object.fromEntries(roles.map((role) => [role, known[id]?.[role] ?? newApiKey()]));
  return Object.fromEntries(demoTenants.map((tenant) => [tenant.id, keysOf(tenant)]));
}

/** What activities resolve: the directories' and the mail server's passwords. */
export function demoSecrets(sandbox: SandboxDescription): DemoSecrets {
  const mailLogin = { 'mail-login': sandbox.mail.password };
  const customers = Object.entries(sandbox.tenants).map(([tenant, directory]) => [
    tenant,
    { 'directory-bind': directory.bindPassword, ...mailLogin },
  ]);
  return { ...Object.fromEntries(customers), msp: mailLogin } as DemoSecrets;
}

/** Writes tenants, keys and systems into the database, as its administrator. Safe to repeat. */
export async function seedDemo(databaseUrl: string, sandbox: SandboxDescription, keys: DemoKeys): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    for (const tenant of demoTenants) await seedTenant(client, tenant, keys[tenant.id]!);
    for (const { id } of demoTenants) await allowThisMachine(client, id);
    for (const [tenant, access] of Object.entries(sandbox.tenants)) await seedSystems(client, tenant, access, sandbox);
    // invitations of its own people, and alarms
    await seedMail(client, 'msp', sandbox);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

async function seedTenant(
  client: pg.Client,
  { id, kind, name, timeZone }: DemoTenant,
  keys: Record<string, string>,
): Promise<void> {
  await client.query(
    'INSERT INTO tenants (id, kind, name, time_zone) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET name = $3, time_zone = $4',
    [id, kind, name, timeZone],
  );
  if (kind === 'customer') await seedAgreement(client, id, name);
  for (const [role, key] of Object.entries(keys)) {
    const hash = hashOfApiKey(key);
    await client.query(
      `INSERT INTO api_keys (tenant_id, id, role, subject, name, key_hash) VALUES ($1, $2, $3, $4, 'demo', $5) ON CONFLICT (key_hash) DO NOTHING`,
      [id, newId(), role, `${role}@${id}`, hash],
    );
  }
}

/** The demo's systems run on this machine, which nobody may connect to unless it is allowed. */
export async function allowThisMachine(client: pg.Client, tenant: string): Promise<void> {
  for (const cidr of ['127.0.0.0/8', '::1/128'])
    await client.query(
      `INSERT INTO outgoing_allowances (tenant_id, id, cidr, protocols, reason, created_by)
       SELECT $1, $2, $3::cidr, '{http,ldap,smtp,ssh}', 'The demonstration’s systems run on this machine.', 'demo'
       WHERE NOT EXISTS (SELECT FROM outgoing_allowances WHERE tenant_id = $1 AND cidr = $3::cidr)`,
      [tenant, newId(), cidr],
    );
}

/** A customer goes live with a data processing agreement; the demo's stands for a signed one. */
export async function seedAgreement(client: Pick<pg.Pool, 'query'>, tenant: string, name: string): Promise<void> {
  const document = `Data processing agreement of the demo with ${name}`;
  await client.query(
    `INSERT INTO processing_agreements (tenant_id, version, signed_on, signed_by, signed_for_us_by, document_reference,
       document_sha256, sub_processors, data_locations, subject_categories, data_categories, measures_reference, recorded_by)
     SELECT $1, 1, current_date, $2, 'MSP', 'demo', $3, '[]', $4, '{employees}', '{names,"sign-in names","mail addresses"}',
       'docs/operating.md', 'owner@msp'
     WHERE NOT EXISTS (SELECT 1 FROM processing_agreements WHERE tenant_id = $1)`,
    [
      tenant,
      name,
      createHash('sha256').update(document).digest('hex'),
      JSON.stringify([{ place: 'this machine', country: 'DE', purpose: 'demo' }]),
    ],
  );
  // one that somebody ended stays so
  await client.query(
    `UPDATE tenants SET live_since = coalesce(live_since, now())
     WHERE id = $1 AND EXISTS (SELECT FROM processing_agreements WHERE tenant_id = $1 AND ended_at IS NULL)`,
    [tenant],
  );
}

async function seedSystems(
  client: pg.Client,
  tenant: string,
  access: DirectoryAccess | DomainAccess,
  sandbox: SandboxDescription,
): Promise<void> {
  const config = { ...directoryConfig(access), ...groupsWithMeaning[tenant] };
  await saveSystem(client, tenant, { name: 'directory', kind: 'ldap', config, secretRef: 'secret://directory-bind' });
  await seedMail(client, tenant, sandbox);
  const hooks = { origins: [new URL(sandbox.http.url).origin] };
  await saveSystem(client, tenant, { name: 'hooks', kind: 'http', config: hooks, secretRef: null });
}

function seedMail(client: pg.Client, tenant: string, { mail }: SandboxDescription): Promise<void> {
  const { host, port, user, caFile } = mail;
  const config = { host, port, from: `service@${tenant}.example`, startTls: true, caFile, user };
  return saveSystem(client, tenant, { name: 'mail', kind: 'smtp', config, secretRef: 'secret://mail-login' });
}

interface DemoSystem {
  readonly name: string;
  readonly kind: 'ldap' | 'smtp' | 'http';
  readonly config: object;
  readonly secretRef: string | null;
}

async function saveSystem(
  client: pg.Client,
  tenant: string,
  { name, kind, config, secretRef }: DemoSystem,
): Promise<void> {
  await client.query(
    `INSERT INTO systems (tenant_id, name, kind, config, secret_ref) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, name) DO UPDATE SET kind = $3, config = $4, secret_ref = $5`,
    [tenant, name, kind, JSON.stringify(config), secretRef],
  );
}

function directoryConfig(access: DirectoryAccess | DomainAccess): object {
  const { ldaps, caFile, bindDn, baseDn, peopleOu, leaversOu, groupsOu, dialect } = access;
  const place = { url: ldaps, caFile, bindDn, baseDn, peopleOu, leaversOu, dialect };
  // In a domain groups also lie outside their unit, the built-in ones first of all.
  if (dialect === 'active-directory') return { ...place, groupsOu: baseDn, managedGroupsOu: groupsOu };
  const { standInMember } = access;
  const passwordPolicyDn = `cn=default,ou=policies,${baseDn}`;
  return { ...place, groupsOu, standInMember, passwordPolicyDn, userNameAttribute: 'uid', ...mailboxSettings };
}
