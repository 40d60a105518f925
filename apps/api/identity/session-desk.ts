import type { Actor, Reader } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { findPerson, findPersonOfSubject, openSessions, SessionNotFound, type Sessions } from '#libs/identity';
import type { Writer } from '../access/caller.js';
import { PersonNotFound } from '../people/person.errors.js';
import { sessionView, type SessionListView } from './session.view.js';

/** Shows and ends sessions: one's own, and those of people one looks after. */
export class SessionDesk {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
  ) {}

  /** One's own. */
  async listOwn(actor: Actor): Promise<SessionListView> {
    return inTenants(this.database, [actor.home], async (tx) => {
      const person = await findPersonOfSubject(tx, actor.home, actor.subject);
      return person ? list(tx, actor.home, person.id, actor.caller) : { items: [] };
    });
  }

  /** Ends one of one's own. Throws `SessionNotFound`. */
  async endOwn({ actor, tenant }: Writer, id: string): Promise<void> {
    const ended = await inTenants(this.database, [tenant], async (tx) => {
      const person = await findPersonOfSubject(tx, tenant, actor.subject);
      return person ? this.sessions.end(tx, { tenant, id, personId: person.id }, actor.subject, 'revoked') : 0;
    });
    if (ended === 0) throw notFound(id);
  }

  /** Ends all of one's own, the current one too. */
  async endAllOwn({ actor, tenant }: Writer): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      const person = await findPersonOfSubject(tx, tenant, actor.subject);
      if (person) await this.sessions.end(tx, { tenant, personId: person.id }, actor.subject, 'revoked');
    });
  }

  /** A person's. Throws `PersonNotFound`. */
  async listOf(actor: Actor, personId: string): Promise<SessionListView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const person = await findPerson(tx, actor.sees, personId);
      if (!person) throw personNotFound(personId);
      return list(tx, person.tenant, personId, actor.caller);
    });
  }

  /** Ends one of a person's. Throws `SessionNotFound`. */
  async endOf({ actor, tenant }: Writer, personId: string, id: string): Promise<void> {
    const choice = { tenant, personId, id };
    const ended = await inTenants(this.database, [tenant], (tx) =>
      this.sessions.end(tx, choice, actor.subject, 'revoked'),
    );
    if (ended === 0) throw notFound(id);
  }

  /** Ends all of a person's. Throws `PersonNotFound`. */
  async endAllOf({ actor, tenant }: Writer, personId: string): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      if (!(await findPerson(tx, [tenant], personId))) throw personNotFound(personId);
      await this.sessions.end(tx, { tenant, personId }, actor.subject, 'revoked');
    });
  }
}

/** Whose person this is. Throws `PersonNotFound`. */
export async function tenantOfPerson(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
  _reader: Reader,
): Promise<string> {
  const person = await findPerson(tx, tenants, id);
  if (!person) throw personNotFound(id);
  return person.tenant;
}

async function list(tx: Transaction, tenant: string, personId: string, current: string): Promise<SessionListView> {
  const sessions = await openSessions(tx, tenant, personId);
  return { items: sessions.map((session) => sessionView(session, current)) };
}

function notFound(id: string): SessionNotFound {
  return new SessionNotFound(`There is no open session ${id} here.`);
}

function personNotFound(id: string): PersonNotFound {
  return new PersonNotFound(`There is no person ${id}, or you may not see them.`);
}
