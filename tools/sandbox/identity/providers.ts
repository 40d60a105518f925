import { API_AUDIENCE, TWO_FACTORS } from './issuer-settings.js';
import type { DemoIssuerName } from './identity.js';

/** An identity provider as the API takes it (`PUT /v1/identity-providers/{name}`). */
export interface DemoProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly secretRef: string;
  readonly mailDomains: readonly string[];
  readonly apiAudience: string;
  readonly tenantClaim: { readonly name: string; readonly value: string } | null;
  readonly scopes: readonly string[];
  readonly secondFactor: { readonly acr: readonly string[]; readonly amr: readonly string[] };
  readonly roles: readonly { readonly group: string; readonly role: string; readonly covers: string }[];
}

/** Groups of the issuers, by what their members may be. */
const MSP_ROLES = { owners: 'owner', operators: 'operator', technicians: 'technician', auditors: 'auditor' };
const CUSTOMER_ROLES = {
  admins: 'customer_admin',
  approvers: 'approver',
  requesters: 'requester',
  auditors: 'auditor',
};

/** The demo's providers by tenant: nordlicht's people sign in at the MSP's issuer, told apart by a claim. */
export function demoProviders(issuers: Readonly<Record<DemoIssuerName, string>>): Record<string, DemoProvider> {
  const provider = (
    issuer: string,
    organisation: string,
    domain: string,
    groups: object,
    covers: string,
  ): DemoProvider => ({
    issuer,
    clientId: 'stellwerk',
    secretRef: 'secret://sign-in-demo',
    mailDomains: [domain],
    apiAudience: API_AUDIENCE,
    tenantClaim: { name: 'organisation', value: organisation },
    scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    secondFactor: { acr: [TWO_FACTORS], amr: ['mfa'] },
    roles: Object.entries(groups).map(([group, role]) => ({ group: `stellwerk-${group}`, role: String(role), covers })),
  });
  return {
    msp: provider(issuers.msp, 'signalhaus', 'signalhaus.example', MSP_ROLES, 'all'),
    nordlicht: provider(issuers.msp, 'nordlicht', 'nordlicht.example', CUSTOMER_ROLES, 'home'),
    muster: { ...provider(issuers.muster, 'muster', 'muster.example', CUSTOMER_ROLES, 'home'), tenantClaim: null },
  };
}
