import { CUSTOMER_ROLES, MSP_ROLES, permissions } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, isUniqueViolation, type Database, type Transaction } from '#libs/platform/database';
import { MachineClientRefused } from '../model/identity.errors.js';
import { findMachine, saveMachine, type MachineClient, type MachineToSave } from '../store/machine.store.js';
import { requireProvider } from './providers.js';

export type MachineWish = Omit<MachineToSave, 'providerId'> & { readonly provider: string };

/** Throws unless whoever enters a machine may do all that it may, in a tenant of this kind. */
export type JudgeMachine = (kind: 'msp' | 'customer') => void;

/** Enters machines that issuers vouch for (client credentials). */
export class Machines {
  constructor(private readonly database: Database) {}

  /**
   * Enters a machine or replaces the one of this name, for some of the `customers` at most. Throws `MachineClientRefused`,
   * `IdentityProviderNotFound`, or what `judge` throws.
   */
  async save(wish: MachineWish, customers: readonly string[], judge: JudgeMachine): Promise<MachineClient> {
    try {
      return await inTenants(this.database, [wish.tenant], (tx) => this.put(tx, wish, customers, judge));
    } catch (error) {
      if (isUniqueViolation(error)) refuse('clientId', 'This client is another machine already.');
      throw error;
    }
  }

  private async put(
    tx: Transaction,
    { provider: called, ...machine }: MachineWish,
    customers: readonly string[],
    judge: JudgeMachine,
  ): Promise<MachineClient> {
    const { tenant, name } = machine;
    const provider = await requireProvider(tx, tenant, called);
    if (provider.apiAudience === null) refuse('provider', 'This provider has no apiAudience: it takes no tokens.');
    judge(await requireFit(tx, machine, customers));
    const before = await findMachine(tx, tenant, name);
    await saveMachine(tx, { ...machine, providerId: provider.id });
    const saved = (await findMachine(tx, tenant, name))!;
    await appendAudit(tx, tenant, {
      action: before ? 'machine_client.changed' : 'machine_client.created',
      actor: machine.setBy,
      object: { kind: 'machine_client', id: saved.id },
      ...(before ? { before: onRecord(before) } : {}),
      after: onRecord(saved),
    });
    return saved;
  }
}

async function requireFit(
  tx: Transaction,
  { tenant, role, scopes, covers }: Omit<MachineToSave, 'providerId'>,
  customers: readonly string[],
): Promise<'msp' | 'customer'> {
  const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
  const roles: readonly string[] = kind === 'msp' ? MSP_ROLES : CUSTOMER_ROLES;
  if (!roles.includes(role)) refuse('role', `It must be one of ${roles.join(', ')}.`);
  const unknown = scopes?.find((scope) => !Object.hasOwn(permissions, scope));
  if (unknown !== undefined) refuse('scopes', `${unknown} is no permission.`);
  if (covers === null) return kind;
  if (kind === 'customer') refuse('covers', 'A customer’s machine works for its own tenant: leave it out.');
  if (!covers.every((id) => customers.includes(id))) refuse('covers', 'Name customers that there are.');
  return kind;
}

function onRecord({ name, provider, clientId, role, scopes, covers, enabled }: MachineClient) {
  return { name, provider, clientId, role, scopes: scopes && [...scopes], covers: covers && [...covers], enabled };
}

function refuse(path: string, message: string): never {
  throw new MachineClientRefused(message, { errors: [{ path, code: 'refused', message }] });
}
