import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { BOUNDS, LIMIT_NAMES, type LimitName, type OwnLimits } from '#libs/platform/limits';
import { Rule } from '../http/text.decorators.js';

@ApiSchema({ name: 'LimitToPut' })
export class LimitDto {
  @ApiProperty({ enum: LIMIT_NAMES, example: 'read.key' })
  @IsIn(LIMIT_NAMES)
  readonly name!: LimitName;

  @ApiPropertyOptional({
    type: 'number',
    minimum: BOUNDS.rate.least,
    maximum: BOUNDS.rate.most,
    description: 'Calls a second in the long run. Not for calls under way.',
  })
  @IsOptional()
  @Rule('isRate', isRate, `must be a number from ${BOUNDS.rate.least} to ${BOUNDS.rate.most}`)
  readonly perSecond?: number;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: BOUNDS.burst.most,
    description: 'Calls in one go, or under way at once.',
  })
  @IsInt()
  @Min(1)
  @Max(BOUNDS.burst.most)
  readonly most!: number;
}

@ApiSchema({
  name: 'LimitsToPut',
  description: 'Replaces the limits that a tenant has for itself; the others are as usual.',
})
export class LimitsDto {
  @ApiProperty({ type: [LimitDto], maxItems: LIMIT_NAMES.length })
  @IsArray()
  @ArrayMaxSize(LIMIT_NAMES.length)
  @ArrayUnique((limit: LimitDto | null) => limit?.name)
  @ValidateNested({ each: true })
  @Type(() => LimitDto)
  readonly limits!: LimitDto[];
}

function isRate(value: unknown): boolean {
  return typeof value === 'number' && value >= BOUNDS.rate.least && value <= BOUNDS.rate.most;
}

/** The body as limits; a rate without calls a second, or slots with them, are left for `sensibleLimits` to refuse. */
export function ownLimits({ limits }: LimitsDto): OwnLimits {
  const isSlot = ({ name }: LimitDto): boolean => name.startsWith('under_way.');
  return {
    rates: Object.fromEntries(
      limits.filter((one) => !isSlot(one)).map((one) => [one.name, { perSecond: one.perSecond ?? 0, most: one.most }]),
    ),
    slots: Object.fromEntries(
      limits.filter(isSlot).map((one) => [one.name, one.perSecond === undefined ? one.most : NaN]),
    ),
  };
}
