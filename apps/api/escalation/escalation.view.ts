import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { AttemptRow, ChainRow, ChannelRow, EscalationEntryRow, EscalationRow, NotificationRow } from '#libs/sla';
import type { Chain, ChannelConfig, Trigger } from '#libs/sla/model';
import type { Page } from '../http/cursor.js';

const TEXT_OR_NULL = { type: String, nullable: true } as const;
const TIME = { type: String, format: 'date-time' } as const;
const TIME_OR_NULL = { ...TIME, nullable: true } as const;
const ANYTHING = { type: 'object', additionalProperties: true } as const;

@ApiSchema({ name: 'EscalationChain' })
export class ChainView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty({ type: 'array', items: ANYTHING })
  readonly steps!: readonly object[];
  @ApiProperty({ type: 'integer' })
  readonly repeat!: number;
  @ApiProperty({ type: 'integer', nullable: true })
  readonly acknowledgementMinutes!: number | null;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty(TIME)
  readonly setAt!: string;
}

@ApiSchema({ name: 'EscalationChains' })
export class ChainsView {
  @ApiProperty({ type: [ChainView] })
  readonly items!: ChainView[];
}

@ApiSchema({ name: 'EscalationTriggers' })
export class TriggersView {
  @ApiProperty({ type: 'integer', description: '0: nothing was said.' })
  readonly version!: number;
  @ApiProperty({ type: 'array', items: ANYTHING })
  readonly triggers!: readonly object[];
}

@ApiSchema({ name: 'Escalation' })
export class EscalationView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly ticket!: string;
  @ApiProperty({ ...ANYTHING, description: 'Whose chain it is, its name and version, frozen as it was.' })
  readonly chain!: object;
  @ApiProperty({ enum: ['warning', 'breach', 'alert', 'hand'] })
  readonly cause!: string;
  @ApiProperty({ enum: ['running', 'acknowledged', 'ended'] })
  readonly status!: string;
  @ApiProperty(TIME)
  readonly dueAt!: string;
  @ApiProperty()
  readonly startedBy!: string;
  @ApiProperty(TIME)
  readonly startedAt!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly conferenceUrl!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly acknowledgedBy!: string | null;
  @ApiProperty(TIME_OR_NULL)
  readonly acknowledgedAt!: string | null;
  @ApiProperty({ ...TIME_OR_NULL, description: 'When the acknowledgement expires.' })
  readonly acknowledgedUntil!: string | null;
  @ApiProperty(TIME_OR_NULL)
  readonly endedAt!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly endReason!: string | null;
}

@ApiSchema({ name: 'EscalationPage' })
export class EscalationPageView implements Page<EscalationView> {
  @ApiProperty({ type: [EscalationView] })
  readonly items!: EscalationView[];
  @ApiProperty(TEXT_OR_NULL)
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'EscalationDetails' })
export class EscalationDetailsView extends EscalationView {
  @ApiProperty({ type: 'array', items: ANYTHING, description: 'What happened: {at, kind, who, data}.' })
  readonly timeline!: readonly object[];
  @ApiProperty({ type: 'array', items: ANYTHING, description: 'Who was told, with every try.' })
  readonly notifications!: readonly object[];
}

@ApiSchema({ name: 'NotificationChannel' })
export class ChannelView {
  @ApiProperty({ format: 'uuid', description: 'Providers answer to /v1/notification-callbacks/{id}.' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty()
  readonly kind!: string;
  @ApiProperty({ ...ANYTHING, description: 'As it was put; secrets stand there by reference only.' })
  readonly config!: object;
}

@ApiSchema({ name: 'NotificationChannels' })
export class ChannelsView {
  @ApiProperty({ type: [ChannelView] })
  readonly items!: ChannelView[];
}

@ApiSchema({ name: 'SlaTimer', description: 'A ticket that should have been looked at.' })
export class TimerView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly ticket!: string;
  @ApiProperty({ enum: ['overdue', 'without_workflow'] })
  readonly why!: string;
  @ApiProperty(TIME)
  readonly since!: string;
  @ApiProperty({ type: 'integer', description: 'How often the reconciler has started or told its workflow.' })
  readonly restarts!: number;
}

@ApiSchema({ name: 'SlaTimers' })
export class TimersView {
  @ApiProperty({ type: [TimerView] })
  readonly items!: TimerView[];
}

export function chainView(row: ChainRow): ChainView {
  const { steps, repeat, acknowledgementMinutes } = row.chain as Chain;
  const { tenant_id: tenant, name, version, set_by: setBy } = row;
  return { tenant, name, version, steps, repeat, acknowledgementMinutes, setBy, setAt: row.set_at.toISOString() };
}

export function triggersView(row: { readonly version: number; readonly triggers: unknown } | undefined): TriggersView {
  return { version: row?.version ?? 0, triggers: (row?.triggers ?? []) as readonly Trigger[] };
}

export function escalationView(row: EscalationRow): EscalationView {
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return {
    ...{ id: row.id, tenant: row.tenant_id, ticket: row.ticket_id, cause: row.cause, status: row.status },
    chain: { tenant: row.chain_tenant, name: row.chain_name, version: row.chain_version, ...(row.chain as Chain) },
    ...{ dueAt: row.due_at.toISOString(), startedBy: row.started_by, startedAt: row.started_at.toISOString() },
    ...{ conferenceUrl: row.conference_url, acknowledgedBy: row.acknowledged_by },
    ...{ acknowledgedAt: iso(row.acknowledged_at), acknowledgedUntil: iso(row.acknowledged_until) },
    ...{ endedAt: iso(row.ended_at), endReason: row.end_reason },
  };
}

export function entryView({ at, kind, who, data }: EscalationEntryRow): object {
  return { at: at.toISOString(), kind, who, data };
}

export function notificationView(row: NotificationRow, attempts: readonly AttemptRow[]): object {
  return {
    ...{ id: row.id, kind: row.kind, round: row.round, step: row.step, recipient: row.recipient },
    ...{ recipientKind: row.recipient_kind, status: row.status, code: row.code },
    ...{ dueAt: row.due_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null },
    attempts: attempts
      .filter(({ notification_id }) => notification_id === row.id)
      .map(({ number, channel, began_at, ended_at, outcome, code }) => ({
        ...{ number, channel, outcome, code },
        ...{ beganAt: began_at.toISOString(), endedAt: ended_at?.toISOString() ?? null },
      })),
  };
}

export function channelView({ id, tenant_id: tenant, name, kind, config }: ChannelRow): ChannelView {
  return { id, tenant, name, kind, config: config as ChannelConfig };
}
