import { personErased } from '#libs/events';
import { newId, systemClock } from '#libs/kernel';
import { readerOf, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { SignInLimits } from '#libs/platform/limits';
import { appendEvent } from '#libs/platform/outbox';
import {
  collectPerson,
  drawProcessingRecord,
  endLegalHold,
  erasePerson,
  insertLegalHold,
  listLegalHolds,
  nudgeOffboarding,
  nudgeRetention,
  type ErasureOrder,
} from '#libs/tenancy';
import { listedTenants, type Writer } from '../access/caller.js';
import { createOnce, writeFor } from '../tenants/tenancy-record.js';
import type { ErasureDto, LegalHoldDto, PersonDto } from './privacy.dto.js';
import {
  legalHoldView,
  type LegalHoldListView,
  type LegalHoldView,
  type PersonDataView,
  type PersonErasureView,
} from './privacy.view.js';
import { processingRecordView, type ProcessingRecordView } from './processing-record.view.js';

/** What persons and controllers have a right to: what is known, that it be forgotten, and the record of processing. */
export class PrivacyDesk {
  constructor(
    private readonly database: Database,
    private readonly signIns: Pick<SignInLimits, 'forget'>,
  ) {}

  /** Everything that is known of a person; that somebody asked goes on record. Throws `PersonNamesInvalid`. */
  export({ actor, tenant }: Writer, person: PersonDto): Promise<PersonDataView> {
    return writeFor(this.database, tenant, async (tx) => {
      const tables = await collectPerson(tx, tenant, person, readerOf(actor));
      const object = { kind: 'person', id: person.user };
      await appendAudit(tx, tenant, { action: 'person_data.exported', actor: actor.subject, object });
      const shown = tables.map((table) => ({
        ...table,
        rows: table.rows.map(({ about, content }) => ({ about, content: { ...content } })),
      }));
      return { tenant, user: person.user, collectedAt: systemClock.now().toISOString(), tables: shown };
    });
  }

  /** Replaces a person by a pseudonym everywhere. Throws `PersonStillNeeded` or `PersonNamesInvalid`. */
  erase({ actor, tenant }: Writer, call: CallKey, { reason, ...person }: ErasureDto): Promise<PersonErasureView> {
    return createOnce(this.database, call, async (tx) => {
      const forgetAccounts: ErasureOrder['forgetAccounts'] = (within, accounts) =>
        this.signIns.forget(within, accounts);
      const order = { reader: readerOf(actor), reason, forgetAccounts };
      const { id, pseudonym, changed } = await erasePerson(tx, tenant, person, order);
      const origin = { tenant, aggregate: `person-erasure/${id}`, correlationId: newId(), causationId: null };
      await appendEvent(tx, personErased, origin, { tenant, erasureId: id });
      return { id, pseudonym, changed: { ...changed } };
    });
  }

  /** Throws `TenantNotFound`. */
  async holds(actor: Actor, tenant: string): Promise<LegalHoldListView> {
    const tenants = listedTenants(actor, tenant);
    const rows = await inTenants(this.database, tenants, (tx) => listLegalHolds(tx, tenant));
    return { items: rows.map(legalHoldView) };
  }

  hold({ actor, tenant }: Writer, call: CallKey, { person, reason }: LegalHoldDto): Promise<LegalHoldView> {
    return createOnce(this.database, call, async (tx) => {
      const login = person === undefined ? null : person.split('@')[0]!;
      const row = await insertLegalHold(tx, tenant, { person: login, reason, by: actor.subject });
      const object = { kind: 'legal_hold', id: row.id };
      const entry = { action: 'legal_hold.set', actor: actor.subject, object, reason, after: { person: row.person } };
      await appendAudit(tx, tenant, entry);
      return legalHoldView(row);
    });
  }

  /** Throws `LegalHoldNotFound`. */
  endHold({ actor, tenant }: Writer, id: string, reason: string): Promise<LegalHoldView> {
    return writeFor(this.database, tenant, async (tx) => {
      const row = await endLegalHold(tx, tenant, id, { reason, by: actor.subject });
      const object = { kind: 'legal_hold', id };
      await appendAudit(tx, tenant, { action: 'legal_hold.ended', actor: actor.subject, object, reason });
      // an erasure may have waited for it
      await nudgeOffboarding(tx, tenant);
      await nudgeRetention(tx, tenant);
      return legalHoldView(row);
    });
  }

  /** Throws `TenantNotFound`. */
  async record(actor: Actor, tenant: string): Promise<ProcessingRecordView> {
    const tenants = listedTenants(actor, tenant);
    return processingRecordView(await inTenants(this.database, tenants, (tx) => drawProcessingRecord(tx, tenant)));
  }
}
