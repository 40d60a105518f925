import { sql } from 'kysely';
import {
  barredFrom,
  delegatesOfAll,
  excludedFromAll,
  isExpired,
  listRoleHolders,
  stateOf,
  type Absence,
  type AskedRequest,
  type Excluded,
  type RoleHolder,
  type Round,
  type RoundState,
} from '#libs/approvals';
import type { Transaction } from '#libs/platform/database';

/** A question that can still be decided, with who may. */
export interface OpenQuestion {
  readonly round: Round;
  readonly excluded: Excluded;
  readonly state: RoundState;
  /** Who stands in for whom on it now. */
  readonly absences: readonly Absence[];
}

/** Reads what is known of those among these rounds that are about a request and still open, by the rounds' ids. */
export async function readOpenQuestions(
  tx: Transaction,
  rounds: readonly Round[],
): Promise<ReadonlyMap<string, OpenQuestion>> {
  const open = rounds.filter((round) => round.row.status === 'open' && !isExpired(round));
  if (open.length === 0) return new Map();
  const requests = await requestsOf(tx, open);
  const asked = open.filter(({ row }) => row.request_id !== null && requests.has(row.request_id));
  const about = asked.map(({ row, policy }) => ({ ...requests.get(row.request_id!)!, policy }));
  const excluded = await excludedFromAll(tx, about);
  const questions = asked.map((round, n) => ({ round, excluded: excluded[n]! }));
  const absences = await delegatesOfAll(tx, questions);
  const holders = await holdersAt(tx, [...new Set(about.map(({ tenant }) => tenant))]);
  const found = questions.map(({ round, excluded: out }, n) => {
    const state = stateOf(round, barredFrom(round, out), holders.get(round.row.tenant_id)!);
    return { round, excluded: out, state, absences: absences[n]! };
  });
  return new Map(found.map((question) => [question.round.row.id, question]));
}

type Asked = Omit<AskedRequest, 'policy'>;

async function requestsOf(tx: Transaction, rounds: readonly Round[]): Promise<ReadonlyMap<string, Asked>> {
  const tenants = rounds.map(({ row }) => row.tenant_id);
  const ids = rounds.map(({ row }) => row.request_id);
  const { rows } = await sql<Asked & { readonly id: string }>`
    SELECT q.id, q.tenant_id AS tenant, q.requested_by AS requester, q.subject
    FROM unnest(${tenants}::text[], ${ids}::uuid[]) AS asked (tenant, id)
    JOIN requests q ON q.tenant_id = asked.tenant AND q.id = asked.id`.execute(tx);
  return new Map(rows.map(({ id, ...request }) => [id, request]));
}

async function holdersAt(
  tx: Transaction,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, readonly RoleHolder[]>> {
  const held = new Map<string, readonly RoleHolder[]>();
  for (const tenant of tenants) held.set(tenant, await listRoleHolders(tx, tenant));
  return held;
}
