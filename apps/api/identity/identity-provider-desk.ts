import { listProviders, type JudgeRole, type Providers } from '#libs/identity';
import { tenantsOf, type Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants, type Writer } from '../access/caller.js';
import type { ListQuery } from '../http/page.query.js';
import { requireMayGive } from '../people/grant-power.js';
import type { IdentityProviderDto } from './identity-provider.dto.js';
import {
  identityProviderView,
  type IdentityProviderPageView,
  type IdentityProviderView,
} from './identity-provider.view.js';
import { namedPage, readNamedPlace } from './name-cursor.js';

const LIST = 'identity-providers';

/** Where tenants' people and machines sign in. */
export class IdentityProviderDesk {
  constructor(
    private readonly database: Database,
    private readonly providers: Providers,
    private readonly publicUrl: string,
  ) {}

  /** By tenant and name. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<IdentityProviderPageView> {
    const tenants = listedTenants(actor, tenant);
    const after = readNamedPlace(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) => listProviders(tx, tenants, after, limit + 1));
    return namedPage(LIST, rows, limit, (row) => identityProviderView(row, this.publicUrl));
  }

  /** Makes one, or replaces the one of this name. Throws `IdentityProviderRefused`, `IdentityProviderTaken` or `GrantTooPowerful`. */
  async put({ actor, tenant }: Writer, name: string, body: IdentityProviderDto): Promise<IdentityProviderView> {
    const { issuer, clientId, secretRef, mailDomains, apiAudience, tenantClaim, enabled, ...others } = body;
    const { scopes, claims, roles, secondFactor, algorithms, justInTime, sessionIdleMinutes, sessionHours } = others;
    const settings = {
      scopes,
      claims: { ...claims },
      roles: roles.map(({ group, role, covers, coversId }) => ({ group, role, covers, coversId })),
      secondFactor: { ...secondFactor },
      algorithms,
      justInTime,
      sessionIdleMinutes,
      sessionHours,
    };
    const provider = {
      ...{ tenant, name, issuer, clientId, secretRef, mailDomains, apiAudience, settings, enabled },
      tenantClaim: tenantClaim && { ...tenantClaim },
      setBy: actor.subject,
    };
    // a group hands out roles as a grant does, the customer's first administrator included
    const judge: JudgeRole = (tx, kind, role) => requireMayGive(tx, actor, { tenant_id: tenant }, kind, role);
    const saved = await this.providers.save(provider, tenantsOf(actor), judge);
    return identityProviderView(saved, this.publicUrl);
  }
}
