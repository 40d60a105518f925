import { sql } from 'kysely';
import { DEFAULT_SETTINGS, linkIdentity, userNameOf } from '#libs/identity';
import { newId } from '#libs/kernel';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { policyForUrl, showPlace } from '#libs/platform/outgoing';
import { IssuerUnknown, NameTaken, OwnerExists } from './owner.errors.js';
import type { OwnerWish } from './owner-wish.js';

export const COMMAND = 'command:owner';
const FIRST_PROVIDER = 'first';

/** An owner who signs in at an issuer. */
export type IssuerOwner = OwnerWish & { readonly identity: NonNullable<OwnerWish['identity']> };

export interface MadeOwner {
  readonly tenant: string;
  readonly personId: string;
  /** As histories name them. */
  readonly subject: string;
  readonly provider: string;
}

/**
 * Makes an owner of the MSP for all customers who signs in at an issuer: person, role, identity and audit commit
 * together. Database role: `stellwerk_founder`. Throws `OwnerExists`, `IssuerUnknown`, `NameTaken` or
 * `IdentityTaken`.
 */
export async function createOwner(database: Database, wish: IssuerOwner): Promise<MadeOwner> {
  const tenant = await mspTenant(database);
  return inTenants(database, [tenant], async (tx) => {
    await lockPeopleOf(tx, tenant);
    await requireNoOwner(tx, tenant, wish);
    const made = await makePerson(tx, tenant, wish);
    const { by: origin, anotherFor } = wish;
    const provider = (await findProviderOf(tx, tenant, wish)) ?? (await makeProvider(tx, tenant, wish));
    const reason = anotherFor ?? 'the first owner';
    const act = { provider, personId: made.personId, by: COMMAND, reason };
    await linkIdentity(tx, act, wish.identity.subject);
    await appendAudit(tx, tenant, {
      ...{ action: 'owner.created', actor: COMMAND, origin, reason },
      object: { kind: 'person', id: made.personId },
      after: { subject: made.subject, role: 'owner', covers: 'all', provider: provider.name },
    });
    return { tenant, ...made, provider: provider.name };
  });
}

/** Every installation has one, from its first migration on. */
export async function mspTenant(database: Database): Promise<string> {
  const { rows } = await sql<{ msp: string }>`SELECT msp_tenant() AS msp`.execute(database);
  return rows[0]!.msp;
}

