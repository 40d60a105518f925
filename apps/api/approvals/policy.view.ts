import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { PolicyRow } from '#libs/approvals';
import { IsLine } from '../http/text.decorators.js';

/** Names of policies in addresses. */
export const POLICY_NAMES = ['all', 'offboarding', 'onboarding', 'mover', 'absence', 'reinstatement'] as const;

@ApiSchema({ name: 'ApprovalPolicyVersion', description: 'A version of a policy; a version never changes.' })
export class PolicyView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: POLICY_NAMES, description: '`all`: for every process that has none of its own.' })
  readonly process!: string;
  @ApiProperty({
    type: 'integer',
    description: '0: there is none, and the default counts where `all` has none either.',
  })
  readonly version!: number;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'By the JSON Schema at `/v1/approval-policies/{process}/schema`.',
  })
  readonly policy!: unknown;
  @ApiProperty({ type: String, nullable: true })
  readonly createdBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly createdAt!: string | null;
}

@ApiSchema({ name: 'ApprovalPolicies' })
export class PoliciesView {
  @ApiProperty({ type: [PolicyView] })
  readonly items!: PolicyView[];
}

export class PolicyListQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;
}

export function policyView(row: PolicyRow): PolicyView {
  return {
    tenant: row.tenant_id,
    process: row.process === '*' ? 'all' : row.process,
    version: row.version,
    policy: row.body,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}
