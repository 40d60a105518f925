import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { DelegationRow } from '#libs/approvals';
import { IsInstant } from '../http/instant.decorator.js';
import { IsLine, IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'NewDelegation', description: 'Somebody votes for somebody who is away.' })
export class DelegationDto {
  @ApiPropertyOptional({
    description: 'Who is away; without it, you. For somebody else only an administrator says so.',
  })
  @IsOptional()
  @IsLine(200)
  readonly delegator?: string;

  @ApiProperty({ description: 'Who votes instead, by subject; needs a role that may decide.' })
  @IsLine(200)
  readonly delegate!: string;

  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  readonly from!: string;

  @ApiProperty({ format: 'date-time', description: 'At most 366 days later.' })
  @IsInstant()
  readonly until!: string;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}

@ApiSchema({ name: 'Delegation' })
export class DelegationView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly delegator!: string;
  @ApiProperty()
  readonly delegate!: string;
  @ApiProperty({ format: 'date-time' })
  readonly from!: string;
  @ApiProperty({ format: 'date-time' })
  readonly until!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly setAt!: string;
}

@ApiSchema({ name: 'Delegations' })
export class DelegationsView {
  @ApiProperty({ type: [DelegationView], description: 'In force or yet to come, the newest first; 200 at most.' })
  readonly items!: DelegationView[];
}

export function delegationView(row: DelegationRow): DelegationView {
  return {
    id: row.id,
    tenant: row.tenant_id,
    delegator: row.delegator,
    delegate: row.delegate,
    from: row.valid_from.toISOString(),
    until: row.valid_until.toISOString(),
    reason: row.reason,
    setBy: row.set_by,
    setAt: row.set_at.toISOString(),
  };
}
