import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { decidersNow, namesOf, standInsNow, tally, toGivenVote, type Absence, type Round } from '#libs/approvals';
import type { OpenQuestion } from './open-questions.js';

const STATUSES = ['open', 'approved', 'rejected', 'superseded', 'withdrawn'] as const;

@ApiSchema({ name: 'ApprovalStage' })
export class ApprovalStageView {
  @ApiProperty({ type: [String], description: 'Who may decide at this stage, in words.' })
  readonly approvers!: readonly string[];
  @ApiProperty({ type: 'integer' })
  readonly needed!: number;
  @ApiProperty({ type: 'integer', description: 'So many rejections reject the whole.' })
  readonly rejections!: number;
}

@ApiSchema({ name: 'Vote' })
export class VoteView {
  @ApiProperty({ type: 'integer' })
  readonly stage!: number;
  @ApiProperty({ description: 'Who gave it; `mail:<address>` by a link in a mail.' })
  readonly voter!: string;
  @ApiProperty({ type: String, nullable: true, description: 'For whom, when the voter stood in.' })
  readonly onBehalfOf!: string | null;
  @ApiProperty({ enum: ['approve', 'reject'] })
  readonly decision!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

@ApiSchema({ name: 'AppliedPolicy', description: 'The policy that counts, as it was when approvers were asked.' })
export class AppliedPolicyView {
  @ApiProperty({
    enum: ['process', 'all', 'default'],
    description: 'The closest wins: the customer’s policy for this process, its policy for all, or the default.',
  })
  readonly from!: string;
  @ApiProperty({ type: 'integer', description: '0 for the default.' })
  readonly version!: number;
  @ApiProperty({ type: String, nullable: true })
  readonly setBy!: string | null;
}

@ApiSchema({ name: 'StandIn', description: 'Somebody who is away, and who votes instead.' })
export class StandInView {
  @ApiProperty({ description: 'Whose vote it is.' })
  readonly delegator!: string;
  @ApiProperty({ description: 'Who may give it.' })
  readonly delegate!: string;
  @ApiProperty({ format: 'date-time' })
  readonly until!: string;
}

@ApiSchema({ name: 'Approval', description: 'A question put to approvers.' })
export class ApprovalView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: STATUSES })
  readonly status!: string;
  @ApiProperty({ example: 'plan' })
  readonly subjectKind!: string;
  @ApiProperty({ description: 'The request of a plan.' })
  readonly subjectId!: string;
  @ApiProperty({ type: 'integer' })
  readonly revision!: number;
  @ApiProperty({ description: 'Binds votes to what was asked.' })
  readonly hash!: string;
  @ApiProperty()
  readonly process!: string;
  @ApiProperty({ type: AppliedPolicyView, description: 'Why these have to approve.' })
  readonly policy!: AppliedPolicyView;
  @ApiProperty({ type: [ApprovalStageView] })
  readonly stages!: readonly ApprovalStageView[];
  @ApiProperty({ type: 'integer', description: 'The stage that is up, counted from 1.' })
  readonly stage!: number;
  @ApiProperty({ type: 'integer', description: 'Approvals of the present stage that are missing; 0 when it is over.' })
  readonly missing!: number;
  @ApiProperty({
    type: [String],
    description:
      'Who may decide now, in words, with those who step in where too few of a stage are left; empty when it is over.',
  })
  readonly mayDecide!: readonly string[];
  @ApiProperty({
    type: [StandInView],
    description: 'Of those who may decide, who is away, and who votes for them until when.',
  })
  readonly standIns!: readonly StandInView[];
  @ApiProperty({ type: [VoteView] })
  readonly votes!: readonly VoteView[];
  @ApiProperty({ format: 'date-time' })
  readonly openedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly expiresAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since then others may decide too.' })
  readonly escalatedAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly closedAt!: string | null;
}

@ApiSchema({ name: 'ApprovalPage' })
export class ApprovalPageView {
  @ApiProperty({ type: [ApprovalView] })
  readonly items!: ApprovalView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** `question`: what is known of who may decide, while somebody may. */
export function approvalView(round: Round, question: OpenQuestion | undefined): ApprovalView {
  const { row, policy, votes } = round;
  const isOpen = row.status === 'open';
  const { approvals, needed } = tally({ policy, stage: row.stage, votes: votes.map(toGivenVote) });
  return {
    id: row.id,
    tenant: row.tenant_id,
    status: row.status,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    revision: row.subject_revision,
    hash: row.subject_hash,
    process: row.process,
    policy: { from: row.policy_from, version: row.policy_version, setBy: row.policy_set_by },
    stages: policy.stages.map((stage) => ({
      approvers: namesOf(stage.approvers),
      needed: stage.needed,
      rejections: stage.rejections,
    })),
    stage: row.stage,
    missing: isOpen ? needed - approvals : 0,
    mayDecide: question ? namesOf(decidersNow(question.state)) : [],
    standIns: question ? standInsNow(question.state, question.absences).map(standInView) : [],
    votes: votes.map((vote) => ({
      stage: vote.stage,
      voter: vote.voter,
      onBehalfOf: vote.on_behalf_of,
      decision: vote.verdict,
      reason: vote.reason,
      at: vote.given_at.toISOString(),
    })),
    openedAt: row.opened_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    escalatedAt: row.escalated_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
  };
}

function standInView({ delegator, delegate, until }: Absence): StandInView {
  return { delegator, delegate, until: until.toISOString() };
}
