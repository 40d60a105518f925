import { sql } from 'kysely';
import { json, type Transaction } from '#libs/platform/database';
import { mayDecide, type Absence, type Standing, type Voter } from '../model/index.js';
import type { Excluded } from './excluded.store.js';
import type { Round } from './round.store.js';

/** A question, and who may not decide on it. */
export interface Question {
  readonly round: Pick<Round, 'row'>;
  readonly excluded: Pick<Excluded, 'requester'>;
}

/**
 * For whom a person may vote on a question now, with the roles that those hold. Somebody whose account is gone, or who may
 * not decide any more, has nobody vote for them.
 */
export async function standingsOf(tx: Transaction, question: Question, delegate: string): Promise<Standing[]> {
  const { tenant_id: tenant } = question.round.row;
  const { rows } = await sql<{ subject: string; roles: Voter['roles']; alsoKnownAs: string[] }>`
    SELECT d.delegator AS subject, jsonb_agg(jsonb_build_object('at', h.at, 'role', h.role)) AS roles,
      ARRAY(SELECT names_of_person(${tenant}, ARRAY[d.delegator])) AS "alsoKnownAs"
    FROM ${asked([question])} JOIN approval_delegations d ON ${IN_FORCE}
    JOIN LATERAL role_holders(${tenant}) h ON lower(h.subject) = lower(d.delegator)
    WHERE lower(d.delegate) = lower(${delegate})
    GROUP BY d.delegator ORDER BY min(d.set_at)`.execute(tx);
  return rows.filter(({ roles }) => roles.some(mayDecide)).map((delegator) => ({ delegate, delegator }));
}

/** Who stands in for whom on a question now, and until when. */
export async function delegatesOf(tx: Transaction, question: Question): Promise<Absence[]> {
  return (await delegatesOfAll(tx, [question]))[0]!;
}

/** The same for many questions, in their order. */
export async function delegatesOfAll(tx: Transaction, questions: readonly Question[]): Promise<Absence[][]> {
  const found = questions.map((): Absence[] => []);
  if (questions.length === 0) return found;
  const { rows } = await sql<Absence & { readonly n: number }>`
    SELECT q.n, d.delegator, d.delegate, d.valid_until AS until
    FROM ${asked(questions)} JOIN approval_delegations d ON ${IN_FORCE} ORDER BY d.set_at`.execute(tx);
  for (const { n, ...absence } of rows) found[n]!.push(absence);
  return found;
}

/** Questions as a table `q`. */
function asked(questions: readonly Question[]): ReturnType<typeof sql> {
  const rows = questions.map(({ round: { row }, excluded }, n) => ({
    ...{ n, tenant: row.tenant_id, opened: row.opened_at.toISOString(), requester: excluded.requester },
  }));
  return sql`jsonb_to_recordset(${json(rows)}::jsonb) AS q (n int, tenant text, opened timestamptz, requester text[])`;
}

/**
 * Whoever is away says so at any time. What somebody else says for them counts for questions that come after and that are not
 * their own, and never for an account of theirs: an administrator would else ask, name the approver's stand-in, and be it.
 */
const IN_FORCE = sql`d.tenant_id = q.tenant AND d.ended_at IS NULL AND d.valid_from <= now() AND d.valid_until > now()
  AND (lower(d.set_by) = lower(d.delegator) OR (d.set_at <= q.opened AND lower(d.set_by) <> ALL (q.requester)
    AND lower(d.delegate) NOT IN (SELECT names_of_person(d.tenant_id, ARRAY[d.set_by]))))`;
