import { sql } from 'kysely';
import { approvalEscalated, deadlineMissed, stepReminded } from '#libs/events';
import { systemClock } from '#libs/kernel';
import { inTenants, json, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent, type EventOrigin } from '#libs/platform/outbox';
import {
  appendTimeline,
  readRun,
  readRunSheet,
  readStep,
  readSteps,
  updateStep,
  type Pulse,
  type StepSystems,
} from '#libs/process';
import { DEADLINE_LEVEL, type PlanStep, type Refusal, type StepResult } from '#libs/process/model';
import { readRequest } from '#libs/requests';
import { isOwnAddress, offboardingSteps } from '#libs/requests/model';
import type { RecordActivities, RequestRef, RunRef } from '../../../workflows/support/activities.js';
import { readReminded, reminderText } from './reminder.js';
import { timedSteps } from './step-drafts.js';

export type WatchActivities = Pick<
  RecordActivities,
  'readDeadline' | 'escalateApproval' | 'recordMissedDeadlines' | 'openManualStep'
>;

const ENGINE = 'stellwerk';

/** A mail to whoever has a step in hand. */
type Reminder = { readonly to: readonly string[]; readonly subject: string; readonly text: string };

/** Tells what time brought: an approval or a deadline that did not come, a step that is in a person's hands. */
export class WatchActivitiesOnDatabase implements WatchActivities {
  constructor(private readonly database: Database) {}

  async readDeadline(ref: RequestRef): Promise<string | null> {
    const { body } = await inTenants(this.database, [ref.tenant], (tx) => readRequest(tx, ref));
    if (body.type !== 'offboarding') return null;
    const deadlines = timedSteps(offboardingSteps(body), body).drafts.flatMap((draft) => draft.deadline ?? []);
    return deadlines.sort()[0] ?? null;
  }

  async escalateApproval(task: Parameters<RecordActivities['escalateApproval']>[0]): Promise<void> {
    const { tenant, requestId, level, deadline } = task;
    await inTenants(this.database, [tenant], async (tx) => {
      const escalation = json({ level, deadline, missed: level >= DEADLINE_LEVEL });
      const { numUpdatedRows } = await tx
        .updateTable('requests')
        .set({ escalation, updated_at: sql<Date>`now()` })
        .where('tenant_id', '=', tenant)
        .where('id', '=', requestId)
        // nobody can approve a plan that waits for a system to be drawn: its deadline comes all the same
        .where('status', 'in', ['planning', 'awaiting_approval'])
        .where(sql<boolean>`coalesce((escalation ->> 'level')::int, 0) < ${level}`)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      const data = { requestId, level, deadline, missed: level >= DEADLINE_LEVEL };
      await appendEvent(tx, approvalEscalated, originOf(task, `request/${requestId}`), data);
    });
  }

  async recordMissedDeadlines(
    task: Parameters<RecordActivities['recordMissedDeadlines']>[0],
  ): ReturnType<RecordActivities['recordMissedDeadlines']> {
    const { tenant, runId, requestId, deadlines } = task;
    return inTenants(this.database, [tenant], async (tx) => {
      const { halted } = await readRun(tx, tenant, runId);
      const moved = await putOff(tx, task, deadlines ?? {});
      const stepIds = task.stepIds.filter((id) => !moved.includes(id));
      // called off: nobody is to be locked out any more
      if (stepIds.length === 0 || halted === 'cancelled') return moved;
      const missed = await tx
        .updateTable('run_steps')
        .set({ deadline_missed_at: sql<Date>`clock_timestamp()` })
        .where('tenant_id', '=', tenant)
        .where('run_id', '=', runId)
        .where('step_id', 'in', stepIds)
        .where('deadline', 'is not', null)
        .where('deadline_missed_at', 'is', null)
        .returning(['step_id', 'deadline', 'outcome'])
        .execute();
      if (missed.length === 0) return moved;
      const entries = missed.map(({ step_id: stepId, deadline, outcome }) => ({
        kind: 'deadline_missed',
        who: ENGINE,
        stepId,
        data: { deadline, outcome },
      }));
      await appendTimeline(tx, tenant, runId, entries);
      const deadline = missed.map((row) => row.deadline!.toISOString()).sort()[0]!;
      const data = { runId, requestId, steps: missed.map((row) => row.step_id), deadline };
      await appendEvent(tx, deadlineMissed, originOf(task, `run/${runId}`), data);
      return moved;
    });
  }

  async openManualStep({
    stepId,
    ...run
  }: RunRef & { stepId: string }): ReturnType<RecordActivities['openManualStep']> {
    const { tenant, runId } = run;
    return inTenants(this.database, [tenant], async (tx) => {
      const refused = await refusedStep(tx, run, stepId);
      if (refused) return refused;
      const step = await plannedStep(tx, run, stepId);
      const waiting = { kind: 'person', assignee: step.input['assignee'] ?? null, until: step.manual!.dueAt };
      const opened = await updateStep(tx, tenant, runId, stepId, {
        status: 'running',
        waiting_for: json(waiting),
        attempt: sql<number>`1`,
        started_at: sql<Date>`coalesce(started_at, clock_timestamp())`,
      });
      if (opened)
        await appendTimeline(tx, tenant, runId, [{ kind: 'manual_step_opened', who: ENGINE, stepId, data: waiting }]);
      return null;
    });
  }
}

