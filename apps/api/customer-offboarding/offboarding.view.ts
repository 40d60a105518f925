import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { accessEntry, howOf, type AccessRow, type OffboardingRow } from '#libs/tenancy';

const STATUSES = ['requested', 'announced', 'closed', 'proven', 'due', 'erasing', 'cancelled'] as const;
const STATES = ['to_prove', 'gone', 'still_open', 'unknown', 'unproven', 'confirmed', 'none', 'closed_here'] as const;
const instant = { type: String, format: 'date-time', nullable: true } as const;
const somebody = { type: String, nullable: true } as const;
const anything = { type: 'object', additionalProperties: true, nullable: true } as const;

@ApiSchema({
  name: 'AccessEntry',
  description: 'What we held at one place of the customer, and how it was proven gone.',
})
export class AccessEntryView {
  @ApiProperty({ example: 'system/directory' })
  readonly entry!: string;
  @ApiProperty()
  readonly kind!: string;
  @ApiProperty(somebody)
  readonly host!: string | null;
  @ApiProperty({ ...somebody, description: 'The account that we signed in with.' })
  readonly account!: string | null;
  @ApiProperty(somebody)
  readonly secretRef!: string | null;
  @ApiProperty({ enum: STATES })
  readonly state!: (typeof STATES)[number];
  @ApiProperty({ description: 'The same in words that claim no more than is known.' })
  readonly how!: string;
  @ApiProperty(anything)
  readonly evidence!: Record<string, unknown> | null;
  @ApiProperty({ type: 'integer' })
  readonly probes!: number;
  @ApiProperty(instant)
  readonly probedAt!: string | null;
  @ApiProperty(somebody)
  readonly confirmedBy!: string | null;
  @ApiProperty(instant)
  readonly confirmedAt!: string | null;
  @ApiProperty(somebody)
  readonly confirmReason!: string | null;
  @ApiProperty({ ...instant, description: 'When what was stored of the credential was destroyed.' })
  readonly destroyedAt!: string | null;
}

@ApiSchema({ name: 'CustomerOffboardingStage' })
export class StageView {
  @ApiProperty({
    enum: [
      'requested',
      'confirmed',
      'cancelled',
      'closed',
      'fetching_closed',
      'proven',
      'erasure_withdrawn',
      'erasure_requested',
      'erasure_confirmed',
    ],
  })
  readonly stage!: string;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ ...somebody, description: 'Who; null: time or the engine.' })
  readonly by!: string | null;
  @ApiProperty(somebody)
  readonly reason!: string | null;
}

@ApiSchema({ name: 'OpenRequestAtLeave' })
export class OpenRequestView {
  @ApiProperty({ format: 'uuid' })
  readonly request!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  readonly run!: string | null;
  @ApiProperty()
  readonly status!: string;
}

@ApiSchema({ name: 'CustomerOffboarding' })
export class OffboardingView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: STATUSES })
  readonly status!: (typeof STATUSES)[number];
  @ApiProperty({ format: 'date' })
  readonly lastDay!: string;
  @ApiProperty({ format: 'date-time', description: 'When the last day is over.' })
  readonly closesAt!: string;
  @ApiProperty({ enum: ['finish', 'cancel'] })
  readonly openRuns!: 'finish' | 'cancel';
  @ApiProperty({ type: 'integer' })
  readonly retentionDays!: number;
  @ApiProperty({ ...instant, description: 'Until then the customer’s administrator may fetch the handover.' })
  readonly fetchUntil!: string | null;
  @ApiProperty({ ...instant, description: 'From then on it may be erased.' })
  readonly eraseAfter!: string | null;
  @ApiProperty({ ...anything, description: 'Why it stands still.' })
  readonly held!: Record<string, unknown> | null;
  @ApiProperty({ ...anything, description: 'What was closed, and how many.' })
  readonly closed!: Record<string, unknown> | null;
  @ApiProperty({ type: [OpenRequestView], nullable: true, description: 'What was open when access closed.' })
  readonly openRequests!: OpenRequestView[] | null;
  @ApiProperty({ type: [StageView] })
  readonly stages!: StageView[];
  @ApiProperty({ type: [AccessEntryView] })
  readonly access!: AccessEntryView[];
}

export function offboardingView(row: OffboardingRow, access: readonly AccessRow[]): OffboardingView {
  return {
    ...{ tenant: row.tenant_id, id: row.id, status: row.status, lastDay: row.last_day },
    ...{ closesAt: row.closes_at.toISOString(), openRuns: row.open_runs, retentionDays: row.retention_days },
    fetchUntil: row.fetch_until?.toISOString() ?? null,
    eraseAfter: row.erase_after?.toISOString() ?? null,
    held: row.held,
    closed: row.closed,
    openRequests: row.open_requests === null ? null : row.open_requests.map((one) => ({ ...one })),
    stages: stagesOf(row),
    access: access.map((one) => {
      const entry = accessEntry(one);
      return { ...entry, evidence: one.evidence, how: howOf(entry) };
    }),
  };
}

function stagesOf(row: OffboardingRow): StageView[] {
  const all: readonly (readonly [string, Date | null, string | null, string | null])[] = [
    ['requested', row.requested_at, row.requested_by, row.reason],
    ['confirmed', row.confirmed_at, row.confirmed_by, null],
    ['cancelled', row.cancelled_at, row.cancelled_by, row.cancel_reason],
    ['closed', row.closed_at, null, null],
    ['fetching_closed', row.fetch_closed_at, null, null],
    ['proven', row.proven_at, null, null],
    // of two that stand side by side the asking is the later one
    ['erasure_withdrawn', row.erasure_withdrawn_at, row.erasure_withdrawn_by, row.erasure_withdraw_reason],
    ['erasure_requested', row.erasure_requested_at, row.erasure_requested_by, row.erasure_reason],
    ['erasure_confirmed', row.erasure_confirmed_at, row.erasure_confirmed_by, null],
  ];
  return all.flatMap(([stage, at, by, reason]) => (at === null ? [] : [{ stage, at: at.toISOString(), by, reason }]));
}
