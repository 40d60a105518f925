import { sql } from 'kysely';
import { setTenants, type Transaction } from '#libs/platform/database';

/** So long before the first one's act the second must not have let the first in: a helper made for the day is none. */
const KNOWN_DAYS = 30;

/** An act that somebody else of the MSP has to agree to. */
export interface FirstAct {
  /** The MSP's tenant, where both are people. */
  readonly home: string;
  /** The tenant that the transaction is about; it is about that one again afterwards. */
  readonly tenant: string;
  /** Who acted. */
  readonly by: string;
  readonly at: Date;
}

/**
 * Whether an owner is really another one than who acted first: a person with an account of their own, who was an owner before that
 * act, and got neither account, role nor identity from the first one. Nor may the second have let the first in shortly before, nor
 * an emergency account either of them: whoever holds its key from the safe is one of the owners.
 */
export async function isSecondOwner(tx: Transaction, { home, tenant, by, at }: FirstAct, second: string) {
  if (second.toLowerCase() === by.toLowerCase()) return false;
  await setTenants(tx, [home]);
  const { rows } = await sql<{ ok: boolean }>`
    WITH let_in AS (
      SELECT g.person_id, g.granted_by AS by, g.granted_at AS at FROM role_grants g
        WHERE g.tenant_id = ${home} AND g.role = 'owner' AND g.ended_at IS NULL
      UNION ALL SELECT i.person_id, i.invited_by, i.accepted_at FROM invitations i
        WHERE i.tenant_id = ${home} AND i.accepted_at IS NOT NULL
      UNION ALL SELECT l.person_id, l.linked_by, l.created_at FROM person_identities l
        WHERE l.tenant_id = ${home} AND l.linked_by IS NOT NULL),
    helped AS (
      SELECT w.person_id FROM let_in w JOIN people e ON e.tenant_id = ${home} AND lower(e.subject) = lower(w.by) AND e.source = 'emergency'
        WHERE w.at > ${at}::timestamptz - make_interval(days => ${KNOWN_DAYS}))
    SELECT EXISTS (
      SELECT FROM people p WHERE p.tenant_id = ${home} AND lower(p.subject) = lower(${second}) AND p.status = 'active'
        AND p.source <> 'emergency'
        AND EXISTS (SELECT FROM role_grants g WHERE g.tenant_id = p.tenant_id AND g.person_id = p.id AND g.role = 'owner'
          AND g.ended_at IS NULL)
        AND NOT EXISTS (SELECT FROM let_in w WHERE w.person_id = p.id AND (lower(w.by) = lower(${by}) OR w.at >= ${at}))
        AND NOT EXISTS (SELECT FROM helped h WHERE h.person_id = p.id)
    ) AND NOT EXISTS (
      SELECT FROM people p JOIN let_in w ON w.person_id = p.id
      WHERE p.tenant_id = ${home} AND lower(p.subject) = lower(${by}) AND lower(w.by) = lower(${second})
        AND w.at > ${at}::timestamptz - make_interval(days => ${KNOWN_DAYS})
    ) AND NOT EXISTS (
      SELECT FROM people p JOIN helped h ON h.person_id = p.id WHERE p.tenant_id = ${home} AND lower(p.subject) = lower(${by})
    ) AS ok`.execute(tx);
  await setTenants(tx, [tenant]);
  return rows[0]!.ok;
}

/** Whether somebody of the MSP is the account for emergencies, which anybody may hold who gets at the safe. */
export async function isEmergencyAccount(
  tx: Transaction,
  { home, tenant }: Pick<FirstAct, 'home' | 'tenant'>,
  subject: string,
): Promise<boolean> {
  await setTenants(tx, [home]);
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM people p WHERE p.tenant_id = ${home} AND lower(p.subject) = lower(${subject}) AND p.source = 'emergency')
      AS found`.execute(tx);
  await setTenants(tx, [tenant]);
  return rows[0]!.found;
}
