import { ApiProperty, ApiSchema, type ApiPropertyOptions } from '@nestjs/swagger';
import type { Effect, Problem } from '#libs/kernel';
import { RUN_STATUSES, type RunSummary, type StepRow, type TimelineRow } from '#libs/process';
import type { RunStatus } from '#libs/process/model';
import { REQUEST_TYPES } from '#libs/requests';
import { ProblemView } from '../openapi/problem.view.js';
import { fieldValues, FieldValueView } from './field-value.view.js';

const OPEN_OBJECT = { type: 'object', additionalProperties: true, nullable: true } as const;
const TEXT = { type: String, nullable: true } as const;
const FIELD_VALUES: ApiPropertyOptions = { type: [FieldValueView], nullable: true };
const INSTANT = { type: String, format: 'date-time', nullable: true } as const;

@ApiSchema({ name: 'RunSummary' })
export class RunSummaryView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: REQUEST_TYPES })
  readonly process!: string;
  @ApiProperty({ format: 'uuid' })
  readonly requestId!: string;
  @ApiProperty({ description: 'Whom it is about.' })
  readonly user!: string;
  @ApiProperty({ enum: [...RUN_STATUSES] })
  readonly status!: RunStatus;
  @ApiProperty({ ...OPEN_OBJECT, description: 'What it waits for, e.g. `{"kind":"time","until":"…"}`.' })
  readonly waitingFor!: unknown;
  @ApiProperty({ ...OPEN_OBJECT, description: 'Set while the engine cannot move it.' })
  readonly stalled!: unknown;
  @ApiProperty({ type: ProblemView, nullable: true })
  readonly problem!: Problem | null;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty(INSTANT)
  readonly startedAt!: string | null;
  @ApiProperty(INSTANT)
  readonly endedAt!: string | null;
  @ApiProperty({ description: 'Name of the workflow in the engine.' })
  readonly workflowId!: string;
}

@ApiSchema({ name: 'RunStep' })
export class RunStepView {
  @ApiProperty()
  readonly id!: string;
  @ApiProperty()
  readonly title!: string;
  @ApiProperty()
  readonly block!: string;
  @ApiProperty({ enum: ['apply', 'undo'] })
  readonly verb!: 'apply' | 'undo';
  @ApiProperty()
  readonly system!: string;
  @ApiProperty({ enum: ['pending', 'running', 'held', 'ended'] })
  readonly status!: string;
  @ApiProperty({
    enum: ['succeeded', 'already_in_desired_state', 'skipped', 'failed', 'compensated', 'unknown'],
    nullable: true,
  })
  readonly outcome!: string | null;
  @ApiProperty(TEXT)
  readonly reason!: string | null;
  @ApiProperty({ type: 'integer' })
  readonly attempt!: number;
  @ApiProperty(OPEN_OBJECT)
  readonly waitingFor!: unknown;
  @ApiProperty({ ...FIELD_VALUES, description: 'The fields as found before its first write; null until then.' })
  readonly before!: FieldValueView[] | null;
  @ApiProperty({ ...FIELD_VALUES, description: 'The fields as they were read back; null where nothing was.' })
  readonly after!: FieldValueView[] | null;
  @ApiProperty(OPEN_OBJECT)
  readonly evidence!: unknown;
  @ApiProperty({ type: ProblemView, nullable: true })
  readonly problem!: Problem | null;
  @ApiProperty(OPEN_OBJECT)
  readonly drift!: unknown;
  @ApiProperty({ ...INSTANT, description: 'When it may begin.' })
  readonly dueAt!: string | null;
  @ApiProperty({ description: 'Its time had passed before it was approved.' })
  readonly late!: boolean;
  @ApiProperty({ ...INSTANT, description: 'By when it has to be proven done; later is an alarm.' })
  readonly deadline!: string | null;
  @ApiProperty({ ...INSTANT, description: 'When it was found that the deadline was missed.' })
  readonly deadlineMissedAt!: string | null;
  @ApiProperty(INSTANT)
  readonly startedAt!: string | null;
  @ApiProperty(INSTANT)
  readonly endedAt!: string | null;
}

