import { ApiProperty, ApiSchema } from '@nestjs/swagger';

const INSTANT = { type: String, format: 'date-time' } as const;

/** What a clock shows. Instants are UTC. */
@ApiSchema({ name: 'SlaPreview' })
export class PreviewView {
  @ApiProperty({
    ...INSTANT,
    nullable: true,
    description: 'When the target is reached; null while the clock is paused before.',
  })
  readonly dueAt!: string | null;

  @ApiProperty({ type: 'number', description: 'Minutes of service that have passed.' })
  readonly elapsedMinutes!: number;

  @ApiProperty({ type: 'number', description: 'Negative once overdue.' })
  readonly remainingMinutes!: number;

  @ApiProperty()
  readonly breached!: boolean;

  @ApiProperty({ ...INSTANT, nullable: true })
  readonly breachedAt!: string | null;

  @ApiProperty({ ...INSTANT, nullable: true, description: 'When 75 % of the target are reached.' })
  readonly warnAt!: string | null;
}
