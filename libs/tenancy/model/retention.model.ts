import { RetentionOutOfBounds } from './retention.errors.js';

/** How a request ended: the status of its run, else its own; a request that was closed without a run was called off. */
export const RETAINED_OUTCOMES = [
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'rejected',
  'refused',
] as const;
export type RetainedOutcome = (typeof RETAINED_OUTCOMES)[number];

/** How long requests of an outcome are kept after their end, in days of 24 hours. */
export interface RetentionRule {
  /** Where a tenant has set nothing. */
  readonly usual: number;
  readonly least: number;
  /** Why so long, and where that is from. */
  readonly because: string;
}

/** Ten years: longer than any usual duty to keep records (§ 147 AO, § 257 HGB). */
export const MOST_RETENTION_DAYS = 3_650;

/** The shortest of all, in the database as well: so long an operator looks for why something went wrong. */
export const LEAST_RETENTION_DAYS = 30;

const CLAIMS = 'claims out of what was done lapse after three years (§ 195 BGB); its before-images take it back';

/** What is usual; the law asks for no longer than needed (GDPR Art. 5(1)(e)). */
export const RETENTION: Readonly<Record<RetainedOutcome, RetentionRule>> = {
  completed: { usual: 1_095, least: 90, because: CLAIMS },
  completed_with_errors: { usual: 1_095, least: 90, because: CLAIMS },
  failed: {
    usual: 365,
    least: 90,
    because: 'a year, so that the yearly review of incidents finds it (ISO/IEC 27001, A.5.27)',
  },
  cancelled: { usual: 365, least: 90, because: 'steps may have been done before the call: a year, as with a failure' },
  rejected: {
    usual: 180,
    least: 30,
    because: 'half a year: longer than a claim for unequal treatment takes (§ 15(4) AGG, § 61b ArbGG)',
  },
  refused: { usual: 90, least: 30, because: 'nothing was planned or done: a quarter, to see what people get wrong' },
};

/** What a tenant has for itself; what is left out is as usual. */
export type OwnRetention = Readonly<Partial<Record<RetainedOutcome, number>>>;

/** The usual days by outcome. */
export function usualRetention(): Readonly<Record<RetainedOutcome, number>> {
  const days = RETAINED_OUTCOMES.map((outcome) => [outcome, RETENTION[outcome].usual]);
  return Object.fromEntries(days) as Record<RetainedOutcome, number>;
}

/** Throws `RetentionOutOfBounds` naming each outcome whose days are too few or too many. */
export function requireSensibleRetention(own: OwnRetention): void {
  const errors = RETAINED_OUTCOMES.flatMap((outcome) => {
    const days = own[outcome];
    const { least } = RETENTION[outcome];
    if (days === undefined || (days >= least && days <= MOST_RETENTION_DAYS)) return [];
    const message = `${outcome}: keep it from ${least} to ${MOST_RETENTION_DAYS} days.`;
    return [{ path: outcome, code: 'out_of_bounds', message }];
  });
  if (errors.length > 0) throw new RetentionOutOfBounds(errors.map(({ message }) => message).join(' '), { errors });
}
