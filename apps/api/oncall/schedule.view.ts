import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type {
  DoubleBooking,
  Gap,
  Layer,
  OverrideRow,
  ScheduleRecord,
  ScheduleRow,
  Shift,
  ShortRest,
  SwapRow,
} from '#libs/oncall';

const TIME = { format: 'date-time' } as const;
const TIME_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;
const TEXT_OR_NULL = { type: String, nullable: true } as const;

@ApiSchema({ name: 'OnCallShift' })
export class ShiftView {
  @ApiProperty({ description: 'A subject.' })
  readonly person!: string;
  @ApiProperty(TIME)
  readonly from!: string;
  @ApiProperty({ ...TIME, description: 'Of the part that was asked for; the end does not belong to it.' })
  readonly to!: string;
  @ApiProperty({ description: 'The layer (its place, from 0) or the override that it comes from.' })
  readonly source!: string;
}

@ApiSchema({ name: 'OnCallGap', description: 'Nobody is on call.' })
export class GapView {
  @ApiProperty(TIME)
  readonly from!: string;
  @ApiProperty(TIME)
  readonly to!: string;
}

@ApiSchema({ name: 'OnCallLayer' })
export class LayerView {
  @ApiProperty({ type: [String] })
  readonly people!: readonly string[];
  @ApiProperty({ example: '2026-01-05' })
  readonly startsOn!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly endsOn!: string | null;
  @ApiProperty({ example: '08:00' })
  readonly handoverAt!: string;
  @ApiProperty({ type: 'integer' })
  readonly turnDays!: number;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  readonly hours!: object | null;
}

@ApiSchema({ name: 'OnCallOverride' })
export class OverrideView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly person!: string;
  @ApiProperty(TIME)
  readonly from!: string;
  @ApiProperty(TIME)
  readonly to!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly reason!: string | null;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'uuid', description: 'The swap that it is part of.' })
  readonly swapId!: string | null;
  @ApiProperty()
  readonly enteredBy!: string;
}

@ApiSchema({ name: 'OnCallSchedule' })
export class ScheduleView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty({ ...TIME, description: 'From when this version counts.' })
  readonly countsFrom!: string;
  @ApiProperty()
  readonly timezone!: string;
  @ApiProperty({ type: 'integer' })
  readonly restHours!: number;
  @ApiProperty({ type: [LayerView] })
  readonly layers!: LayerView[];
  @ApiProperty({ type: [OverrideView], description: 'Those that are not over, in the order of their entry.' })
  readonly overrides!: OverrideView[];
  @ApiProperty({ type: [GapView], description: 'A warning: spans of the next 14 days with nobody on call.' })
  readonly gaps!: GapView[];
}

@ApiSchema({ name: 'OnCallScheduleHead' })
export class ScheduleHeadView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
}

@ApiSchema({ name: 'OnCallSchedules' })
export class SchedulesView {
  @ApiProperty({ type: [ScheduleHeadView], description: 'By name; 200 at most.' })
  readonly items!: ScheduleHeadView[];
}

@ApiSchema({ name: 'OnCallDoubleBooking', description: 'Somebody is on call by two schedules at once.' })
export class DoubleBookingView {
  @ApiProperty()
  readonly person!: string;
  @ApiProperty(TIME)
  readonly from!: string;
  @ApiProperty(TIME)
  readonly to!: string;
  @ApiProperty({ format: 'uuid', description: 'The other schedule.' })
  readonly otherSchedule!: string;
}

@ApiSchema({ name: 'OnCallShortRest', description: 'A shift that begins before its person has rested.' })
export class ShortRestView {
  @ApiProperty()
  readonly person!: string;
  @ApiProperty({ ...TIME, description: 'When the call-out before it ended.' })
  readonly callOutEndedAt!: string;
  @ApiProperty({ type: ShiftView })
  readonly shift!: ShiftView;
  @ApiProperty({ type: 'number', description: 'Hours between the two.' })
  readonly restHours!: number;
  @ApiProperty({ ...TIME_OR_NULL, description: 'When the shift may begin instead; null when it is over by then.' })
  readonly laterStart!: string | null;
  @ApiProperty({ type: [String], description: 'Who of the schedule could take its beginning, rested themselves.' })
  readonly swapWith!: readonly string[];
}

