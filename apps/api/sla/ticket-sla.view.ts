import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { TARGET_KINDS, type ExplainedClock, type Segment, type TargetWhy, type TicketLevels } from '#libs/sla';

const TIME = { format: 'date-time' } as const;
const TIME_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;
const TEXT_OR_NULL = { type: String, nullable: true } as const;
const NUMBER_OR_NULL = { type: Number, nullable: true } as const;

@ApiSchema({ name: 'SlaSource', description: 'A line of a version of a policy; whose it is, and its place from 0.' })
export class SourceView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly tier!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty({ type: 'integer' })
  readonly line!: number;
}

@ApiSchema({ name: 'SlaCalendarSource' })
export class CalendarSourceView {
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'null: `always`, which is nobody’s.' })
  readonly tenant!: string | null;
  @ApiProperty({ type: 'integer', nullable: true })
  readonly version!: number | null;
}

@ApiSchema({ name: 'SlaWhy', description: 'Why this target.' })
export class WhyView {
  @ApiProperty({
    enum: ['policy', 'agreed_date', 'none'],
    description: '`policy`: the line in `source`; `agreed_date`: both sides agreed; `none`: nobody promised anything.',
  })
  readonly kind!: string;
  @ApiProperty({ type: SourceView, nullable: true })
  readonly source!: SourceView | null;
  @ApiProperty({ type: [SourceView], description: 'What would have held instead, the next first.' })
  readonly beats!: readonly SourceView[];
  @ApiProperty({ type: CalendarSourceView, nullable: true })
  readonly calendar!: CalendarSourceView | null;
}

@ApiSchema({
  name: 'SlaSegment',
  description: 'When the clock ran or stood still; what lies between was out of hours.',
})
export class SegmentView {
  @ApiProperty({ enum: ['running', 'paused'] })
  readonly state!: string;
  @ApiProperty(TIME)
  readonly from!: string;
  @ApiProperty(TIME)
  readonly to!: string;
  @ApiProperty({ type: Number, description: 'Minutes of service in it.' })
  readonly businessMinutes!: number;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'Of a pause: the status that stopped it.' })
  readonly status!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly by!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly reason!: string | null;
}

@ApiSchema({ name: 'SlaClock' })
export class ClockView {
  @ApiProperty({ enum: TARGET_KINDS, description: 'Of the update there is one for each answer.' })
  readonly kind!: string;
  @ApiProperty({ enum: ['running', 'paused', 'stopped'] })
  readonly state!: string;
  @ApiProperty({ ...NUMBER_OR_NULL, description: 'Business minutes; null for an agreed date.' })
  readonly targetMinutes!: number | null;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'Of its calendar.' })
  readonly timezone!: string | null;
  @ApiProperty({ type: WhyView })
  readonly why!: WhyView;
  @ApiProperty(TIME)
  readonly startedAt!: string;
  @ApiProperty(TIME_OR_NULL)
  readonly stoppedAt!: string | null;
  @ApiProperty({ ...TIME_OR_NULL, description: 'null while it is paused before.' })
  readonly dueAt!: string | null;
  @ApiProperty({ ...TIME_OR_NULL, description: 'When 75 % are used up.' })
  readonly warnAt!: string | null;
  @ApiProperty({ type: Number })
  readonly elapsedMinutes!: number;
  @ApiProperty({ type: Number, description: 'Negative once overdue.' })
  readonly remainingMinutes!: number;
  @ApiProperty()
  readonly breached!: boolean;
  @ApiProperty(TIME_OR_NULL)
  readonly breachedAt!: string | null;
  @ApiProperty({ type: [SegmentView] })
  readonly segments!: SegmentView[];
}

@ApiSchema({ name: 'SlaWithout', description: 'What is not promised, and why.' })
export class WithoutView {
  @ApiProperty({ enum: TARGET_KINDS })
  readonly kind!: string;
  @ApiProperty({ type: WhyView })
  readonly why!: WhyView;
}

@ApiSchema({ name: 'SlaLiftedBreach', description: 'A breach that a later change took back.' })
export class LiftedView {
  @ApiProperty({ enum: TARGET_KINDS })
  readonly kind!: string;
  @ApiProperty(TIME)
  readonly breachedAt!: string;
  @ApiProperty(TIME)
  readonly liftedAt!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly by!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly reason!: string | null;
}

@ApiSchema({ name: 'TicketSla' })
export class TicketSlaView {
  @ApiProperty({ enum: ['live', 'frozen'], description: '`frozen`: as it was when the ticket was closed, for good.' })
  readonly state!: string;
  @ApiProperty({ ...TIME, description: 'As of when.' })
  readonly readAt!: string;
  @ApiProperty({ type: [ClockView] })
  readonly clocks!: ClockView[];
  @ApiProperty({ type: [WithoutView] })
  readonly without!: WithoutView[];
  @ApiProperty({ type: [LiftedView] })
  readonly lifted!: LiftedView[];
}

export function ticketSlaView({ state, readAt, clocks, without, lifted }: TicketLevels): TicketSlaView {
  return {
    ...{ state, readAt: written(readAt)! },
    clocks: clocks.map(clockView),
    without: without.map(({ kind, why }) => ({ kind, why: whyView(why) })),
    lifted: lifted.map(({ by, reason, ...one }) => ({
      ...{ kind: one.kind, breachedAt: written(one.breachedAt)!, liftedAt: written(one.liftedAt)! },
      ...{ by: by ?? null, reason: reason ?? null },
    })),
  };
}

function clockView(clock: ExplainedClock): ClockView {
  return {
    ...{ kind: clock.kind, state: clock.state, targetMinutes: clock.targetMinutes, timezone: clock.timezone },
    ...{ why: whyView(clock.why), startedAt: written(clock.startedAt)!, stoppedAt: written(clock.stoppedAt) },
    ...{ dueAt: written(clock.dueAt), warnAt: written(clock.warnAt), elapsedMinutes: clock.elapsedMinutes },
    ...{ remainingMinutes: clock.remainingMinutes, breached: clock.breached, breachedAt: written(clock.breachedAt) },
    segments: clock.segments.map(segmentView),
  };
}

function segmentView({ state, from, to, businessMinutes, status, by, reason }: Segment): SegmentView {
  const who = { status: status ?? null, by: by ?? null, reason: reason ?? null };
  return { state, from: written(from)!, to: written(to)!, businessMinutes, ...who };
}

function whyView(why: TargetWhy): WhyView {
  if (why.kind !== 'policy') return { kind: why.kind, source: null, beats: [], calendar: null };
  const { tenant, tier, version, line, beats, calendar } = why;
  return { kind: why.kind, source: { tenant, tier, version, line }, beats, calendar };
}

/** RFC 3339 in UTC, without a fraction where there is none. */
function written(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
}
