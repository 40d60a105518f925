import { sql } from 'kysely';
import { appendAudit } from '#libs/platform/audit';
import { setTenants, type Transaction } from '#libs/platform/database';
import { endGrantsOf } from '../store/person.store.js';
import { endWaysPastIssuer } from './person-identities.js';
import { endSessionsOnRecord } from './sessions.js';

/** Whose access is closed for good, by whom, and why. */
export interface Closing {
  readonly tenant: string;
  readonly personId: string;
  readonly by: string;
  readonly reason: string;
}

/** What ended with somebody's access, by number; `roles` by name. */
export interface EndedWays {
  readonly roles: readonly string[];
  readonly sessions: number;
  readonly apiKeys: number;
  readonly delegations: number;
  readonly mailedLinks: number;
}

type Kind = 'api_key' | 'delegation' | 'mailed_link';
interface EndedWay {
  readonly tenant: string;
  readonly kind: Kind;
  readonly id: string;
}

const ACTIONS = {
  api_key: 'api_key.revoked',
  delegation: 'delegation.ended',
  mailed_link: 'mailed_link.revoked',
} as const;

/**
 * Closes somebody's access for good, in a transaction of their tenant that nobody else changes its people in: invitations, passkeys, sessions
 * and roles end, and, at whichever customer they are, the keys that are theirs or that they made, delegations, and links to their address.
 * Each is on record where it was. Who they are at an issuer stays, so that signing in there does not make somebody new of them.
 */
export async function closeAccess(tx: Transaction, closing: Closing): Promise<EndedWays> {
  const { tenant, personId, by, reason } = closing;
  // in this order, or a sign-in and this would wait for each other; whoever comes in until the row is written is put out by its trigger
  await endWaysPastIssuer(tx, closing);
  const sessions = await endSessionsOnRecord(tx, { tenant, personId }, by, 'revoked');
  const closed = { status: 'closed', closed_by: null } as const;
  await tx.updateTable('people').set(closed).where('tenant_id', '=', tenant).where('id', '=', personId).execute();
  const roles = await endGrantsOf(tx, { tenant, personId }, by);
  const { rows } = await sql<EndedWay>`SELECT * FROM end_ways_of_closed(${tenant}, ${personId}, ${by})`.execute(tx);
  for (const where of new Set(rows.map((way) => way.tenant))) {
    await setTenants(tx, [where]);
    const ended = rows.filter((way) => way.tenant === where);
    const entries = ended.map(({ kind, id }) => ({ action: ACTIONS[kind], actor: by, object: { kind, id }, reason }));
    await appendAudit(tx, where, entries);
  }
  await setTenants(tx, [tenant]);
  const count = (kind: Kind): number => rows.filter((way) => way.kind === kind).length;
  return {
    ...{ roles, sessions },
    ...{ apiKeys: count('api_key'), delegations: count('delegation'), mailedLinks: count('mailed_link') },
  };
}
