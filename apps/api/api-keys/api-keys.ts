import { hashOfApiKey, newApiKey, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import { newId, type Json } from '#libs/kernel';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { readPlace, toPage } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import type { ApiKeyRotationDto, NewApiKeyDto } from './api-key.dto.js';
import { ApiKeyEnded, ApiKeyNotFound, ApiKeyOfLeaver } from './api-key.errors.js';
import { findApiKey, holdApiKey, insertApiKey, listApiKeys, revokeApiKey, succeedApiKey } from './api-key.store.js';
import type { ApiKeyRow, NewApiKey } from './api-key.store.js';
import { apiKeyView, type ApiKeyPageView, type ApiKeyView, type MadeApiKeyView } from './api-key.view.js';
import { requireWithinOwnPower, type KeyHome, type KeyPower } from './key-power.js';

const LIST = 'api-keys';

/** Makes, rotates and ends API keys. A key is shown once; only its hash is kept. */
export class ApiKeys {
  constructor(private readonly database: Database) {}

  /** The newest first. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<ApiKeyPageView> {
    const tenants = listedTenants(actor, tenant);
    const filter = { tenants, after: readPlace(LIST, cursor), limit: limit + 1 };
    const rows = await inTenants(this.database, tenants, (tx) => listApiKeys(tx, filter));
    const page = toPage(LIST, rows, limit, (row) => ({ at: row.place, id: row.id }), apiKeyView);
    return { ...page, items: [...page.items] };
  }

  /** Throws `RequestInvalid`, `ApiKeyTooPowerful`, `IdempotencyInProgress` or `IdempotencyKeyReused`. */
  create(call: CallKey, { actor, tenant }: Writer, wish: NewApiKeyDto): Promise<MadeApiKeyView> {
    return this.once(call, async (tx) => {
      const { name, role, validDays } = wish;
      const power = { role, scopes: wish.scopes ?? null, customers: wish.customers ?? null };
      requireWithinOwnPower(actor, await homeOf(tx, tenant), power);
      // a machine has a name of its own: nobody approves by a key what they requested in person
      const subject = `key.${newId().slice(-12)}@${tenant}`;
      const made = await makeKey(tx, tenant, { ...power, ...{ name, subject, validDays, createdBy: actor.subject } });
      await audit(tx, actor, 'api_key.created', made.row);
      return { ...apiKeyView(made.row), key: made.key };
    });
  }

  /** Throws `ApiKeyNotFound`, `ApiKeyEnded`, `ApiKeyTooPowerful` and what `create` throws of the idempotency key. */
  rotate(call: CallKey, { actor, tenant }: Writer, id: string, wish: ApiKeyRotationDto): Promise<MadeApiKeyView> {
    return this.once(call, async (tx) => {
      const old = await this.held(tx, tenant, id);
      if (old.revoked_at || old.is_expired || old.successor)
        throw new ApiKeyEnded(
          'It was revoked, has expired or was rotated already. Rotate its successor, or make a new one.',
        );
      requireWithinOwnPower(actor, await homeOf(tx, tenant), powerOf(old));
      const { name, subject } = old;
      const life = { name, subject, validDays: daysOf(old), createdBy: actor.subject };
      const made = await makeKey(tx, tenant, { ...powerOf(old), ...life });
      await succeedApiKey(tx, old, made.row.id, wish.overlapHours);
      await audit(tx, actor, 'api_key.rotated', made.row, { replaces: id, overlapHours: wish.overlapHours });
      return { ...apiKeyView(made.row), key: made.key };
    });
  }

  /** Ends a key at once; again changes nothing. Throws `ApiKeyNotFound`. */
  async revoke({ actor, tenant }: Writer, id: string): Promise<ApiKeyView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const { revoked_at: earlier } = await this.held(tx, tenant, id);
      if (!earlier) await revokeApiKey(tx, tenant, id);
      const row = await this.held(tx, tenant, id);
      if (!earlier) await audit(tx, actor, 'api_key.revoked', row);
      return apiKeyView(row);
    });
  }

  private async held(tx: Transaction, tenant: string, id: string): Promise<ApiKeyRow> {
    const row = await holdApiKey(tx, tenant, id);
    if (!row) throw apiKeyNotFound(id);
    return row;
  }

  /** The answer that is kept for a repeat has no key in it: that one is kept nowhere. */
  private once(call: CallKey, work: (tx: Transaction) => Promise<MadeApiKeyView>): Promise<MadeApiKeyView> {
    return this.database.transaction().execute(async (tx) => {
      const { firstAnswer } = await openCall(tx, call);
      if (firstAnswer) return firstAnswer as unknown as MadeApiKeyView;
      const made = await work(tx);
      await keepAnswer(tx, call, 201, { ...made, key: null } as unknown as Json).execute(tx);
      return made;
    });
  }
}

/** Whose a key is. Throws `ApiKeyNotFound`. */
export const tenantOfApiKey: FindTenant = async (tx, tenants, id) => {
  const row = await findApiKey(tx, tenants, id);
  if (!row) throw apiKeyNotFound(id);
  return row.tenant_id;
};

function apiKeyNotFound(id: string): ApiKeyNotFound {
  return new ApiKeyNotFound(`There is no API key ${id}, or you may not see it.`);
}

type Wanted = KeyPower & Pick<NewApiKey, 'name' | 'subject' | 'validDays' | 'createdBy'>;

async function makeKey(
  tx: Transaction,
  tenant: string,
  { customers, scopes, ...wanted }: Wanted,
): Promise<{ row: ApiKeyRow; key: string }> {
  const key = newApiKey();
  const limits = { scopes: scopes === null ? null : [...scopes], covers: customers === null ? null : [...customers] };
  try {
    const row = await insertApiKey(tx, tenant, { ...wanted, ...limits, id: newId(), hash: hashOfApiKey(key) });
    return { row, key };
  } catch (error) {
    if ((error as { readonly code?: string }).code !== CHECK_VIOLATION) throw error;
    throw new ApiKeyOfLeaver('Their off-boarding is open and would not close this key. Cancel it first.', {
      cause: error,
    });
  }
}

const CHECK_VIOLATION = '23514';

function powerOf({ role, scopes, covers }: ApiKeyRow): KeyPower {
  return { role: role as KeyPower['role'], scopes: scopes as KeyPower['scopes'], customers: covers };
}

const DAY_MS = 86_400_000;

/** As long a life as the key before had, in whole days; one without an end gets the usual one. */
function daysOf({ created_at: from, expires_at: until }: ApiKeyRow): number {
  return until ? Math.max(1, Math.round((until.getTime() - from.getTime()) / DAY_MS)) : USUAL_DAYS;
}

const USUAL_DAYS = 90;

async function homeOf(tx: Transaction, tenant: string): Promise<KeyHome> {
  const { kind } = await tx.selectFrom('tenants').select('kind').where('id', '=', tenant).executeTakeFirstOrThrow();
  return { tenant, kind };
}

function audit(tx: Transaction, actor: Actor, action: string, row: ApiKeyRow, more: object = {}): Promise<void> {
  const { id, name, role, scopes, covers, expires_at: until } = row;
  const after = { name, role, scopes, customers: covers, expiresAt: until?.toISOString() ?? null, ...more };
  return appendAudit(tx, row.tenant_id, { action, actor: actor.subject, object: { kind: 'api_key', id }, after });
}
