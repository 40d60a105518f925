import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { FETCH_DAYS, isDay, RETENTION_DAYS } from '#libs/tenancy';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

const OPEN_RUNS = ['finish', 'cancel'] as const;

@ApiSchema({ name: 'CustomerOffboardingToStart' })
export class OffboardingDto {
  @ApiProperty({ format: 'date', example: '2026-12-31', description: 'The last day, in the customer’s time zone.' })
  @Rule('isDay', (value) => typeof value === 'string' && isDay(value), 'must be a day, YYYY-MM-DD')
  readonly lastDay!: string;

  @ApiProperty({ maxLength: 1000 })
  @IsText(1000)
  readonly reason!: string;

  @ApiProperty({ enum: OPEN_RUNS, description: 'What becomes of requests and runs that are open then.' })
  @IsIn(OPEN_RUNS)
  readonly openRuns!: (typeof OPEN_RUNS)[number];

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 0, maximum: 365, default: FETCH_DAYS },
    description: 'So many days after the last one the customer’s administrator may still fetch the handover.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(365)
  readonly fetchDays?: number;

  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 0, maximum: 3650, default: RETENTION_DAYS },
    description: 'So many days after our access was proven gone the data is kept.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(3650)
  readonly retentionDays?: number;
}

@ApiSchema({ name: 'AccessConfirmation' })
export class AccessConfirmationDto {
  @ApiProperty({ maxLength: 300, example: 'system/directory', description: 'An entry of the access list.' })
  @IsLine(300)
  readonly entry!: string;

  @ApiProperty({ maxLength: 1000, description: 'How you know that our access is gone. Stands in the list.' })
  @IsText(1000)
  readonly reason!: string;
}
