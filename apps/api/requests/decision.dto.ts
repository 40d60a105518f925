import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Verdict } from '#libs/requests';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

/** A plan's hash. */
export function IsPlanHash(): PropertyDecorator {
  return Rule(
    'isHash',
    (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
    'must be the 64 hex digits of the plan’s hash',
  );
}

@ApiSchema({ name: 'Decision', description: 'A decision on the plan with this hash.' })
export class DecisionDto {
  @ApiProperty({ enum: ['approve', 'reject'] })
  @IsIn(['approve', 'reject'])
  readonly decision!: Verdict;

  @ApiProperty({ pattern: '^[0-9a-f]{64}$', description: 'The `planHash` of the plan that was read.' })
  @IsPlanHash()
  readonly planHash!: string;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;

  @ApiPropertyOptional({
    maxLength: 200,
    description:
      'For whom you vote as their stand-in. Left out: for yourself, or for whom you stand in if you are not asked.',
  })
  @IsOptional()
  @IsLine(200)
  readonly onBehalfOf?: string;
}
