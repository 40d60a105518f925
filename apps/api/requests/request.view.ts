import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Problem } from '#libs/kernel';
import {
  REQUEST_STATUSES,
  REQUEST_TYPES,
  type ActRow,
  type ApprovalWait,
  type ConfirmationRow,
  type DecisionRow,
  type RequestOnRecord,
  type RequestStatus,
  type StoredRequest,
  type Verdict,
} from '#libs/requests';
import type { Page } from '../http/cursor.js';
import { ProblemView } from '../openapi/problem.view.js';

const OPEN_OBJECT = { type: 'object', additionalProperties: true, nullable: true } as const;

@ApiSchema({ name: 'Accepted', description: 'Committed: a run will take it to an end that can be looked up.' })
export class AcceptedView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: REQUEST_STATUSES })
  readonly status!: RequestStatus;
}

@ApiSchema({ name: 'Decided', description: 'Final: the act is on record, and takes effect when nothing is missing.' })
export class DecidedView extends AcceptedView {
  @ApiProperty({
    ...OPEN_OBJECT,
    description:
      'What the plan still waits for: `{"kind":"approval"}`, or `{"kind":"second_person","reasons":[…]}` while an approval has no effect yet.',
  })
  readonly waitingFor!: ApprovalWait | null;
}

@ApiSchema({ name: 'RequestSummary' })
export class RequestSummaryView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: REQUEST_TYPES })
  readonly type!: string;
  @ApiProperty({ enum: REQUEST_STATUSES })
  readonly status!: RequestStatus;
  @ApiProperty({ description: 'Whom it is about.' })
  readonly user!: string;
  @ApiProperty({ type: String, nullable: true, description: 'As it was sent; null unless it is an off-boarding.' })
  readonly lastWorkingAt!: string | null;
  @ApiProperty({ format: 'date-time', description: 'The instant before which nothing is changed (UTC).' })
  readonly startsAt!: string;
  @ApiProperty()
  readonly requestedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly requestedAt!: string;
  @ApiProperty({
    type: 'integer',
    description: '0 until there is a plan; each drift that asks for a new approval adds one.',
  })
  readonly revision!: number;
  @ApiProperty({ type: String, nullable: true })
  readonly planHash!: string | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The version of the customer’s template that it was drawn from; null: there was none.',
  })
  readonly templateVersion!: number | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  readonly runId!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The ticket that it was made for.' })
  readonly ticketId!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until then only those named and those who decide see it; null: it is not confidential.',
  })
  readonly confidentialUntil!: string | null;
  @ApiProperty({ ...OPEN_OBJECT, description: 'What it waits for, e.g. `{"kind":"approval"}`.' })
  readonly waitingFor!: unknown;
  @ApiProperty({
    ...OPEN_OBJECT,
    description: 'How loudly its missing approval was called for: level, deadline, missed.',
  })
  readonly escalation!: unknown;
  @ApiProperty({ ...OPEN_OBJECT, description: 'Set while the engine cannot move the run.' })
  readonly stalled!: unknown;
  @ApiProperty({ type: ProblemView, nullable: true, description: 'Why it was refused, or what its run ended with.' })
  readonly problem!: Problem | null;
}

@ApiSchema({ name: 'DecisionOnRecord' })
export class DecisionView {
  @ApiProperty({ type: 'integer' })
  readonly revision!: number;
  @ApiProperty({ enum: ['approve', 'reject'] })
  readonly decision!: Verdict;
  @ApiProperty()
  readonly decidedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly decidedAt!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null: an approval that waits for its second person, or that was rejected while it waited.',
  })
  readonly effectiveAt!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
}

@ApiSchema({ name: 'ConfirmationOnRecord' })
export class ConfirmationView {
  @ApiProperty({ type: 'integer' })
  readonly revision!: number;
  @ApiProperty()
  readonly confirmedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly confirmedAt!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
  @ApiProperty({ type: [String], description: 'The codes of the reasons that were confirmed.' })
  readonly codes!: readonly string[];
}

@ApiSchema({ name: 'GivenAct', description: 'A person’s intervention in the request or its run.' })
export class GivenActView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ example: 'lock_out' })
  readonly act!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly stepId!: string | null;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'What was given besides: `verifiedCall`, `at`, `undo`; `lockOutAt` is when a reschedule locks out (UTC).',
  })
  readonly details!: object;
  @ApiProperty()
  readonly givenBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly givenAt!: string;
}

@ApiSchema({ name: 'Request' })
export class RequestView extends RequestSummaryView {
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What was asked for.' })
  readonly body!: unknown;
  @ApiProperty({ type: [DecisionView] })
  readonly decisions!: DecisionView[];
  @ApiProperty({ type: [ConfirmationView], description: 'By second persons at the MSP.' })
  readonly confirmations!: ConfirmationView[];
  @ApiProperty({ type: [GivenActView], description: 'In the order they were given, also before there was a run.' })
  readonly acts!: GivenActView[];
}

@ApiSchema({ name: 'RequestPage' })
export class RequestPageView implements Page<RequestSummaryView> {
  @ApiProperty({ type: [RequestSummaryView] })
  readonly items!: RequestSummaryView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** A request as lists show it. */
export function requestSummary(row: StoredRequest): RequestSummaryView {
  return {
    id: row.id,
    tenant: row.tenant_id,
    type: row.type,
    status: row.status as RequestStatus,
    user: row.subject,
    lastWorkingAt: row.body.type === 'offboarding' ? row.body.lastWorkingAt : null,
    startsAt: row.body.startsAt,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    revision: row.plan_revision,
    planHash: row.plan_hash,
    templateVersion: row.template_version,
    runId: row.run_id,
    ticketId: row.ticket_id,
    confidentialUntil: row.confidential_until?.toISOString() ?? null,
    escalation: row.escalation,
    waitingFor: row.waiting_for,
    stalled: row.stalled,
    problem: row.problem,
  };
}

export function requestView({ request, decisions, confirmations, acts }: RequestOnRecord): RequestView {
  return {
    ...requestSummary(request),
    body: request.body,
    decisions: decisions.map(decisionView),
    confirmations: confirmations.map(confirmationView),
    acts: acts.map(givenActView),
  };
}

function decisionView(row: DecisionRow): DecisionView {
  const { revision, decision, decided_by: decidedBy, reason } = row;
  const effectiveAt = row.effective_at?.toISOString() ?? null;
  return { revision, decision, decidedBy, decidedAt: row.decided_at.toISOString(), effectiveAt, reason };
}

function confirmationView(row: ConfirmationRow): ConfirmationView {
  return {
    revision: row.revision,
    confirmedBy: row.confirmed_by,
    confirmedAt: row.confirmed_at.toISOString(),
    reason: row.reason,
    codes: row.codes,
  };
}

function givenActView(row: ActRow): GivenActView {
  const { id, act, step_id: stepId, reason, details, given_by: givenBy } = row;
  return { id, act, stepId, reason, details, givenBy, givenAt: row.given_at.toISOString() };
}