/** As the API does before it changes people: of two commands at once the second finds the first one's owner. */
export async function lockPeopleOf(tx: Transaction, tenant: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['people', tenant])}, 0))`.execute(tx);
}

/** Throws `OwnerExists` when there is an owner or an invitation to be one, unless there is a reason for another. */
export async function requireNoOwner(
  tx: Transaction,
  tenant: string,
  { anotherFor }: Pick<OwnerWish, 'anotherFor'>,
): Promise<void> {
  if (anotherFor !== null) return;
  if ((await hasOwner(tx, tenant)) || (await isInvited(tx, tenant, 'command')))
    throw new OwnerExists('An owner, or somebody with an open link, lets others in. Else: --another --reason <why>.');
}

/** Whether a link that the command gave is open still. */
export async function isInvited(tx: Transaction, tenant: string, source: 'command' | 'emergency'): Promise<boolean> {
  const open = await tx
    .selectFrom('invitations')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('source', '=', source)
    .where(sql<boolean>`num_nonnulls(accepted_at, withdrawn_at, expired_at) = 0 AND expires_at > now()`)
    .limit(1)
    .executeTakeFirst();
  return open !== undefined;
}

/** Whether somebody could let people in: an emergency account does not count. */
async function hasOwner(tx: Transaction, tenant: string): Promise<boolean> {
  const owner = await tx
    .selectFrom('people as p')
    .innerJoin('role_grants as g', (join) =>
      join.onRef('g.tenant_id', '=', 'p.tenant_id').onRef('g.person_id', '=', 'p.id'),
    )
    .select('p.id')
    .where('p.tenant_id', '=', tenant)
    .where('p.status', '=', 'active')
    .where('p.source', '<>', 'emergency')
    .where('g.role', '=', 'owner')
    .where('g.covers', '=', 'all')
    .where('g.ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return owner !== undefined;
}

async function makePerson(
  tx: Transaction,
  tenant: string,
  { mail, name, language }: OwnerWish,
): Promise<{ personId: string; subject: string }> {
  const id = newId();
  const subject = `${userNameOf(mail)}@${tenant}`;
  const person = { tenant_id: tenant, id, subject, display_name: name, mail, language, source: 'command' } as const;
  const made = await tx
    .insertInto('people')
    .values(person)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n)
    throw new NameTaken(`${subject} is somebody already. An owner gives them the role, or take another address.`);
  const grant = {
    tenant_id: tenant,
    id: newId(),
    person_id: id,
    role: 'owner',
    covers: 'all',
    covers_id: null,
  } as const;
  await tx
    .insertInto('role_grants')
    .values({ ...grant, source: 'manual', granted_by: COMMAND })
    .execute();
  return { personId: id, subject };
}

type Provider = { readonly tenant: string; readonly id: string; readonly name: string; readonly issuer: string };

function findProviderOf(tx: Transaction, tenant: string, { identity }: IssuerOwner): Promise<Provider | undefined> {
  return tx
    .selectFrom('identity_providers')
    .select(['tenant_id as tenant', 'id', 'name', 'issuer'])
    .where('tenant_id', '=', tenant)
    .where('issuer', '=', identity.issuer)
    .executeTakeFirst();
}

/** The issuer is not asked: its first sign-in shows whether it fits. Everything else is the usual. */
async function makeProvider(tx: Transaction, tenant: string, { identity, by: origin }: IssuerOwner): Promise<Provider> {
  const { issuer, client } = identity;
  if (client === null)
    throw new IssuerUnknown(`${tenant} has no identity provider with the issuer ${issuer}. Give its --client-id.`);
  const id = newId();
  const { rows } = await sql<{ conflict: string | null }>`
    SELECT conflict_of_provider(${tenant}, ${FIRST_PROVIDER}, ${issuer}, NULL, NULL, '{}') AS conflict`.execute(tx);
  if (rows[0]!.conflict !== null) throw new IssuerUnknown(`${issuer} is another tenant’s.`);
  const claim = { tenant_claim: null, tenant_claim_value: null, api_audience: null };
  const row = {
    tenant_id: tenant,
    id,
    name: FIRST_PROVIDER,
    issuer,
    client_id: client.id,
    secret_ref: client.secretRef,
  };
  await tx
    .insertInto('identity_providers')
    .values({ ...row, ...claim, settings: json(DEFAULT_SETTINGS), enabled: true, set_by: COMMAND })
    .execute();
  const opened = await openWayTo(tx, tenant, issuer, client.alsoAt);
  await appendAudit(tx, tenant, [
    {
      ...{ action: 'identity_provider.created', actor: COMMAND, origin },
      object: { kind: 'identity_provider', id },
      after: { name: FIRST_PROVIDER, issuer, clientId: client.id, secretRef: client.secretRef },
    },
    {
      ...{ action: 'outgoing_policy.changed', actor: COMMAND, origin },
      object: { kind: 'outgoing_policy', id: tenant },
      after: { allowances: opened },
    },
  ]);
  return { tenant, id, name: FIRST_PROVIDER, issuer };
}

/** Opens the way to where the first owner signs in: nobody could come in to do it. Gives the places. */
async function openWayTo(
  tx: Transaction,
  tenant: string,
  issuer: string,
  alsoAt: readonly string[],
): Promise<string[]> {
  const own = policyForUrl(issuer).allowances;
  const ways = [...own, ...alsoAt.map((host) => ({ ...own[0]!, host, cidr: null, ports: [443] }))];
  const reason = 'The first owner signs in there.';
  for (const { host, cidr, ports, protocols } of ways)
    await tx
      .insertInto('outgoing_allowances')
      .values({
        ...{ tenant_id: tenant, id: newId(), host, cidr, ports: ports && [...ports] },
        ...{ protocols: [...protocols], reason, created_by: COMMAND },
      })
      .execute();
  return ways.map(showPlace);
}
