import { sql } from 'kysely';
import type { Transaction } from '#libs/platform/database';

/** That a system let us in: by which version of its secret, which account where, and when (to within the hour). */
export interface SignIn {
  readonly versionId: string;
  readonly place: string;
  readonly at: Date;
}

/** Keeps that a system let us in. Nothing when the version is not the present one any more: a later one may have worked since. */
export async function keepSignIn(
  tx: Transaction,
  { tenant, name }: { readonly tenant: string; readonly name: string },
  { versionId, place }: Omit<SignIn, 'at'>,
): Promise<void> {
  await sql`
    INSERT INTO system_sign_ins (tenant_id, system, secret_id, place)
    SELECT tenant_id, ${name}, id, ${place} FROM secrets WHERE tenant_id = ${tenant} AND id = ${versionId} AND ended_at IS NULL
    ON CONFLICT (tenant_id, system) DO UPDATE SET secret_id = excluded.secret_id, place = excluded.place, at = excluded.at`.execute(
    tx,
  );
}

/** The last time that a system let us in; null: never, as far as is known. */
export async function lastSignIn(tx: Transaction, tenant: string, system: string): Promise<SignIn | null> {
  const found = await tx
    .selectFrom('system_sign_ins')
    .select(['secret_id as versionId', 'place', 'at'])
    .where('tenant_id', '=', tenant)
    .where('system', '=', system)
    .executeTakeFirst();
  return found ?? null;
}
