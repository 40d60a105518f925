import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  RETENTION,
  RETAINED_OUTCOMES,
  type EndedOfOutcome,
  type OwnRetention,
  type RetainedOutcome,
  type RetentionRow,
} from '#libs/tenancy';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'RetentionOfOutcome' })
export class RetentionOfOutcomeView {
  @ApiProperty({ enum: RETAINED_OUTCOMES })
  readonly outcome!: RetainedOutcome;
  @ApiProperty({ type: 'integer', description: 'Kept so long after the end.' })
  readonly days!: number;
  @ApiProperty({ description: 'Set for this tenant; false: as usual.' })
  readonly own!: boolean;
  @ApiProperty({ type: 'integer' })
  readonly usual!: number;
  @ApiProperty({ type: 'integer', description: 'Fewer days are refused.' })
  readonly least!: number;
  @ApiProperty({ description: 'Why the usual days are what they are.' })
  readonly because!: string;
  @ApiProperty({ type: 'integer', description: 'Requests that are old enough and are being erased.' })
  readonly due!: number;
  @ApiProperty({ type: 'integer', description: 'Requests that are old enough, but kept by a legal hold.' })
  readonly held!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the next one is old enough.' })
  readonly nextAt!: string | null;
}

@ApiSchema({ name: 'Retention', description: 'How long a tenant’s ended requests are kept, with their runs.' })
export class RetentionView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when it is carried out; null: nothing is erased by its age yet. The first PUT begins it.',
  })
  readonly since!: string | null;
  @ApiProperty({ type: [RetentionOfOutcomeView] })
  readonly outcomes!: RetentionOfOutcomeView[];
  @ApiProperty({ type: String, nullable: true, description: 'Null while the usual days hold.' })
  readonly setBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly setAt!: string | null;
}

@ApiSchema({ name: 'RetentionPage' })
export class RetentionPageView implements Page<RetentionView> {
  @ApiProperty({ type: [RetentionView] })
  readonly items!: RetentionView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function retentionView(
  tenant: string,
  row: RetentionRow | undefined,
  ended: readonly EndedOfOutcome[],
): RetentionView {
  const days: OwnRetention = row?.days ?? {};
  const outcomes = ended.map(({ outcome, due, held, nextAt }): RetentionOfOutcomeView => {
    const { usual, least, because } = RETENTION[outcome];
    const own = days[outcome];
    return {
      ...{ outcome, days: own ?? usual, own: own !== undefined, usual, least, because },
      ...{ due, held, nextAt: nextAt?.toISOString() ?? null },
    };
  });
  return {
    ...{ tenant, since: row?.begun_at.toISOString() ?? null, outcomes },
    ...{ setBy: row?.set_by ?? null, setAt: row?.set_at?.toISOString() ?? null },
  };
}
