import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { EMERGENCY_CHANGES, type EmergencyChange } from '#libs/events';
import type { Alarm } from '#libs/identity';
import type { Page } from '../http/cursor.js';

const KINDS = ['emergency_account.used', 'emergency_account.refused', 'emergency_account.changed'] as const;

@ApiSchema({ name: 'AlarmedAccount' })
export class AlarmedAccountView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty()
  readonly displayName!: string;
}

@ApiSchema({ name: 'Alarm', description: 'Owners are told of it until one of them acknowledges it.' })
export class AlarmView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: KINDS })
  readonly kind!: (typeof KINDS)[number];
  @ApiProperty()
  readonly account!: AlarmedAccountView;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Null: nobody got in.' })
  readonly session!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why nobody got in.' })
  readonly refusal!: string | null;
  @ApiProperty({
    enum: EMERGENCY_CHANGES,
    type: String,
    nullable: true,
    description: 'What was changed about the account.',
  })
  readonly change!: EmergencyChange | null;
  @ApiProperty({ type: String, nullable: true, description: 'Who changed it.' })
  readonly changedBy!: string | null;
  @ApiProperty({ type: 'integer', description: 'How often it happened before it was acknowledged.' })
  readonly times!: number;
  @ApiProperty({ format: 'date-time' })
  readonly raisedAt!: string;
  @ApiProperty({ format: 'date-time' })
  readonly lastAt!: string;
  @ApiProperty({ type: 'integer', description: 'How often owners were told.' })
  readonly told!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly acknowledgedAt!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly acknowledgedBy!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
}

@ApiSchema({ name: 'AlarmPage' })
export class AlarmPageView implements Page<AlarmView> {
  @ApiProperty({ type: [AlarmView] })
  readonly items!: AlarmView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function alarmView(alarm: Alarm): AlarmView {
  const { id, tenant, kind, person, sessionId, refusal, change, changedBy, times, told, acknowledgedBy } = alarm;
  return {
    ...{ id, tenant, kind, account: { ...person }, session: sessionId, refusal, times, told, acknowledgedBy },
    ...{ change, changedBy },
    raisedAt: alarm.raisedAt.toISOString(),
    lastAt: alarm.lastAt.toISOString(),
    acknowledgedAt: alarm.acknowledgedAt?.toISOString() ?? null,
    reason: alarm.acknowledgedFor,
  };
}
