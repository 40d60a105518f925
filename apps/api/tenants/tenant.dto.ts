import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { IsLine, IsText } from '../http/text.decorators.js';
import { IsTimeZone } from './tenant-fields.decorators.js';

const LARGEST_VERSION = 2_147_483_646;

@ApiSchema({ name: 'TenantToCreate' })
export class TenantDto {
  @ApiProperty({
    pattern: '^[a-z][a-z0-9-]{1,39}$',
    example: 'muster',
    description: 'Stands in addresses and histories for good, and is never given again.',
  })
  @IsLine(40)
  readonly id!: string;

  @ApiProperty({ example: 'Muster GmbH', maxLength: 200 })
  @IsLine(200)
  readonly name!: string;

  @ApiProperty({ example: 'Europe/Berlin', description: 'IANA time zone.' })
  @IsTimeZone()
  readonly timeZone!: string;
}

/** The version that a change was made from, so that it does not overwrite somebody else's. */
export function Version(): PropertyDecorator {
  const description = 'The version that you read; another one is refused.';
  return applyDecorators(
    ApiProperty({ type: 'integer', minimum: 1, maximum: LARGEST_VERSION, description }),
    IsInt(),
    Min(1),
    Max(LARGEST_VERSION),
  );
}

@ApiSchema({ name: 'TenantToChange' })
export class TenantChangeDto {
  @Version()
  readonly version!: number;

  @ApiProperty({ maxLength: 200 })
  @IsLine(200)
  readonly name!: string;

  @ApiProperty({ example: 'Europe/Berlin', description: 'IANA time zone.' })
  @IsTimeZone()
  readonly timeZone!: string;
}

@ApiSchema({ name: 'TenancyReason' })
export class ReasonDto {
  @ApiProperty({ maxLength: 1000, description: 'Stands in the audit.' })
  @IsText(1000)
  readonly reason!: string;
}
