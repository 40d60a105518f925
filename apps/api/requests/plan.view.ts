import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { fieldKey, type FieldChange, type KeptField } from '#libs/kernel';
import type { Plan, PlanRemark, PlanStep } from '#libs/process/model';
import type { PlanRow } from '#libs/requests';
import { ApprovalView } from '../approvals/approval.view.js';
import { ANY_VALUE } from '../openapi/any-value.js';

@ApiSchema({ name: 'PlannedChange' })
export class PlannedChangeView {
  @ApiProperty({ description: 'The object as its system names it, e.g. a DN.' })
  readonly target!: string;
  @ApiProperty()
  readonly field!: string;
  @ApiProperty(ANY_VALUE)
  readonly before!: unknown;
  @ApiProperty(ANY_VALUE)
  readonly after!: unknown;
  @ApiProperty({ required: false, description: 'True where the present value cannot be read or compared.' })
  readonly opaque?: boolean;
}

@ApiSchema({ name: 'KeptField', description: 'Changed by others since the run; stays unless chosen by its key.' })
export class KeptFieldView {
  @ApiProperty({ description: 'Names the field in `overwrite` of a reinstatement.' })
  readonly key!: string;
  @ApiProperty()
  readonly target!: string;
  @ApiProperty()
  readonly field!: string;
  @ApiProperty(ANY_VALUE)
  readonly recordedBefore!: unknown;
  @ApiProperty(ANY_VALUE)
  readonly recordedAfter!: unknown;
  @ApiProperty(ANY_VALUE)
  readonly current!: unknown;
}

@ApiSchema({ name: 'PlanStep' })
export class PlanStepView {
  @ApiProperty({ example: 'disable_sign_in' })
  readonly id!: string;
  @ApiProperty()
  readonly title!: string;
  @ApiProperty({ example: 'ldap.user.disable' })
  readonly block!: string;
  @ApiProperty({ enum: ['apply', 'undo'] })
  readonly verb!: 'apply' | 'undo';
  @ApiProperty()
  readonly system!: string;
  @ApiProperty({ type: [String] })
  readonly dependsOn!: readonly string[];
  @ApiProperty()
  readonly accessCritical!: boolean;
  @ApiProperty({
    format: 'date-time',
    type: String,
    nullable: true,
    description: 'Null: as soon as the run may start.',
  })
  readonly notBefore!: string | null;
  @ApiProperty({ type: [PlannedChangeView], description: 'Empty: already in the desired state.' })
  readonly changes!: readonly FieldChange[];
  @ApiProperty()
  readonly irreversible!: boolean;
  @ApiProperty({ type: String, nullable: true })
  readonly irreversibleReason!: string | null;
  @ApiProperty({ type: [KeptFieldView] })
  readonly kept!: readonly KeptFieldView[];
}

@ApiSchema({ name: 'PlanRemark' })
export class PlanRemarkView implements PlanRemark {
  @ApiProperty()
  readonly stepId!: string;
  @ApiProperty({ example: 'directory.last_member_stand_in' })
  readonly code!: string;
  @ApiProperty()
  readonly text!: string;
}

@ApiSchema({ name: 'ConfirmationReason' })
export class ConfirmationReasonView {
  @ApiProperty({ example: 'request.brake' })
  readonly code!: string;
  @ApiProperty()
  readonly text!: string;
}

@ApiSchema({ name: 'PlanOfRequest' })
export class PlanView {
  @ApiProperty({ format: 'uuid' })
  readonly requestId!: string;
  @ApiProperty({ type: 'integer' })
  readonly revision!: number;
  @ApiProperty({ description: 'Binds a decision to this plan.' })
  readonly planHash!: string;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty()
  readonly process!: string;
  @ApiProperty()
  readonly user!: string;
  @ApiProperty({ format: 'date-time', description: 'When the run may start.' })
  readonly startsAt!: string;
  @ApiProperty({ type: [PlanStepView] })
  readonly steps!: readonly PlanStepView[];
  @ApiProperty({ type: [PlanRemarkView] })
  readonly remarks!: readonly PlanRemark[];
  @ApiProperty({
    type: [ConfirmationReasonView],
    description: 'Why a second person at the MSP has to confirm it as well; empty: an approval is enough.',
  })
  readonly confirmations!: readonly ConfirmationReasonView[];
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    nullable: true,
    description: 'What drifted since the approval before; null for a first plan.',
  })
  readonly drift!: unknown;
  @ApiProperty({
    type: ApprovalView,
    nullable: true,
    description: 'Who has to approve it, why, and what is missing; null for a plan from before there were policies.',
  })
  readonly approval!: ApprovalView | null;
}

/** A plan as whoever approves sees it: per step what would change, and whether that can be taken back. */
export function planView(row: PlanRow, approval: ApprovalView | null): PlanView {
  const plan = row.plan as Plan;
  return {
    requestId: row.request_id,
    revision: row.revision,
    planHash: row.hash,
    createdAt: row.created_at.toISOString(),
    process: plan.process,
    user: plan.subject.name,
    startsAt: plan.startsAt,
    steps: plan.steps.map(stepView),
    remarks: plan.remarks,
    confirmations: row.confirmations,
    drift: row.drift,
    approval,
  };
}

function stepView(step: PlanStep): PlanStepView {
  const { id, title, block, verb, system, dependsOn, accessCritical, notBefore, effect } = step;
  return {
    ...{ id, title, block, verb, system, dependsOn, accessCritical, notBefore },
    changes: effect.changes,
    irreversible: effect.irreversible !== null,
    irreversibleReason: effect.irreversible,
    kept: effect.kept.map((kept) => keptView(step, kept)),
  };
}

function keptView({ source, effect }: PlanStep, kept: KeptField): KeptFieldView {
  return { key: `${source?.stepId}:${fieldKey(kept, effect.identity)}`, ...kept };
}
