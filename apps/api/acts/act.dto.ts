import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { isLastWorkingAt } from '#libs/requests';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

export const ACTS = ['pause', 'resume', 'cancel', 'retry', 'skip', 'complete', 'reschedule', 'lock_out'] as const;
export type ActName = (typeof ACTS)[number];

@ApiSchema({ name: 'Act', description: 'A person’s intervention in a request or its run.' })
export class ActDto {
  @ApiProperty({ enum: ACTS })
  @IsIn(ACTS)
  readonly act!: ActName;

  @ApiProperty({ maxLength: 2000, description: 'Why. Stands on the run’s timeline with who did it.' })
  @IsText(2000)
  readonly reason!: string;

  @ApiPropertyOptional({
    maxLength: 100,
    description: 'Obligatory for `retry`, `skip` and `complete`; with `reschedule`: only this step.',
  })
  @IsOptional()
  @IsLine(100)
  readonly stepId?: string;

  @ApiPropertyOptional({ description: 'With `cancel`: take back what the run wrote.', default: false })
  @IsOptional()
  @IsBoolean()
  readonly undo?: boolean;

  @ApiPropertyOptional({
    description: 'With `reschedule`: the new time, local in the customer’s zone or with an offset.',
    example: '2026-12-31T17:00',
  })
  @IsOptional()
  @Rule('isLocalTime', (value) => typeof value === 'string' && isLastWorkingAt(value), 'must be a date with a time')
  readonly at?: string;

  @ApiPropertyOptional({
    maxLength: 500,
    description: 'With `lock_out` by somebody at the MSP: who asked for it, and how that was verified.',
  })
  @IsOptional()
  @IsLine(500)
  readonly verifiedCall?: string;
}

@ApiSchema({ name: 'ActOnRecord' })
export class ActView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: ACTS })
  readonly act!: ActName;
  @ApiProperty({ format: 'uuid' })
  readonly requestId!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  readonly runId!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly stepId!: string | null;
}
