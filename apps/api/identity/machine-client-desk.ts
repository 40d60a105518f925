import { listMachines, type Machines } from '#libs/identity';
import { tenantsOf, type Actor, type Permission, type Role } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants, type Writer } from '../access/caller.js';
import { requireWithinOwnPower } from '../api-keys/key-power.js';
import type { ListQuery } from '../http/page.query.js';
import type { MachineClientDto } from './machine-client.dto.js';
import { machineClientView, type MachineClientPageView, type MachineClientView } from './machine-client.view.js';
import { namedPage, readNamedPlace } from './name-cursor.js';

const LIST = 'machine-clients';

/** Programs that issuers vouch for. */
export class MachineClientDesk {
  constructor(
    private readonly database: Database,
    private readonly machines: Machines,
  ) {}

  /** By tenant and name. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<MachineClientPageView> {
    const tenants = listedTenants(actor, tenant);
    const after = readNamedPlace(LIST, cursor);
    const rows = await inTenants(this.database, tenants, (tx) => listMachines(tx, tenants, after, limit + 1));
    return namedPage(LIST, rows, limit, machineClientView);
  }

  /** Enters one, or replaces the one of this name. Throws `MachineClientRefused`, `IdentityProviderNotFound`, `RequestInvalid` or `ApiKeyTooPowerful`. */
  async put({ actor, tenant }: Writer, name: string, body: MachineClientDto): Promise<MachineClientView> {
    const { provider, clientId, subject = clientId, role, scopes, covers, enabled } = body;
    const wish = { tenant, name, provider, clientId, subject, role, scopes, covers, enabled, setBy: actor.subject };
    // nobody gets by a machine what they may not do themselves: it is bound as a key is
    const power = { role: role as Role, scopes: scopes as readonly Permission[] | null, customers: covers };
    const judge = (kind: Actor['kind']): void => requireWithinOwnPower(actor, { tenant, kind }, power);
    return machineClientView(await this.machines.save(wish, tenantsOf(actor), judge));
  }
}
