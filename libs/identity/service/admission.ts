import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { isOfTenant, readProfile, type Claims, type Profile } from '../model/claims.model.js';
import { NoRole, NotAdmitted, SecondFactorMissing } from '../model/identity.errors.js';
import { rolesOfGroups, type IdentityProvider } from '../model/provider.model.js';
import {
  FETCHES_HANDOVER,
  findByIdentity,
  hasRole,
  makePerson,
  refreshPerson,
  setClaimRoles,
  standingOf,
  type KnownPerson,
} from '../store/person.store.js';

/** Somebody who may come in. */
export interface Admitted {
  readonly personId: string;
  readonly subject: string;
  readonly secondFactor: boolean;
}

type Refusal = 'tenant' | 'second_factor' | 'unknown' | 'name_taken' | 'locked' | 'closed' | 'no_role';
type Outcome = { readonly admitted: Admitted } | { readonly refused: Refusal; readonly subject: string | null };

/**
 * Decides who comes in by what an issuer says, and brings their roles into line with it: what the groups no longer give is
 * gone at once, whether they come in or not. With `work` the rest of the sign-in commits together with it.
 * Throws `NotAdmitted`, `NoRole` or `SecondFactorMissing`, each of them on record.
 */
export async function admit(
  database: Database,
  provider: IdentityProvider,
  claims: Claims,
  work: (tx: Transaction, admitted: Admitted) => Promise<void>,
): Promise<Admitted> {
  const profile = isOfTenant(provider, claims) ? readProfile(provider, claims) : null;
  const outcome = profile === null ? refuse('tenant') : await decide(database, provider, profile, work);
  if ('admitted' in outcome) return outcome.admitted;
  await note(database, provider, outcome.refused, outcome.subject);
  throw refusalOf(outcome.refused);
}

async function decide(
  database: Database,
  provider: IdentityProvider,
  profile: Profile,
  work: (tx: Transaction, admitted: Admitted) => Promise<void>,
): Promise<Outcome> {
  try {
    return await inTenants(database, [provider.tenant], async (tx) => {
      const outcome = await judge(tx, provider, profile);
      if ('admitted' in outcome) await work(tx, outcome.admitted);
      return outcome;
    });
  } catch (error) {
    // somebody's off-boarding is open: no account is made for them now (trigger refuse_account_of_leaver)
    if ((error as { code?: unknown }).code === '23514') return refuse('closed');
    throw error;
  }
}

async function judge(tx: Transaction, provider: IdentityProvider, profile: Profile): Promise<Outcome> {
  const { tenant } = provider;
  const { kind, standing } = await standingOf(tx, tenant);
  if (standing !== null && standing !== 'leaving') return refuse('tenant');
  // never a session with fewer roles instead: whoever works at the MSP shows two factors, or stays out
  if (kind === 'msp' && !profile.secondFactor) return refuse('second_factor');
  const roles = rolesOfGroups(provider.settings.roles, profile.groups ?? []);
  const known = await findByIdentity(tx, provider, profile.subject);
  if (known === null && roles.length === 0) return refuse('no_role');
  // of a customer that leaves its administrators alone come in, and nobody else becomes a person there
  const role = standing === 'leaving' ? FETCHES_HANDOVER : undefined;
  if (known === null && role && !roles.some((one) => one.role === role)) return refuse('tenant');
  const person = known ?? (await firstTime(tx, provider, profile));
  if (person === 'name_taken' || person === 'unknown') return refuse(person);
  if (person.status !== 'active') return refuse(person.status, person.subject);
  await refreshPerson(tx, provider, person.id, profile);
  const changes = await setClaimRoles(tx, provider, person.id, roles);
  if (changes.gained.length + changes.lost.length > 0)
    await appendAudit(tx, tenant, {
      action: 'roles.changed',
      actor: `issuer:${provider.name}`,
      origin: person.subject,
      object: { kind: 'person', id: person.id },
      after: { gained: changes.gained, lost: changes.lost },
    });
  if (!(await hasRole(tx, tenant, person.id))) return refuse('no_role', person.subject);
  if (role && !(await hasRole(tx, tenant, person.id, role))) return refuse('tenant', person.subject);
  return { admitted: { personId: person.id, subject: person.subject, secondFactor: profile.secondFactor } };
}

async function firstTime(
  tx: Transaction,
  provider: IdentityProvider,
  profile: Profile,
): Promise<KnownPerson | 'unknown' | 'name_taken'> {
  if (!provider.settings.justInTime) return 'unknown';
  // a name that is somebody's already is never taken over: an issuer could make itself anybody
  const person = await makePerson(tx, provider, profile);
  if (person === null) return 'name_taken';
  await appendAudit(tx, provider.tenant, {
    action: 'person.created',
    actor: `issuer:${provider.name}`,
    object: { kind: 'person', id: person.id },
    after: { subject: person.subject },
  });
  return person;
}

function refuse(refused: Refusal, subject: string | null = null): Outcome {
  return { refused, subject };
}

async function note(
  database: Database,
  { tenant, id }: IdentityProvider,
  refusal: Refusal,
  subject: string | null,
): Promise<void> {
  await inTenants(database, [tenant], (tx) =>
    appendAudit(tx, tenant, {
      action: 'sign_in.refused',
      actor: subject ?? 'unknown',
      object: { kind: 'identity_provider', id },
      reason: refusal,
      outcome: 'denied',
    }),
  );
}

function refusalOf(refusal: Refusal): NotAdmitted | NoRole | SecondFactorMissing {
  switch (refusal) {
    case 'second_factor':
      return new SecondFactorMissing('People of the MSP sign in with a second factor. Sign in again and confirm it.');
    case 'no_role':
      return new NoRole(
        'None of your groups gives you a role here. Ask your administrator for one, then sign in again.',
      );
    case 'tenant':
    case 'unknown':
    case 'name_taken':
    case 'locked':
    case 'closed':
      return new NotAdmitted('Your issuer knows you, but you are not admitted here. Ask your administrator.');
  }
}
