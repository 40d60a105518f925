import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { AppError, sameJson, type Json } from '#libs/kernel';
import { json, type Transaction } from '../database/index.js';
import { contentHash, type ErasableContent } from './audit-hashes.js';
import { HASHED_COLUMNS, toChainable, type HashedRow } from './entry-rows.js';

/** A person cannot be erased like this. */
export class AuditErasureInvalid extends AppError {
  readonly code = 'audit.erasure_invalid';
  readonly title = 'This cannot be erased from the audit';
  readonly kind = 'invalid';
}

export const ERASED = 'audit.person_erased';
const AT_ONCE = 300;
const SHORTEST_NAME = 3;

/** What an erasure's own entry says of each entry it replaced: the digest of what stands there now. */
export interface ErasedEntry {
  readonly id: string;
  readonly hash: string;
}

/**
 * Replaces a person in the tenant's audit, in the caller's transaction, which writes for the tenant. `subject` is how the
 * person is named in histories (`eva.beck@muster`), or all such names; upper and lower case count as the same. Wherever one
 * stands, `pseudonym` stands then; of acts on the person only who did what and when is left. The chain still holds: the
 * erasure goes on record itself, with the digests of what it left. Gives how many entries it changed. Throws
 * `AuditErasureInvalid`.
 */
export async function eraseFromAudit(
  tx: Transaction,
  tenant: string,
  subject: string | readonly string[],
  pseudonym: string,
  by: string,
  reason: string,
): Promise<number> {
  const person = namesOf(subject, pseudonym);
  let erased = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await entriesNaming(tx, tenant, person.names, after);
    const replaced = rows.flatMap((row) => replacement(row, person) ?? []);
    if (replaced.length > 0) {
      const entries = replaced.map((row) => ({ id: row.id, hash: contentHash(row) }));
      const told = reason.replace(person.pattern, () => pseudonym);
      const erasure = await recordErasure(tx, tenant, { by, reason: told, pseudonym, entries });
      await sql`SELECT erase_from_audit(${tenant}, ${erasure}, ${json(replaced.map(toColumns))}::jsonb)`.execute(tx);
      erased += replaced.length;
    }
    if (rows.length < AT_ONCE) break;
    after = rows.at(-1)!.id;
  }
  // that it was ordered is on record even where nothing was found
  if (erased === 0) {
    const told = reason.replace(person.pattern, () => pseudonym);
    await recordErasure(tx, tenant, { by, reason: told, pseudonym, entries: [] });
  }
  return erased;
}

const NO_ENTRY = '00000000-0000-0000-0000-000000000000';
/** Ids, and steps by their run's id, name nobody. */
const IS_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\/|$)/i;

/**
 * Takes everybody out of the audit of a tenant that has left, in the caller's transaction, which writes for the tenant: what
 * happened when stays, with ids; every name becomes a pseudonym, the same for the same name, and every free text goes. Names
 * that `isKept` says stay: the MSP's own people, who answer for what they did. The chain still holds, as in `eraseFromAudit`.
 * Gives how many entries it changed.
 */
export async function eraseTenantFromAudit(
  tx: Transaction,
  tenant: string,
  isKept: (name: string) => boolean,
  { by, reason, progress }: { readonly by: string; readonly reason: string; readonly progress?: () => void },
): Promise<number> {
  const pseudonyms = new Map<string, string>();
  const named = (name: string): string => {
    if (name === tenant || IS_ID.test(name) || isKept(name)) return name;
    if (!pseudonyms.has(name)) pseudonyms.set(name, `person-${randomUUID().slice(-12)}`);
    return pseudonyms.get(name)!;
  };
  let erased = 0;
  for (let after = NO_ENTRY; ;) {
    const { rows } = await sql<HashedRow>`
      SELECT ${HASHED_COLUMNS} FROM audit_entries e WHERE e.tenant_id = ${tenant} AND e.id > ${after} AND e.action <> ${ERASED}
      ORDER BY e.id LIMIT ${AT_ONCE}`.execute(tx);
    const replaced = rows.map((row) => {
      const { actor, origin, objectId } = toChainable(row);
      const names = { actor: named(actor), origin: origin === null ? null : named(origin), objectId: named(objectId) };
      return { id: row.id, ...names, reason: null, before: null, after: null, salt: randomUUID() };
    });
    if (replaced.length > 0) {
      const entries = replaced.map((row) => ({ id: row.id, hash: contentHash(row) }));
      const erasure = await recordErasure(tx, tenant, { by, reason, pseudonym: 'everybody', entries });
      await sql`SELECT erase_from_audit(${tenant}, ${erasure}, ${json(replaced.map(toColumns))}::jsonb)`.execute(tx);
      erased += replaced.length;
      progress?.();
    }
    if (rows.length < AT_ONCE) return erased;
    after = rows.at(-1)!.id;
  }
}

