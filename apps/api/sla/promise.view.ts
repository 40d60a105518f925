import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { systemClock } from '#libs/kernel';
import type { NamedCalendar, CalendarRow, Move, Moves, PolicyRow, SlaChangeRow, TierRow, WhatIfShare } from '#libs/sla';
import { TARGET_KINDS } from '#libs/sla';

const TIME = { format: 'date-time' } as const;
const TIME_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;
const TEXT_OR_NULL = { type: String, nullable: true } as const;

/** What every version says of itself. */
class SavedView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty(TIME)
  readonly countsFrom!: string;
  @ApiProperty()
  readonly savedBy!: string;
  @ApiProperty(TIME)
  readonly savedAt!: string;
}

@ApiSchema({ name: 'NamedCalendar' })
export class NamedCalendarView extends SavedView {
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As it was put, with confirmed years.' })
  readonly calendar!: object;
  @ApiProperty({
    type: [Number],
    description: 'This year and the next, where a calendar with a region has no holidays that a person confirmed.',
  })
  readonly unconfirmedYears!: readonly number[];
}

@ApiSchema({ name: 'NamedCalendars' })
export class NamedCalendarsView {
  @ApiProperty({ type: [NamedCalendarView], description: 'The newest version of each; 200 at most.' })
  readonly items!: NamedCalendarView[];
}

@ApiSchema({ name: 'SlaPolicy' })
export class SlaPolicyView extends SavedView {
  @ApiProperty()
  readonly tier!: string;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As it was put.' })
  readonly policy!: object;
}

@ApiSchema({ name: 'SlaPolicies' })
export class SlaPoliciesView {
  @ApiProperty({ type: [SlaPolicyView], description: 'The newest version of each; 200 at most.' })
  readonly items!: SlaPolicyView[];
}

@ApiSchema({ name: 'SlaTier' })
export class TierView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'null: no SLA.' })
  readonly tier!: string | null;
  @ApiProperty({ type: 'integer', description: '0: nobody set one yet.' })
  readonly version!: number;
  @ApiProperty(TEXT_OR_NULL)
  readonly setBy!: string | null;
}

@ApiSchema({ name: 'SlaChange', description: 'A change of what is promised, and how far open tickets follow it.' })
export class ChangeView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: ['calendar', 'policy', 'tier'] })
  readonly kind!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty(TIME)
  readonly countsFrom!: string;
  @ApiProperty({ type: 'integer' })
  readonly ticketsMoved!: number;
  @ApiProperty({ ...TIME_OR_NULL, description: 'When all open tickets had followed; null: not yet.' })
  readonly doneAt!: string | null;
}

@ApiSchema({ name: 'SlaChanges' })
export class ChangesView {
  @ApiProperty({ type: [ChangeView], description: 'The newest first; 200 at most.' })
  readonly items!: ChangeView[];
}

@ApiSchema({ name: 'SlaMove', description: 'A deadline of an open ticket that would move.' })
export class MoveView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly ticketId!: string;
  @ApiProperty({ type: 'integer' })
  readonly number!: number;
  @ApiProperty({ enum: TARGET_KINDS })
  readonly kind!: string;
  @ApiProperty({ ...TIME_OR_NULL, description: 'null: there is none, or it waits.' })
  readonly from!: string | null;
  @ApiProperty(TIME_OR_NULL)
  readonly to!: string | null;
  @ApiProperty()
  readonly breachedBefore!: boolean;
  @ApiProperty()
  readonly breachedAfter!: boolean;
}

@ApiSchema({ name: 'SlaMoves' })
export class MovesView {
  @ApiProperty({ ...TIME, description: 'From when it would count.' })
  readonly countsFrom!: string;
  @ApiProperty({ type: 'integer', description: 'Open tickets that were looked at.' })
  readonly looked!: number;
  @ApiProperty({ description: 'There are more open tickets than were looked at.' })
  readonly more!: boolean;
  @ApiProperty({ type: [MoveView] })
  readonly moves!: MoveView[];
}

@ApiSchema({ name: 'SlaWhatIfShare' })
export class WhatIfShareView {
  @ApiProperty()
  readonly type!: string;
  @ApiProperty()
  readonly priority!: string;
  @ApiProperty({ enum: TARGET_KINDS })
  readonly kind!: string;
  @ApiProperty({ type: 'integer', description: 'Clocks that were counted; of updates each.' })
  readonly clocks!: number;
  @ApiProperty({ type: 'integer', description: 'How many of them were met.' })
  readonly metBefore!: number;
  @ApiProperty({ type: 'integer', description: 'How many would have been.' })
  readonly metThen!: number;
  @ApiProperty({ type: 'number', description: 'metThen ÷ clocks, in percent, to one place.' })
  readonly percentThen!: number;
}

@ApiSchema({ name: 'SlaWhatIfResult' })
export class WhatIfView {
  @ApiProperty({ type: 'integer' })
  readonly tickets!: number;
  @ApiProperty({ description: 'More tickets were closed in that span than were counted; those closed last were.' })
  readonly more!: boolean;
  @ApiProperty({ type: [WhatIfShareView] })
  readonly shares!: WhatIfShareView[];
}

export function calendarView(row: CalendarRow): NamedCalendarView {
  const { region, confirmed } = row.body as NamedCalendar;
  const year = systemClock.now().getUTCFullYear();
  const unconfirmedYears =
    region === null ? [] : [year, year + 1].filter((one) => !confirmed.some((word) => word.year === one));
  return { name: row.name, ...savedView(row), calendar: row.body as object, unconfirmedYears };
}

export function policyView(row: PolicyRow): SlaPolicyView {
  return { tier: row.tier, ...savedView(row), policy: row.body as object };
}

function savedView(row: CalendarRow | PolicyRow): SavedView {
  const { tenant_id: tenant, version, saved_by: savedBy } = row;
  return { tenant, version, savedBy, countsFrom: row.counts_from.toISOString(), savedAt: row.saved_at.toISOString() };
}

export function tierView(tenant: string, row: TierRow | undefined): TierView {
  return { tenant, tier: row?.tier ?? null, version: row?.version ?? 0, setBy: row?.set_by ?? null };
}

export function changeView(row: SlaChangeRow): ChangeView {
  return {
    ...{ id: row.id, tenant: row.tenant_id, kind: row.kind, name: row.name, ticketsMoved: row.tickets_moved },
    ...{ countsFrom: row.counts_from.toISOString(), doneAt: row.done_at?.toISOString() ?? null },
  };
}

export function movesView(countsFrom: number, { looked, more, moves }: Moves): MovesView {
  return { countsFrom: new Date(countsFrom).toISOString(), looked, more, moves: moves.map(moveView) };
}

function moveView({ from, to, ...move }: Move): MoveView {
  return { ...move, from: written(from), to: written(to) };
}

export function shareView(share: WhatIfShare): WhatIfShareView {
  return { ...share, percentThen: Math.round((share.metThen / share.clocks) * 1000) / 10 };
}

function written(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
