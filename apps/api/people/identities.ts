import {
  endWaysPastIssuer,
  findProviderByName,
  identitiesOf,
  IdentityProviderNotFound,
  linkIdentity,
  unlinkIdentity,
  type StoredProvider,
} from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { Writer } from '../access/caller.js';
import { changePerson, isOwnership, personNotFound, requireNotClosed, requireOtherOwner } from './change-person.js';
import { requirePowerOver, requirePowerToChange } from './grant-power.js';
import { identityView, type IdentityListView } from './identity.view.js';
import type { IdentityDto } from './identity.dto.js';
import { findPerson, grantsOf, kindOf, type PersonRow } from './person.store.js';

/** Who people are at their tenant's issuers. */
export class Identities {
  constructor(private readonly database: Database) {}

  /** Throws `PersonNotFound`. */
  list(actor: Actor, id: string): Promise<IdentityListView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const person = await findPerson(tx, actor.sees, id);
      if (!person) throw personNotFound(id);
      return listOf(tx, person);
    });
  }

  /**
   * Lets somebody sign in as this person, there and no longer with a passkey. Whoever says so could have named themselves, hence they need every right of the
   * person. Throws `PersonNotFound`, `OwnGrant`, `PersonClosed`, `GrantTooPowerful`, `IdentityProviderNotFound`,
   * `IdentityTaken` or `PersonHasIdentity`.
   */
  async link(writer: Writer, id: string, name: string, { subject, reason }: IdentityDto): Promise<IdentityListView> {
    const { actor, tenant } = writer;
    await changePerson(this.database, writer, id, async (tx, person) => {
      requireNotClosed(person);
      await requirePowerOver(tx, actor, await kindOf(tx, tenant), await grantsOf(tx, [person]));
      const provider = await requireProviderOf(tx, tenant, name);
      await linkIdentity(tx, { provider, personId: id, by: actor.subject, reason }, subject);
      await endWaysPastIssuer(tx, { tenant, personId: id, by: actor.subject, reason });
      return null;
    });
    return this.list(actor, id);
  }

  /** Throws `PersonNotFound`, `OwnGrant`, `GrantTooPowerful`, `IdentityProviderNotFound`, `IdentityNotFound` or `LastOwner`. */
  async unlink(writer: Writer, id: string, name: string, reason: string): Promise<IdentityListView> {
    const { actor, tenant } = writer;
    await changePerson(this.database, writer, id, async (tx, person) => {
      await requirePowerToChange(tx, actor, person, await grantsOf(tx, [person]));
      const provider = await requireProviderOf(tx, tenant, name);
      const wasOwner = await isOwner(tx, person);
      await unlinkIdentity(tx, { provider, personId: id, by: actor.subject, reason });
      // with the identity go the roles of its groups
      if (wasOwner && !(await isOwner(tx, person))) await requireOtherOwner(tx, person);
      return null;
    });
    return this.list(actor, id);
  }
}

async function listOf(tx: Transaction, { tenant_id: tenant, id }: PersonRow): Promise<IdentityListView> {
  return { items: (await identitiesOf(tx, tenant, id)).map(identityView) };
}

async function isOwner(tx: Transaction, person: PersonRow): Promise<boolean> {
  return (await grantsOf(tx, [person])).some(isOwnership);
}

/** The tenant's own provider of this name. Throws `IdentityProviderNotFound`, also for another tenant's. */
async function requireProviderOf(tx: Transaction, tenant: string, name: string): Promise<StoredProvider> {
  const provider = await findProviderByName(tx, tenant, name);
  if (!provider) throw new IdentityProviderNotFound(`${tenant} has no identity provider ${name}.`);
  return provider;
}
