import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsInt, Max, Min, ValidateNested } from 'class-validator';
import {
  LEAST_RETENTION_DAYS,
  MOST_RETENTION_DAYS,
  RETAINED_OUTCOMES,
  type OwnRetention,
  type RetainedOutcome,
} from '#libs/tenancy';

@ApiSchema({ name: 'RetentionOfOutcomeToPut' })
export class RetentionOfOutcomeDto {
  @ApiProperty({ enum: RETAINED_OUTCOMES, example: 'failed' })
  @IsIn(RETAINED_OUTCOMES)
  readonly outcome!: RetainedOutcome;

  @ApiProperty({
    type: 'integer',
    minimum: LEAST_RETENTION_DAYS,
    maximum: MOST_RETENTION_DAYS,
    description: 'After the end. The least that an outcome allows may be more: see `least`.',
  })
  @IsInt()
  @Min(LEAST_RETENTION_DAYS)
  @Max(MOST_RETENTION_DAYS)
  readonly days!: number;
}

@ApiSchema({
  name: 'RetentionToPut',
  description: 'Replaces what a tenant has for itself; the other outcomes are as usual.',
})
export class RetentionDto {
  @ApiProperty({ type: [RetentionOfOutcomeDto], maxItems: RETAINED_OUTCOMES.length })
  @IsArray()
  @ArrayMaxSize(RETAINED_OUTCOMES.length)
  @ArrayUnique((one: RetentionOfOutcomeDto | null) => one?.outcome)
  @ValidateNested({ each: true })
  @Type(() => RetentionOfOutcomeDto)
  readonly outcomes!: RetentionOfOutcomeDto[];
}

export function ownRetention({ outcomes }: RetentionDto): OwnRetention {
  return Object.fromEntries(outcomes.map(({ outcome, days }) => [outcome, days]));
}
