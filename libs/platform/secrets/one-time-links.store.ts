import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { appendAudit, ENGINE } from '../audit/index.js';
import type { Database, Transaction } from '../database/index.js';
import { closeWithToken, hashOfLinkToken, openWithToken } from './link-token.js';

/** Where a link stands: only an open one can be collected. */
export type LinkState = 'open' | 'collected' | 'revoked' | 'expired';

/** A link as it may be told of: neither token nor content. Instants are the database's. */
export interface OneTimeLink {
  readonly tenant: string;
  readonly id: string;
  readonly runId: string;
  readonly stepId: string;
  readonly state: LinkState;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly collectedAt: Date | null;
}

/** What is put behind a link of one step of one run. */
export interface NewLink {
  readonly tenant: string;
  readonly runId: string;
  readonly stepId: string;
  readonly token: string;
  readonly secret: string;
  readonly validHours: number;
}

const state = sql<LinkState>`CASE WHEN revealed_at IS NOT NULL THEN 'collected' WHEN revoked_at IS NOT NULL THEN 'revoked'
  WHEN expires_at <= now() THEN 'expired' ELSE 'open' END`;

/**
 * Puts a secret behind a step's link, valid from now on. A repeat finds the same link and makes it valid anew, because
 * the mail before may never have gone out; one that was collected or revoked stays as it is.
 */
export async function putLink(tx: Transaction, link: NewLink): Promise<OneTimeLink> {
  const { tenant, runId, stepId, token, secret, validHours } = link;
  const id = newId();
  const expires_at = sql<Date>`now() + ${validHours}::float8 * interval '1 hour'`;
  const row = { tenant_id: tenant, id, run_id: runId, step_id: stepId, token_hash: hashOfLinkToken(token), expires_at };
  await tx
    .insertInto('one_time_links')
    .values({ ...row, ciphertext: closeWithToken(token, { tenant, id }, secret) })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'run_id', 'step_id']).doNothing())
    .execute();
  const known = await links(tx, tenant)
    .where('run_id', '=', runId)
    .where('step_id', '=', stepId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (known.id === id) await putOnRecord(tx, known, 'one_time_link.made');
  if (known.id === id || known.state === 'collected' || known.state === 'revoked') return known;
  const ciphertext = closeWithToken(token, { tenant, id: known.id }, secret);
  await change(tx, known).set({ ciphertext, expires_at, expired_at: null }).execute();
  return (await findLink(tx, tenant, known.id))!;
}

export function findLink(tx: Transaction, tenant: string, id: string): Promise<OneTimeLink | undefined> {
  return links(tx, tenant).where('id', '=', id).executeTakeFirst();
}

/** Links of a run, in the order of their making; of one step only where it is named. */
export function linksOfRun(tx: Transaction, tenant: string, runId: string, stepId?: string): Promise<OneTimeLink[]> {
  return links(tx, tenant)
    .where('run_id', '=', runId)
    .$if(stepId !== undefined, (query) => query.where('step_id', '=', stepId!))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Takes a link back unless it was collected. Gives how it stands then; undefined when there is none. */
export async function revokeLink(tx: Transaction, tenant: string, id: string): Promise<OneTimeLink | undefined> {
  const set = { revoked_at: sql<Date>`clock_timestamp()`, ciphertext: null };
  const { numUpdatedRows } = await change(tx, { tenant, id })
    .set(set)
    .where('revealed_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  const link = await findLink(tx, tenant, id);
  if (link && numUpdatedRows > 0n) await putOnRecord(tx, link, 'one_time_link.revoked');
  return link;
}

async function putOnRecord(tx: Transaction, link: OneTimeLink, action: string): Promise<void> {
  const { tenant, id, runId, stepId } = link;
  const run = await tx
    .selectFrom('runs')
    .select('request_id')
    .where('tenant_id', '=', tenant)
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  const object = { kind: 'one_time_link', id };
  const after = { run: runId, step: stepId };
  await appendAudit(tx, tenant, { action, actor: ENGINE, object, request: run.request_id, after });
}

/** Whose link has this token, asked before the tenant of a transaction is known. Null when there is none. */
export async function tenantOfToken(database: Database | Transaction, token: string): Promise<string | null> {
  const hash = hashOfLinkToken(token);
  const { rows } = await sql<{ tenant: string | null }>`SELECT tenant_of_link(${hash}) AS tenant`.execute(database);
  return rows[0]?.tenant ?? null;
}

export function findLinkOfToken(tx: Transaction, tenant: string, token: string): Promise<OneTimeLink | undefined> {
  return links(tx, tenant).where('token_hash', '=', hashOfLinkToken(token)).executeTakeFirst();
}

/**
 * Gives an open link's secret, once: of two who ask at the same time, the first gets it and the other null. The
 * ciphertext is gone afterwards.
 */
export async function collectSecret(tx: Transaction, link: OneTimeLink, token: string): Promise<string | null> {
  const held = await tx
    .selectFrom('one_time_links')
    .select('ciphertext')
    .where('tenant_id', '=', link.tenant)
    .where('id', '=', link.id)
    .where('revealed_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .forUpdate()
    .executeTakeFirst();
  if (!held?.ciphertext) return null;
  await change(tx, link)
    .set({ revealed_at: sql<Date>`clock_timestamp()`, ciphertext: null })
    .execute();
  return openWithToken(token, link, held.ciphertext);
}

function change(tx: Transaction, { tenant, id }: { readonly tenant: string; readonly id: string }) {
  return tx.updateTable('one_time_links').where('tenant_id', '=', tenant).where('id', '=', id);
}

function links(tx: Transaction, tenant: string) {
  return tx
    .selectFrom('one_time_links')
    .select([
      'tenant_id as tenant',
      'id',
      'run_id as runId',
      'step_id as stepId',
      'created_at as createdAt',
      'expires_at as expiresAt',
      'revealed_at as collectedAt',
      state.as('state'),
    ])
    .where('tenant_id', '=', tenant);
}
