import { sql } from 'kysely';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import {
  credentialsOf,
  deletePasskeys,
  findPerson,
  findPersonOfSubject,
  insertPasskey,
  LastPasskey,
  listPasskeys,
  PasskeyNotFound,
  PasskeyNotVerified,
  PasskeysUnavailable,
  raiseEmergencyChange,
  renamePasskey,
  signsInAtIssuer,
  SignInTooOld,
  type BegunCeremony,
  type PasskeyCeremonies,
  type PasskeyOwner,
  type Sessions,
  type ShownPerson,
} from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import type { Writer } from '../access/caller.js';
import { changePerson, isOwnership, requireOtherOwnerWithWayIn } from '../people/change-person.js';
import { requirePowerToChange } from '../people/grant-power.js';
import { PersonNotFound } from '../people/person.errors.js';
import { grantsOf } from '../people/person.store.js';
import type { NewPasskeyDto } from './passkey.dto.js';
import { passkeyView, type PasskeyListView, type PasskeyView } from './passkey.view.js';

const RECENT = '15 minutes';

/** Passkeys: one's own, and those of people one looks after. */
export class PasskeyDesk {
  constructor(
    private readonly database: Database,
    private readonly ceremonies: PasskeyCeremonies,
    private readonly sessions: Sessions,
  ) {}

  /** One's own. */
  async listOwn({ home, subject }: Actor): Promise<PasskeyListView> {
    return inTenants(this.database, [home], async (tx) => {
      const person = await findPersonOfSubject(tx, home, subject);
      return person ? list(tx, ownerOf(person)) : { items: [] };
    });
  }

  /** Begins to make a further one of one's own. Throws `SignInTooOld` or `PasskeysUnavailable`. */
  async begin(writer: Writer): Promise<BegunCeremony<PublicKeyCredentialCreationOptionsJSON>> {
    const { person, exclude } = await this.recently(writer, async (tx, found) => {
      await requireNoIssuer(tx, found);
      return { person: found, exclude: await credentialsOf(tx, ownerOf(found)) };
    });
    const { tenant, id: personId, displayName, mail } = person;
    const wish = { tenant, personId, displayName, userName: mail ?? displayName, exclude };
    return this.ceremonies.beginRegistration({ ...wish, boundTo: boundToPerson(person) });
  }

  /** Keeps it. Throws `SignInTooOld`, `PasskeysUnavailable`, `SignInNotBegun` or `PasskeyNotVerified`. */
  async add(writer: Writer, token: string | undefined, { name, credential }: NewPasskeyDto): Promise<PasskeyView> {
    const person = await this.recently(writer, async (tx, found) => {
      await requireNoIssuer(tx, found);
      return found;
    });
    const made = await this.ceremonies.finishRegistration(token, boundToPerson(person), credential);
    return this.recently(writer, async (tx) => {
      const id = await insertPasskey(tx, ownerOf(person), made, name);
      if (id === null) throw new PasskeyNotVerified('This passkey is in use already. Make another one.');
      await note(tx, writer, 'passkey.added', [id], { after: { person: person.id, name } });
      await raiseEmergencyChange(tx, ownerOf(person), 'passkey_added', writer.actor.subject);
      return view(tx, ownerOf(person), id);
    });
  }

  /** Throws `SignInTooOld` or `PasskeyNotFound`. */
  rename(writer: Writer, id: string, name: string): Promise<PasskeyView> {
    return this.recently(writer, async (tx, person) => {
      if (!(await renamePasskey(tx, ownerOf(person), id, name))) throw notFound(id);
      await note(tx, writer, 'passkey.renamed', [id], { after: { name } });
      await raiseEmergencyChange(tx, ownerOf(person), 'passkey_renamed', writer.actor.subject);
      return view(tx, ownerOf(person), id);
    });
  }

  /** Removes one of one's own, with the sessions that it began. Throws `SignInTooOld`, `PasskeyNotFound` or `LastPasskey`. */
  remove(writer: Writer, id: string): Promise<void> {
    return this.recently(writer, async (tx, person) => {
      const owner = ownerOf(person);
      // one removal at a time: two at once must not both find another one left
      await sql`SELECT 1 FROM people WHERE tenant_id = ${person.tenant} AND id = ${person.id} FOR UPDATE`.execute(tx);
      const { items } = await list(tx, owner);
      if (!items.some((one) => one.id === id)) throw notFound(id);
      if (items.length === 1 && !(await signsInAtIssuer(tx, owner)))
        throw new LastPasskey('Without it you could not sign in any more. Add another one first.');
      await this.take(tx, writer, owner, null, id);
    });
  }

