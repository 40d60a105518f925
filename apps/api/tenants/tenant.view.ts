import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { TenantRow, TenantStatus } from '#libs/tenancy';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'Tenant', description: 'The MSP itself, or one of its customers.' })
export class TenantView {
  @ApiProperty()
  readonly id!: string;
  @ApiProperty({ enum: ['msp', 'customer'] })
  readonly kind!: 'msp' | 'customer';
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'IANA time zone.' })
  readonly timeZone!: string;
  @ApiProperty({ enum: ['active', 'suspended', 'offboarding', 'erased'] })
  readonly status!: TenantStatus;
  @ApiProperty({ type: String, nullable: true })
  readonly statusReason!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly statusAt!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when requests are taken; null: not live.',
  })
  readonly liveSince!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'Until when a customer from before agreements were recorded is served without one; then it is not live. Recording one ends the term.',
  })
  readonly agreementDue!: string | null;
  @ApiProperty({
    type: [String],
    enum: ['agreement'],
    description: 'What is missing before requests are taken, or go on being taken.',
  })
  readonly missing!: string[];
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

@ApiSchema({ name: 'TenantPage' })
export class TenantPageView implements Page<TenantView> {
  @ApiProperty({ type: [TenantView] })
  readonly items!: TenantView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function tenantView(row: TenantRow): TenantView {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    timeZone: row.time_zone,
    status: row.status,
    statusReason: row.status_reason,
    statusAt: row.status_at?.toISOString() ?? null,
    liveSince: row.live_since?.toISOString() ?? null,
    agreementDue: row.agreement_due?.toISOString() ?? null,
    missing: row.kind === 'customer' && (row.live_since === null || row.agreement_due) ? ['agreement'] : [],
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}