interface Person {
  /** In lower case. */
  readonly names: readonly string[];
  readonly pattern: RegExp;
  readonly pseudonym: string;
}

function namesOf(subject: string | readonly string[], pseudonym: string): Person {
  const names = [...new Set([subject].flat().map((name) => name.trim().toLowerCase()))];
  if (names.length === 0 || names.some((name) => name.length < SHORTEST_NAME))
    throw new AuditErasureInvalid('A name has at least three characters: shorter ones would replace parts of others.');
  const mentions = new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${byLength(names).map(escaped).join('|')})(?![\\p{L}\\p{N}])`,
    'giu',
  );
  if (pseudonym === '' || mentions.test(pseudonym))
    throw new AuditErasureInvalid('The pseudonym must not hold what it replaces.');
  mentions.lastIndex = 0;
  return { names, pattern: mentions, pseudonym };
}

// the longest first: `eva.beck@muster` before `eva.beck`
function byLength(names: readonly string[]): string[] {
  return [...names].sort((a, b) => b.length - a.length);
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Entries in which a name may stand, after this one; erasures themselves name only pseudonyms. */
async function entriesNaming(
  tx: Transaction,
  tenant: string,
  names: readonly string[],
  after: string,
): Promise<readonly HashedRow[]> {
  const { rows } = await sql<HashedRow>`
    SELECT ${HASHED_COLUMNS} FROM audit_entries e
    WHERE e.tenant_id = ${tenant} AND e.id > ${after} AND e.action <> ${ERASED}
      AND EXISTS (SELECT FROM unnest(${names}::text[]) AS n (name)
        WHERE position(n.name IN lower(concat_ws(E'\n', e.actor, e.origin, e.object_id, e.reason, e.before::text, e.after::text))) > 0)
    ORDER BY e.id LIMIT ${AT_ONCE}`.execute(tx);
  return rows;
}

/** What stands there after the erasure; null when the name was only part of another. */
function replacement(row: HashedRow, person: Person): (ErasableContent & { readonly id: string }) | null {
  const content = toChainable(row);
  const replaced = replace(content, person);
  return sameJson({ ...replaced, salt: '' }, { ...erasableOf(content), salt: '' }) ? null : { id: row.id, ...replaced };
}

function erasableOf({ actor, origin, objectId, reason, before, after, salt }: ErasableContent): ErasableContent {
  return { actor, origin, objectId, reason, before, after, salt };
}

/** Kinds of objects that are persons, or accounts of theirs; the database's `is_erasure_of` knows the same. */
export const PERSONAL_KINDS: ReadonlySet<string> = new Set([
  'person',
  'user',
  'contact',
  'invitation',
  'passkey',
  'session',
  'protected_account',
  'delegation',
]);

function replace(content: ErasableContent & { readonly objectKind: string }, person: Person): ErasableContent {
  const text = (value: string): string => value.replace(person.pattern, () => person.pseudonym);
  const maybe = (value: string | null): string | null => (value === null ? null : text(value));
  // a request, a policy or a secret whose id or name holds the text is not the person
  const isAbout = PERSONAL_KINDS.has(content.objectKind) && text(content.objectId) !== content.objectId;
  return {
    ...{ actor: text(content.actor), origin: maybe(content.origin), objectId: text(content.objectId) },
    reason: isAbout ? null : maybe(content.reason),
    before: isAbout ? null : replaceIn(content.before, text),
    after: isAbout ? null : replaceIn(content.after, text),
    salt: randomUUID(),
  };
}

function replaceIn(value: Json, text: (value: string) => string): Json {
  if (typeof value === 'string') return text(value);
  if (value === null || typeof value !== 'object') return value;
  if (isJsonList(value)) return value.map((item) => replaceIn(item, text));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), replaceIn(item, text)]));
}

function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

interface Erasure {
  readonly by: string;
  readonly reason: string;
  readonly pseudonym: string;
  readonly entries: readonly ErasedEntry[];
}

async function recordErasure(
  tx: Transaction,
  tenant: string,
  { by, reason, pseudonym, entries }: Erasure,
): Promise<string> {
  const after: Json = { entries: entries.map(({ id, hash }) => ({ id, hash })) };
  const { rows } = await sql<{ id: string }>`
    INSERT INTO audit_entries (tenant_id, action, outcome, object_kind, actor, object_id, reason, after)
    VALUES (${tenant}, ${ERASED}, 'done', 'person', ${by}, ${pseudonym}, ${reason}, ${json(after)}) RETURNING id`.execute(
    tx,
  );
  return rows[0]!.id;
}

function toColumns(row: ErasableContent & { readonly id: string }): Record<string, Json> {
  return {
    ...{ id: row.id, actor: row.actor, origin: row.origin, object_id: row.objectId, reason: row.reason },
    ...{ before: row.before, after: row.after, salt: row.salt },
  };
}