  /** A person's. Throws `PersonNotFound`. */
  listOf(actor: Actor, personId: string): Promise<PasskeyListView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const person = await findPerson(tx, actor.sees, personId);
      if (!person) throw personNotFound(personId);
      return list(tx, ownerOf(person));
    });
  }

  /**
   * Removes all of somebody else's, e.g. because a device was lost, with their sessions. An owner of all customers loses theirs
   * only while another one can sign in. Throws `PersonNotFound`, `OwnGrant`, `GrantTooPowerful` or `LastOwner`.
   */
  async removeAllOf(writer: Writer, personId: string, reason: string): Promise<PasskeyListView> {
    const { actor, tenant } = writer;
    await changePerson(this.database, writer, personId, async (tx, person) => {
      const grants = await grantsOf(tx, [person]);
      await requirePowerToChange(tx, actor, person, grants);
      if (grants.some(isOwnership)) await requireOtherOwnerWithWayIn(tx, person);
      await this.take(tx, writer, { tenant, personId }, reason);
      return null;
    });
    return this.listOf(actor, personId);
  }

  private async take(
    tx: Transaction,
    writer: Writer,
    owner: PasskeyOwner,
    reason: string | null,
    id?: string,
  ): Promise<void> {
    const removed = await deletePasskeys(tx, owner, id);
    if (removed.length === 0) return;
    await note(tx, writer, 'passkey.removed', removed, { reason, before: { person: owner.personId } });
    await raiseEmergencyChange(tx, owner, 'passkey_removed', writer.actor.subject);
    await this.sessions.end(tx, { tenant: owner.tenant, passkeyIds: removed }, writer.actor.subject, 'revoked');
  }

  /** Works for a person who signed in a short while ago; a key or an old session is not enough. Throws `SignInTooOld`. */
  private recently<T>(
    { actor, tenant }: Writer,
    work: (tx: Transaction, person: ShownPerson) => Promise<T>,
  ): Promise<T> {
    return inTenants(this.database, [tenant], async (tx) => {
      const person = actor.method === 'session' ? await findPersonOfSubject(tx, tenant, actor.subject) : undefined;
      const session = await tx
        .selectFrom('sessions')
        .select('id')
        .where('tenant_id', '=', tenant)
        .where('id', '=', actor.caller)
        .where('ended_at', 'is', null)
        .where(sql<boolean>`created_at > now() - ${RECENT}::interval`)
        .executeTakeFirst();
      if (!person || !session) throw new SignInTooOld('Sign out and in again, then do it within 15 minutes.');
      return work(tx, person);
    });
  }
}

/** Whoever leaves their company is locked at its issuer: a passkey would let them in past it. Throws `PasskeysUnavailable`. */
async function requireNoIssuer(tx: Transaction, person: ShownPerson): Promise<void> {
  if (await signsInAtIssuer(tx, ownerOf(person)))
    throw new PasskeysUnavailable('You sign in at your company’s identity provider. Nothing else is needed.');
}

function ownerOf({ tenant, id: personId }: ShownPerson): PasskeyOwner {
  return { tenant, personId };
}

/** What a registration of a further passkey is bound to: it counts for nobody else. */
function boundToPerson({ tenant, id }: ShownPerson): string {
  return `person:${tenant}/${id}`;
}

async function list(tx: Transaction, owner: PasskeyOwner): Promise<PasskeyListView> {
  return { items: (await listPasskeys(tx, owner)).map(passkeyView) };
}

async function view(tx: Transaction, owner: PasskeyOwner, id: string): Promise<PasskeyView> {
  return (await list(tx, owner)).items.find((one) => one.id === id)!;
}

async function note(
  tx: Transaction,
  { actor, tenant }: Writer,
  action: string,
  ids: readonly string[],
  more: {
    readonly reason?: string | null;
    readonly before?: { person: string };
    readonly after?: Record<string, string>;
  },
): Promise<void> {
  const entries = ids.map((id) => ({ action, actor: actor.subject, object: { kind: 'passkey', id }, ...more }));
  await appendAudit(tx, tenant, entries);
}

function notFound(id: string): PasskeyNotFound {
  return new PasskeyNotFound(`You have no passkey ${id}.`);
}

function personNotFound(id: string): PersonNotFound {
  return new PersonNotFound(`There is no person ${id}, or you may not see them.`);
}
