import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey, type Role } from '#libs/platform/access';
import type { ApiFixture } from '../../../support/api/api-fixture.js';
import { PersonFactory } from '../../../support/api/people.factory.js';
import { signedInAs } from '../../../support/api/session.js';
import type { TokenIssuer } from '../../../support/identity/token-issuer.js';
import type { Caller } from './send.js';
import { Things } from './things.js';
import { OTHER } from './victim.js';

const CUSTOMERS_ROLES = ['customer_admin', 'approver', 'requester', 'auditor'] as const;
const MSP_ROLES = ['owner', 'operator', 'technician', 'auditor'] as const;
const AUDIENCE = 'urn:stellwerk:api';

/** Somebody who has no business at the victim, and how they prove who they are. */
export interface Stranger extends Caller {
  readonly by: 'key' | 'session' | 'token';
  /** One of those who may do the most. */
  readonly strongest: boolean;
}

/** Everybody who has no business at the victim, by each way to get in: where one is told who somebody is, others are not asked. */
export async function strangers(fixture: ApiFixture, issuer: TokenIssuer): Promise<readonly Stranger[]> {
  return [...(await byKey(fixture)), ...(await bySession(fixture)), ...(await byToken(fixture, issuer))];
}

async function byKey({ database: { admin }, keyOf }: ApiFixture): Promise<Stranger[]> {
  const ofCustomer = CUSTOMERS_ROLES.map((role) => {
    const key = keyOf(`${OTHER}/${role}`);
    return stranger(`${OTHER}/${role}`, 'customer', 'key', role, { key });
  });
  const ofMsp: Stranger[] = [];
  for (const role of MSP_ROLES) {
    const key = newApiKey();
    const row = { tenant_id: 'msp', id: newId(), role, subject: `${role}.limited@msp`, name: 'test', covers: [OTHER] };
    await admin
      .insertInto('api_keys')
      .values({ ...row, key_hash: hashOfApiKey(key) })
      .execute();
    ofMsp.push(stranger(`msp/${role} for ${OTHER} only`, 'msp', 'key', role, { key }));
  }
  return [...ofCustomer, ...ofMsp];
}

/** People, signed in by a passkey, whose grants hold for the other customer or a group that it is alone in. */
async function bySession(fixture: ApiFixture): Promise<Stranger[]> {
  const { admin } = fixture.database;
  const group = { tenant_id: 'msp', id: newId(), name: 'The north', created_by: 'test' };
  await admin.insertInto('tenant_groups').values(group).execute();
  await admin
    .insertInto('tenant_group_members')
    .values({ tenant_id: 'msp', group_id: group.id, member: OTHER })
    .execute();
  const people = [
    ...MSP_ROLES.map((role) => ({ at: 'msp', role, covers: 'tenant', id: OTHER }) as const),
    { at: 'msp', role: 'owner', covers: 'group', id: group.id } as const,
    { at: OTHER, role: 'customer_admin', covers: 'home', id: null } as const,
  ];
  return Promise.all(
    people.map(async ({ at, role, covers, id }) => {
      const person = await PersonFactory.at(at).named(`${role}.${covers}`).granted(role, covers, id).in(admin);
      const headers = await signedInAs(fixture, at, person);
      const name = `${at}/${role} by a session for a ${covers}`;
      return stranger(name, at === 'msp' ? 'msp' : 'customer', 'session', role, { key: null, headers });
    }),
  );
}

/** A person and a machine by tokens of an issuer of the MSP's. */
async function byToken({ database: { admin } }: ApiFixture, issuer: TokenIssuer): Promise<Stranger[]> {
  const loopback = { host: null, cidr: '127.0.0.1/32', ports: null, protocols: ['http'], reason: 'The issuer.' };
  await admin
    .insertInto('outgoing_allowances')
    .values({ tenant_id: 'msp', id: newId(), ...loopback, created_by: 'test' })
    .execute();
  const name = await new Things(admin, 'msp').identityProvider();
  const { id: provider_id } = await admin
    .updateTable('identity_providers')
    .set({ issuer: issuer.url, api_audience: AUDIENCE, enabled: true })
    .where('name', '=', name)
    .returning('id')
    .executeTakeFirstOrThrow();
  const person_id = await PersonFactory.at('msp').named('tokens').granted('owner', 'tenant', OTHER).in(admin);
  await admin
    .insertInto('person_identities')
    .values({ tenant_id: 'msp', provider_id, subject: 'tokens', person_id })
    .execute();
  const machine = { name: 'limited', client_id: 'limited', subject: 'limited', role: 'owner', covers: [OTHER] };
  await admin
    .insertInto('machine_clients')
    .values({
      tenant_id: 'msp',
      id: newId(),
      provider_id,
      ...machine,
      scopes: null,
      enabled: true,
      set_by: 'owner@msp',
    })
    .execute();
  const ofPerson = await issuer.sign({ sub: 'tokens', aud: AUDIENCE, amr: ['mfa'] });
  const ofMachine = await issuer.sign({ sub: 'limited', client_id: 'limited', aud: AUDIENCE });
  return [
    stranger(`msp/owner by a token for ${OTHER} only`, 'msp', 'token', 'owner', { key: ofPerson }),
    stranger(`a machine client for ${OTHER} only`, 'msp', 'token', 'owner', { key: ofMachine }),
  ];
}

function stranger(
  name: string,
  kind: 'msp' | 'customer',
  by: Stranger['by'],
  role: Role,
  proof: Pick<Caller, 'key' | 'headers'>,
): Stranger {
  return { name, kind, by, strongest: role === 'owner' || role === 'customer_admin', ...proof };
}
