import { sql } from 'kysely';
import { newId, type Json } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import { canonicalHost } from '#libs/platform/outgoing';
import {
  findMailbox,
  insertMailbox,
  listMailboxes,
  MailboxInvalid,
  MailboxNotFound,
  removeMailbox,
  replaceMailbox,
  TooManyMailboxes,
  type MailboxRow,
  type MailboxWish,
} from '#libs/tickets';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import type { MailboxDto, TenantQuery } from './ticket-mail.dto.js';
import { mailboxView, type MailboxesView, type MailboxView } from './ticket-mail.view.js';

const MOST = 20;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Mailboxes that are read. */
export class MailboxDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  async list(actor: Actor, { tenant }: TenantQuery): Promise<MailboxesView> {
    const tenants = listedTenants(actor, tenant);
    const rows = await inTenants(this.database, tenants, (tx) => listMailboxes(tx, tenants));
    return { items: rows.map(mailboxView) };
  }

  /** Throws `MailboxInvalid`, `TooManyMailboxes` and what an idempotent call throws. */
  create(call: CallKey, { actor, tenant }: Writer, body: MailboxDto): Promise<MailboxView> {
    const wish = wishOf(body);
    return this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as MailboxView;
      // counted one after the other
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`stellwerk.mailboxes.${tenant}`}, 0))`.execute(tx);
      if ((await listMailboxes(tx, [tenant])).length >= MOST)
        throw new TooManyMailboxes(`A tenant may have ${MOST}. Remove one that is no longer read.`);
      const row = await insertMailbox(tx, { tenant, id: newId() }, wish, actor.subject);
      await onRecord(tx, row, 'mailbox.created', actor, { after: summaryOf(row) });
      const view = mailboxView(row);
      await keepAnswer(tx, call, 201, view as unknown as Json).execute(tx);
      return view;
    });
  }

  /** Throws `MailboxNotFound` or `MailboxInvalid`. */
  put({ actor, tenant }: Writer, id: string, body: MailboxDto): Promise<MailboxView> {
    const wish = wishOf(body);
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await findMailbox(tx, [tenant], id);
      const row = await replaceMailbox(tx, { tenant, id }, wish, actor.subject);
      if (!before || !row) throw notFound(id);
      await onRecord(tx, row, 'mailbox.changed', actor, { before: summaryOf(before), after: summaryOf(row) });
      return mailboxView(row);
    });
  }

  /** Throws `MailboxNotFound`. */
  remove({ actor, tenant }: Writer, id: string): Promise<void> {
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await findMailbox(tx, [tenant], id);
      if (!before || !(await removeMailbox(tx, { tenant, id }))) throw notFound(id);
      await onRecord(tx, before, 'mailbox.removed', actor, { before: summaryOf(before) });
    });
  }
}

/** Whose a mailbox is. Throws `MailboxNotFound`. */
export const tenantOfMailbox: FindTenant = async (tx, tenants, id) => {
  const row = await findMailbox(tx, tenants, id);
  if (!row) throw notFound(id);
  return row.tenant_id;
};

/** Throws `MailboxInvalid`. */
function wishOf(body: MailboxDto): MailboxWish {
  const host = hostOf(body.host);
  if (body.encryption === 'none' && !LOOPBACK.has(host))
    throw invalid('encryption', 'A password goes unencrypted to this machine only. Use tls or starttls.');
  return {
    ...{ name: body.name, host, port: body.port, encryption: body.encryption, ca_pem: body.caPem ?? null },
    ...{ user_name: body.userName, secret_ref: body.secretRef, folder: body.folder ?? 'INBOX' },
    ...{ done_folder: body.doneFolder ?? null, authserv_id: body.authservId ?? null, enabled: body.enabled ?? true },
  };
}

function hostOf(text: string): string {
  try {
    return canonicalHost(text);
  } catch {
    throw invalid('host', 'Write the name of a mail server, or its address.');
  }
}

function invalid(path: string, message: string): MailboxInvalid {
  return new MailboxInvalid(message, { errors: [{ path, code: 'invalid', message }] });
}

function notFound(id: string): MailboxNotFound {
  return new MailboxNotFound(`There is no mailbox ${id}, or you may not see it.`);
}

function summaryOf({ name, host, port, folder, enabled }: MailboxRow): Json {
  return { name, host, port, folder, enabled };
}

async function onRecord(
  tx: Transaction,
  { tenant_id: tenant, id }: MailboxRow,
  action: string,
  actor: Actor,
  change: { readonly before?: Json; readonly after?: Json },
): Promise<void> {
  await appendAudit(tx, tenant, { action, actor: actor.subject, object: { kind: 'mailbox', id }, ...change });
}
