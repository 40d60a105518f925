import type { Json } from '#libs/kernel';
import type { Asked, Confirmed, Decided } from './certificate.js';

/** A request as it is stored. */
export interface AskedRow {
  readonly id: string;
  readonly type: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly body: unknown;
}

/** A decision as it is stored. */
export interface DecidedRow extends Pick<Decided, 'revision' | 'decision' | 'reason'> {
  readonly plan_hash: string;
  readonly decided_by: string;
  readonly decided_at: Date;
  readonly effective_at: Date | null;
}

/** A confirmation as it is stored. */
export interface ConfirmedRow extends Pick<Confirmed, 'revision' | 'reason' | 'codes'> {
  readonly plan_hash: string;
  readonly confirmed_by: string;
  readonly confirmed_at: Date;
}

/** Who asked, decided and confirmed, as a certificate says it. */
export function peopleOfCertificate(
  request: AskedRow,
  decisions: readonly DecidedRow[],
  confirmations: readonly ConfirmedRow[],
): { readonly asked: Asked; readonly decided: Decided[]; readonly confirmed: Confirmed[] } {
  const { id: requestId, type, requested_by: by, requested_at: at, body } = request;
  const asked = { requestId, type, by, at: at.toISOString(), body: body as Json };
  return { asked, decided: decisions.map(decided), confirmed: confirmations.map(confirmed) };
}

function decided(row: DecidedRow): Decided {
  const { revision, plan_hash: planHash, decision, decided_by: by, reason } = row;
  const effectiveAt = row.effective_at?.toISOString() ?? null;
  return { revision, planHash, decision, by, at: row.decided_at.toISOString(), effectiveAt, reason };
}

function confirmed(row: ConfirmedRow): Confirmed {
  const { revision, plan_hash: planHash, confirmed_by: by, reason, codes } = row;
  return { revision, planHash, by, at: row.confirmed_at.toISOString(), reason, codes };
}