@ApiSchema({ name: 'TimelineEntry' })
export class TimelineEntryView {
  @ApiProperty({ type: 'integer', description: 'Counts up from 1 without gaps.' })
  readonly seq!: number;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ example: 'step_ended' })
  readonly kind!: string;
  @ApiProperty({ ...TEXT, description: 'The step it is about.' })
  readonly step!: string | null;
  @ApiProperty({ type: 'integer', nullable: true })
  readonly attempt!: number | null;
  @ApiProperty({ description: 'A person, or `stellwerk`.' })
  readonly who!: string;
  @ApiProperty({ ...FIELD_VALUES, description: 'The fields before; null where the entry is of no change.' })
  readonly before!: FieldValueView[] | null;
  @ApiProperty({
    ...FIELD_VALUES,
    description: 'The fields as they were read back; null where the entry is of no change.',
  })
  readonly after!: FieldValueView[] | null;
  @ApiProperty({ nullable: true })
  readonly evidence!: unknown;
  @ApiProperty({ type: Number, nullable: true, description: 'How long it took.' })
  readonly seconds!: number | null;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What else belongs to this kind of entry.' })
  readonly data!: unknown;
}

@ApiSchema({ name: 'Run' })
export class RunView extends RunSummaryView {
  @ApiProperty({ ...TEXT, format: 'uuid', description: 'The ticket that it was started for.' })
  readonly ticketId!: string | null;
  @ApiProperty({ type: [RunStepView] })
  readonly steps!: RunStepView[];
  @ApiProperty({ type: [TimelineEntryView], description: 'One page of the history, the oldest first.' })
  readonly timeline!: TimelineEntryView[];
  @ApiProperty({ ...TEXT, description: 'The history’s next page; null on the last.' })
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'RunPage' })
export class RunPageView {
  @ApiProperty({ type: [RunSummaryView] })
  readonly items!: RunSummaryView[];
  @ApiProperty(TEXT)
  readonly nextCursor!: string | null;
}

/** A run as lists show it. */
export function runSummary(row: RunSummary): RunSummaryView {
  return {
    id: row.id,
    tenant: row.tenant_id,
    process: row.process,
    requestId: row.request_id,
    user: row.subject,
    status: row.status as RunStatus,
    waitingFor: row.waiting_for,
    stalled: row.stalled,
    problem: row.problem,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    workflowId: row.workflow_id,
  };
}

export function runView(
  run: RunSummary & { readonly ticketId: string | null },
  steps: readonly StepRow[],
  timeline: readonly TimelineRow[],
  nextCursor: string | null,
): RunView {
  const { ticketId } = run;
  return {
    ...runSummary(run),
    ticketId,
    steps: steps.map(stepView),
    timeline: timeline.map(timelineEntryView),
    nextCursor,
  };
}

function stepView(row: StepRow): RunStepView {
  const { title, block, verb, system, status, outcome, reason, attempt, evidence, problem, drift } = row;
  const fields = { title, block, verb, system, status, outcome, reason, attempt, evidence, problem, drift };
  const times = {
    dueAt: row.due_at?.toISOString() ?? null,
    late: row.late,
    deadline: row.deadline?.toISOString() ?? null,
    deadlineMissedAt: row.deadline_missed_at?.toISOString() ?? null,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  };
  return {
    id: row.step_id,
    ...fields,
    ...times,
    waitingFor: row.waiting_for,
    before: fieldValues(row.before_image?.changes, 'before'),
    after: fieldValues((row.after_image as Effect | null)?.changes, 'after'),
  };
}

function timelineEntryView(row: TimelineRow): TimelineEntryView {
  const { before, after, evidence = null, ...data } = row.data as Readonly<Record<string, unknown>>;
  const { seq, kind, attempt, who, seconds } = row;
  return {
    seq,
    at: row.at.toISOString(),
    kind,
    step: row.step_id,
    attempt,
    who,
    before: fieldValues(before, 'before'),
    after: fieldValues(after, 'after'),
    evidence,
    seconds,
    data,
  };
}
