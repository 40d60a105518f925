import { canonicalJson, type FieldChange, type Json, type Problem } from '#libs/kernel';
import type { RunOutcome, StepOutcome } from './outcome.js';

/** The form of a certificate; another one gets another name. */
export const CERTIFICATE_FORMAT = 'stellwerk.run-certificate.v1';

/** What was asked for, by whom and when. Instants are RFC 3339 in UTC, here and below. */
export interface Asked {
  readonly requestId: string;
  readonly type: string;
  readonly by: string;
  readonly at: string;
  /** As it was sent. */
  readonly body: Json;
}

/** One decision on a revision of the plan; `planHash` names what it binds to. */
export interface Decided {
  readonly revision: number;
  readonly planHash: string;
  readonly decision: 'approve' | 'reject';
  readonly by: string;
  readonly at: string;
  /** When it took effect; null: it waited for a second person who never came. */
  readonly effectiveAt: string | null;
  readonly reason: string | null;
}

/** A second person's confirmation of a plan. */
export interface Confirmed {
  readonly revision: number;
  readonly planHash: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string | null;
  readonly codes: readonly string[];
}

/** The run as it ended. */
export interface CertifiedRun {
  readonly id: string;
  readonly tenant: string;
  readonly process: string;
  readonly workflowId: string;
  readonly subject: string;
  readonly outcome: RunOutcome;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly problem: Problem | null;
}

/** One step: what was approved for it, what it found, and what was read back afterwards. */
export interface CertifiedStep {
  readonly id: string;
  readonly title: string;
  readonly block: string;
  readonly verb: 'apply' | 'undo';
  readonly system: string;
  readonly accessCritical: boolean;
  readonly notBefore: string | null;
  readonly deadline: string | null;
  /** When the deadline passed without proof; null: it did not. */
  readonly deadlineMissedAt: string | null;
  /** Whether its time had passed before the approval came. */
  readonly late: boolean;
  /** When it was to begin. */
  readonly dueAt: string | null;
  readonly outcome: StepOutcome | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly approved: readonly CertifiedChange[];
  /** Why it cannot be taken back; null: it can. */
  readonly irreversible: string | null;
  readonly found: readonly CertifiedValue[] | null;
  readonly readBack: readonly CertifiedValue[] | null;
  /** What proves it: the server that was read, its answer … */
  readonly evidence: Json;
  readonly problem: Problem | null;
}

/** A change as it was approved. */
export interface CertifiedChange extends FieldChange {
  readonly key: string;
}

export interface CertifiedValue {
  /** The same field has the same key in all three lists, even after its object was moved or renamed. */
  readonly key: string;
  readonly target: string;
  readonly field: string;
  readonly value: Json;
}

export interface CertifiedEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly step: string | null;
  readonly attempt: number | null;
  readonly who: string;
  readonly seconds: number | null;
  readonly data: Json;
}

/** What is known of a run that has ended. */
export interface CertificateFacts {
  readonly run: CertifiedRun;
  readonly asked: Asked;
  readonly decided: readonly Decided[];
  readonly confirmed: readonly Confirmed[];
  readonly steps: readonly CertifiedStep[];
  readonly timeline: readonly CertifiedEntry[];
}

/** What was asked, approved, done and proven in one run, when and by whom. */
export interface Certificate extends CertificateFacts {
  readonly format: typeof CERTIFICATE_FORMAT;
}

const END = 'run_ended';

/**
 * The certificate of a run that has ended. It tells the history up to the run's last end: what is noted afterwards (a password
 * that is collected, a late signal) would change it, and the same run must give the same bytes.
 */
export function certificateOf(facts: CertificateFacts): Certificate {
  // a run that was reworked ended several times; what came between belongs to it
  const end = facts.timeline.findLast((entry) => entry.kind === END);
  const timeline = end ? facts.timeline.filter((entry) => entry.seq <= end.seq) : facts.timeline;
  const endedAt = facts.run.endedAt;
  const steps = facts.steps.map((step) => {
    const isLater = step.deadlineMissedAt !== null && endedAt !== null && step.deadlineMissedAt > endedAt;
    return isLater ? { ...step, deadlineMissedAt: null } : step;
  });
  return { format: CERTIFICATE_FORMAT, ...facts, steps, timeline };
}

/** The text that is signed: canonical JSON (RFC 8785), in UTF-8 without a line break at its end. */
export function certificateText(certificate: Certificate): string {
  return canonicalJson(certificate);
}
