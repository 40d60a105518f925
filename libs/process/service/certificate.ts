import { fieldKey, type Effect, type Json } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import type {
  CertificateFacts,
  CertifiedChange,
  CertifiedEntry,
  CertifiedRun,
  CertifiedStep,
  CertifiedValue,
  PlanStep,
  RunOutcome,
  StepOutcome,
} from '../model/index.js';
import { listTimeline, type TimelineRow } from '../store/run-reader.store.js';
import { readRun, readSteps, type RunRow, type StepRow } from '../store/run.store.js';

/** What our tables hold of a run that has ended: its part of a certificate. Who asked and decided is another context's. */
export type RunFacts = Pick<CertificateFacts, 'run' | 'steps' | 'timeline'>;

const WHOLE = 1_000_000;

/** Reads a run for its certificate. */
export async function readRunFacts(tx: Transaction, tenant: string, runId: string): Promise<RunFacts> {
  const run = await readRun(tx, tenant, runId);
  const rows = await readSteps(tx, tenant, runId);
  const planned = new Map(run.plan.steps.map((step) => [step.id, step]));
  const timeline = await listTimeline(tx, tenant, runId, 0, WHOLE);
  return {
    run: certifiedRun(run),
    steps: rows.map((row) => certifiedStep(row, planned.get(row.step_id))),
    timeline: timeline.map(certifiedEntry),
  };
}

function certifiedRun(row: RunRow): CertifiedRun {
  return {
    id: row.id,
    tenant: row.tenant_id,
    process: row.process,
    workflowId: row.workflow_id,
    subject: row.subject,
    outcome: row.status as RunOutcome,
    createdAt: row.created_at.toISOString(),
    startedAt: instant(row.started_at),
    endedAt: instant(row.ended_at),
    problem: row.problem,
  };
}

function certifiedStep(row: StepRow, planned: PlanStep | undefined): CertifiedStep {
  const { title, block, verb, system, reason, late, problem } = row;
  // an object that the step made has an identity only afterwards, so its name has to do in all three lists
  const isIdentified = planned?.effect.identity != null;
  return {
    id: row.step_id,
    ...{ title, block, verb, system, reason, late, problem },
    accessCritical: planned?.accessCritical ?? false,
    notBefore: planned?.notBefore ?? null,
    deadline: instant(row.deadline),
    deadlineMissedAt: instant(row.deadline_missed_at),
    dueAt: instant(row.due_at),
    outcome: row.outcome as StepOutcome | null,
    attempts: row.attempt,
    startedAt: instant(row.started_at),
    endedAt: instant(row.ended_at),
    approved: planned ? approvedChanges(planned.effect) : [],
    irreversible: planned?.effect.irreversible ?? null,
    found: values(row.before_image, 'before', isIdentified),
    readBack: values(row.after_image as Effect | null, 'after', isIdentified),
    evidence: row.evidence as Json,
  };
}

function certifiedEntry(row: TimelineRow): CertifiedEntry {
  const { seq, kind, attempt, who, seconds } = row;
  return { seq, at: row.at.toISOString(), kind, step: row.step_id, attempt, who, seconds, data: row.data as Json };
}

function approvedChanges({ changes, identity }: Effect): CertifiedChange[] {
  return changes.map((change) => ({ key: fieldKey(change, identity), ...change }));
}

function values(image: Effect | null, side: 'before' | 'after', isIdentified: boolean): CertifiedValue[] | null {
  if (!image) return null;
  return image.changes.map(({ target, field, [side]: value }) => {
    const key = fieldKey({ target, field }, isIdentified ? image.identity : null);
    return { key, target, field, value };
  });
}

function instant(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
