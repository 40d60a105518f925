import type { Database } from '#libs/platform/database';
import { newId } from '#libs/kernel';
import type { ExampleCall } from './example.js';
import type { Things } from './things.js';

/** What a body can name of a tenant. */
export interface Names {
  readonly tenant: string;
  readonly site: string;
  readonly provider: string;
  readonly person: string;
}

/** Names of what a tenant has. */
export async function namesOf(admin: Database, things: Things): Promise<Names> {
  const { tenant } = things;
  const site = { tenant_id: tenant, id: newId(), name: `N ${newId()}`, street: 'Am Kai 1', time_zone: 'UTC' };
  await admin
    .insertInto('sites')
    .values({ ...site, changed_by: 'x' })
    .execute();
  return { tenant, site: site.id, provider: await things.identityProvider(), person: `approver@${tenant}` };
}

/** Names of nothing: what is another's has to be answered like this. */
export function namesOfNothing(): Names {
  return {
    tenant: `c${newId().slice(-12)}`,
    site: newId(),
    provider: `p${newId().slice(-12)}`,
    person: `a.b@${newId()}`,
  };
}

type MakeBody = (own: Things, names: Names) => ExampleCall | Promise<ExampleCall>;

const reason = 'As agreed on the phone.';
const FROM = { from: '2030-01-01T00:00:00Z', until: '2030-01-08T00:00:00Z' };

function contact(siteId: string) {
  return { name: 'Ina Koch', role: 'technical', mail: 'ina@example.org', siteId };
}

function group(members: readonly string[]) {
  return { name: `N ${newId()}`, members };
}

/** By operation: a call in somebody's own tenant whose body names what may be another's. */
export const FOREIGN_BODIES: Readonly<Record<string, MakeBody>> = {
  createContact: ({ tenant }, { site }) => ({ path: { tenant }, body: contact(site) }),
  createTenantGroup: (_own, { tenant }) => ({ body: group([tenant]) }),
  createApiKey: (_own, { tenant }) => ({ body: { name: 'a script', role: 'auditor', customers: [tenant] } }),
  giveGrant: async (own, { tenant }) => ({
    path: { id: (await own.person()).id },
    body: { role: 'auditor', covers: 'tenant', coversId: tenant, reason },
  }),
  invite: (own, { tenant }) => ({
    body: {
      ...{ mail: `${own.user()}@firma.example`, name: 'Gerda Gast', language: 'de', reason },
      grants: [{ role: 'auditor', covers: 'tenant', coversId: tenant }],
    },
  }),
  putMachineClient: (_own, { provider }) => ({
    path: { name: `m${newId().slice(-12)}` },
    body: { provider, clientId: newId(), role: 'auditor' },
  }),
  putIdentityProvider: (_own, { tenant }) => {
    const name = `p${newId().slice(-12)}`;
    const roles = [{ group: 'g', role: 'auditor', covers: 'tenant', coversId: tenant }];
    return {
      path: { name },
      body: { issuer: `https://${name}.example`, clientId: 'stellwerk', roles, enabled: false },
    };
  },
  setDelegation: (own, { person }) => ({
    body: { delegator: `customer_admin@${own.tenant}`, delegate: person, ...FROM },
  }),
};

/** Their bodies name customers only in rows of the MSP's, which nobody with one customer writes: refused in any other. */
export const WRITES_AT_THE_MSP: readonly string[] = [
  'createTenantGroup',
  'createApiKey',
  'giveGrant',
  'invite',
  'putIdentityProvider',
];