@ApiSchema({ name: 'OnCallShifts' })
export class ShiftsView {
  @ApiProperty({ type: [ShiftView] })
  readonly shifts!: ShiftView[];
  @ApiProperty({ type: [GapView] })
  readonly gaps!: GapView[];
  @ApiProperty({ type: [DoubleBookingView] })
  readonly doubleBookings!: DoubleBookingView[];
  @ApiProperty({ type: [ShortRestView] })
  readonly shortRests!: ShortRestView[];
}

@ApiSchema({ name: 'OnCallNow' })
export class OnCallNowView {
  @ApiProperty({ format: 'uuid' })
  readonly schedule!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: ShiftView, nullable: true, description: 'Null: nobody is on call now.' })
  readonly now!: ShiftView | null;
  @ApiProperty({ type: ShiftView, nullable: true, description: 'Who comes next; null: nobody within 60 days.' })
  readonly next!: ShiftView | null;
}

@ApiSchema({ name: 'OnCallNowList' })
export class OnCallNowListView {
  @ApiProperty({ type: [OnCallNowView] })
  readonly items!: OnCallNowView[];
}

@ApiSchema({ name: 'OnCallSwap' })
export class SwapView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ format: 'uuid' })
  readonly schedule!: string;
  @ApiProperty()
  readonly giver!: string;
  @ApiProperty()
  readonly taker!: string;
  @ApiProperty({ type: GapView })
  readonly gives!: { readonly from: string; readonly to: string };
  @ApiProperty({ type: GapView, nullable: true })
  readonly takes!: { readonly from: string; readonly to: string } | null;
  @ApiProperty({ enum: ['proposed', 'accepted', 'refused'] })
  readonly status!: string;
  @ApiProperty()
  readonly proposedBy!: string;
  @ApiProperty(TIME_OR_NULL)
  readonly answeredAt!: string | null;
}

@ApiSchema({ name: 'OnCallSwaps' })
export class SwapsView {
  @ApiProperty({ type: [SwapView], description: 'The newest first; 200 at most.' })
  readonly items!: SwapView[];
}

export function written(at: number): string {
  return new Date(at).toISOString();
}

export function shiftView({ person, from, to, source }: Shift): ShiftView {
  return { person, from: written(from), to: written(to), source };
}

export function gapView({ from, to }: Gap): GapView {
  return { from: written(from), to: written(to) };
}

export function scheduleHeadView({ id, tenant_id: tenant, name, version }: ScheduleRow): ScheduleHeadView {
  return { id, tenant, name, version };
}

export function scheduleView(
  row: ScheduleRow,
  record: ScheduleRecord,
  overrides: readonly OverrideRow[],
  gaps: readonly Gap[],
): ScheduleView {
  const { countsFrom, timezone, layers } = record.versions.at(-1)!;
  return {
    ...scheduleHeadView(row),
    ...{ countsFrom: written(countsFrom), timezone, restHours: row.rest_hours },
    layers: layers.map(layerView),
    overrides: overrides.map(overrideView),
    gaps: gaps.map(gapView),
  };
}

function layerView({ people, startsOn, endsOn, handoverAt, turnDays, hours }: Layer): LayerView {
  return { people, startsOn, endsOn, handoverAt, turnDays, hours };
}

export function overrideView(row: OverrideRow): OverrideView {
  return {
    ...{ id: row.id, person: row.person, from: row.from_at.toISOString(), to: row.to_at.toISOString() },
    ...{ reason: row.reason, swapId: row.swap_id, enteredBy: row.entered_by },
  };
}

export function doubleBookingView({ person, from, to }: DoubleBooking, otherSchedule: string): DoubleBookingView {
  return { person, from: written(from), to: written(to), otherSchedule };
}

export function shortRestView({ shift, callOutEndedAt, laterStart, ...rest }: ShortRest): ShortRestView {
  return {
    ...{ person: rest.person, callOutEndedAt: written(callOutEndedAt), shift: shiftView(shift) },
    ...{ restHours: rest.restHours, swapWith: rest.swapWith },
    laterStart: laterStart === null ? null : written(laterStart),
  };
}

export function swapView(row: SwapRow): SwapView {
  return {
    ...{ id: row.id, schedule: row.schedule_id, giver: row.giver, taker: row.taker, status: row.status },
    gives: { from: row.gives_from.toISOString(), to: row.gives_to.toISOString() },
    takes:
      row.takes_from && row.takes_to ? { from: row.takes_from.toISOString(), to: row.takes_to.toISOString() } : null,
    ...{ proposedBy: row.proposed_by, answeredAt: row.answered_at?.toISOString() ?? null },
  };
}