/** Steps with a later deadline than the workflow knows (UTC instants by step): it has not heard of that yet. */
async function putOff(
  tx: Transaction,
  { tenant, runId }: RunRef,
  known: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const rows = await readSteps(tx, tenant, runId);
  return rows
    .filter(({ step_id: id, deadline }) => id in known && deadline && deadline.getTime() > Date.parse(known[id]!))
    .map((row) => row.step_id);
}

/** What a step is refused by that is to begin now, as `begin_step` does it; null: nothing. */
async function refusedStep(tx: Transaction, { tenant, runId }: RunRef, stepId: string): Promise<StepResult | null> {
  // whoever stops the run or moves its steps comes before this or after it
  await sql`SELECT 1 FROM runs WHERE tenant_id = ${tenant} AND id = ${runId} FOR NO KEY UPDATE`.execute(tx);
  const { rows } = await sql<{ why: Refusal | null }>`SELECT refusal_of(${tenant}, ${runId}, ${stepId}) AS why`.execute(
    tx,
  );
  const why = rows[0]!.why;
  if (why === null) return null;
  const { due_at: dueAt } = await readStep(tx, tenant, runId, stepId);
  return { stepId, kind: 'refused', why, ...(why === 'not_due' && dueAt ? { dueAt: dueAt.toISOString() } : {}) };
}

/** Reminds people of the steps that they have in hand. */
export class ReminderActivities {
  constructor(
    private readonly database: Database,
    private readonly systems: StepSystems,
  ) {}

  /** Tells it, and sends a mail where the step is assigned to an address; the same mail at a repeat. */
  async remind(task: RunRef & { stepId: string; number: number }, pulse: Pulse): Promise<void> {
    const { tenant, runId, stepId, number } = task;
    const sheet = await readRunSheet(this.database, tenant, runId);
    if (sheet.rows.get(stepId)?.status === 'ended') return;
    const step = sheet.plan.steps.find((candidate) => candidate.id === stepId)!;
    await this.tell(task, step);
    const reminder = await this.reminderOf(task, step);
    if (!reminder) return;
    const block = this.systems.block('mail.send');
    const place = { tenant, runId, stepId: `${stepId}-reminder-${number}`, system: 'mail', expectedIdentity: null };
    const context = await this.systems.context({ ...place, connection: sheet.systems.get('mail') }, pulse);
    await block.apply(context, reminder, await block.plan(context, reminder));
  }

  /** Null when the step is assigned to nobody with an address. A leaver is asked for nothing. */
  private async reminderOf({ tenant, requestId }: RequestRef, step: PlanStep): Promise<Reminder | null> {
    const { assignee } = step.input;
    if (typeof assignee !== 'string' || !assignee.includes('@')) return null;
    const request = await inTenants(this.database, [tenant], (tx) => readReminded(tx, { tenant, requestId }));
    const leaver = { user: request.subject, tenant, addresses: [] };
    if (request.type === 'offboarding' && isOwnAddress(assignee, leaver)) return null;
    return { to: [assignee], ...reminderText(step, { id: requestId, ...request }) };
  }

  private async tell(task: RunRef & { stepId: string; number: number }, step: PlanStep): Promise<void> {
    const { tenant, runId, requestId, stepId, number } = task;
    await inTenants(this.database, [tenant], async (tx) => {
      const told = await tx
        .selectFrom('run_timeline')
        .select('seq')
        .where('tenant_id', '=', tenant)
        .where('run_id', '=', runId)
        .where('step_id', '=', stepId)
        .where('kind', '=', 'reminded')
        .where(sql<boolean>`(data ->> 'number')::int >= ${number}`)
        .executeTakeFirst();
      if (told) return;
      const { dueAt } = step.manual!;
      const data = { number, assignee: step.input['assignee'] ?? null, dueAt };
      await appendTimeline(tx, tenant, runId, [{ kind: 'reminded', who: ENGINE, stepId, data }]);
      const event = { runId, requestId, stepId, number, dueAt };
      await appendEvent(tx, stepReminded, originOf(task, `run/${runId}`), event);
    });
  }
}

async function plannedStep(tx: Transaction, { tenant, runId }: RunRef, stepId: string): Promise<PlanStep> {
  const { plan } = await readRun(tx, tenant, runId);
  return plan.steps.find((step) => step.id === stepId)!;
}

function originOf({ tenant, requestId }: RequestRef, aggregate: string): EventOrigin {
  return { tenant, aggregate, correlationId: requestId, causationId: null, at: systemClock.now() };
}
