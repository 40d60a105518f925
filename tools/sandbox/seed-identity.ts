import pg from 'pg';
import { newId } from '#libs/kernel';
import { clientSecrets, type DemoIssuerName } from './identity/identity.js';
import { demoIssuers, tenantOfOrganisation } from './identity/identity-people.js';
import { demoPassword } from './identity/issuer.js';
import { demoProviders, type DemoProvider } from './identity/providers.js';
import type { DemoSecrets } from './seed-demo.js';

/** Which issuer each tenant's people sign in at. */
const ISSUER_OF: Readonly<Record<string, DemoIssuerName>> = { msp: 'msp', muster: 'muster', nordlicht: 'msp' };

/** What the API proves itself by at the issuers. */
export function identitySecrets(dir: string): DemoSecrets {
  return Object.fromEntries(
    Object.entries(ISSUER_OF).map(([tenant, issuer]) => [tenant, { 'sign-in-demo': clientSecrets(dir, issuer).web }]),
  );
}

/** Who can sign in, by tenant: user name, password, groups. */
export function demoLogins(): Record<string, { user: string; password: string; groups: readonly string[] }[]> {
  const people = demoIssuers.flatMap((issuer) => issuer.people);
  const of = (tenant: string) => people.filter(({ organisation }) => tenantOfOrganisation[organisation] === tenant);
  const login = (person: (typeof people)[number]) => ({
    user: person.user,
    password: demoPassword(person),
    groups: person.groups,
  });
  return Object.fromEntries(Object.keys(ISSUER_OF).map((tenant) => [tenant, of(tenant).map(login)]));
}

/** Writes the demo's identity providers into the database, as its administrator. Safe to repeat. */
export async function seedIdentity(
  databaseUrl: string,
  issuers: Readonly<Record<DemoIssuerName, string>>,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const [tenant, provider] of Object.entries(demoProviders(issuers))) await save(client, tenant, provider);
  } finally {
    await client.end();
  }
}

async function save(client: pg.Client, tenant: string, provider: DemoProvider): Promise<void> {
  const { scopes, roles, secondFactor } = provider;
  const claims = { subject: 'sub', userName: 'preferred_username', name: 'name', mail: 'email', groups: 'groups' };
  const granted = roles.map((role) => ({ ...role, coversId: null }));
  const lives = { justInTime: true, sessionIdleMinutes: 60, sessionHours: 12 };
  const settings = { scopes, claims, roles: granted, secondFactor, algorithms: ['RS256'], ...lives };
  await client.query(
    `INSERT INTO identity_providers (tenant_id, id, name, issuer, client_id, secret_ref, mail_domains, api_audience,
       tenant_claim, tenant_claim_value, settings, enabled, set_by)
     VALUES ($1, $2, 'demo', $3, $4, $5, $6, $7, $8, $9, $10, true, 'demo')
     ON CONFLICT (tenant_id, name) DO UPDATE SET issuer = $3, client_id = $4, secret_ref = $5, mail_domains = $6,
       api_audience = $7, tenant_claim = $8, tenant_claim_value = $9, settings = $10, enabled = true`,
    [
      ...[tenant, newId(), provider.issuer, provider.clientId, provider.secretRef, provider.mailDomains],
      ...[provider.apiAudience, provider.tenantClaim?.name ?? null, provider.tenantClaim?.value ?? null],
      JSON.stringify(settings),
    ],
  );
}
