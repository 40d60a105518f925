import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ExportRow, ReleaseRow } from '#libs/tenancy';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

@ApiSchema({ name: 'TenantExportToBuild' })
export class ExportDto {
  @ApiProperty({
    maxLength: 4000,
    example: 'age1…',
    description: 'The receiver’s age recipient, as `age-keygen -y` gives it.',
  })
  @IsLine(4000)
  readonly recipient!: string;

  @ApiProperty({ maxLength: 1000 })
  @IsText(1000)
  readonly reason!: string;
}

@ApiSchema({ name: 'TenantExportRelease' })
export class ReleaseDto {
  @ApiProperty({ pattern: '^[0-9a-f]{64}$', description: 'The hash of the export that you release.' })
  @Rule('isHash', (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'must be the export’s hash')
  readonly hash!: string;
}

@ApiSchema({ name: 'TenantExportReleased' })
export class ReleaseView {
  @ApiProperty({ enum: ['msp', 'customer'] })
  readonly side!: 'msp' | 'customer';
  @ApiProperty()
  readonly by!: string;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

@ApiSchema({ name: 'TenantExport', description: 'Everything of a customer’s, encrypted to the receiver’s key.' })
export class ExportView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly recipient!: string;
  @ApiProperty({ enum: ['building', 'ready', 'gone'] })
  readonly status!: 'building' | 'ready' | 'gone';
  @ApiProperty()
  readonly requestedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly requestedAt!: string;
  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of its manifest: what releases bind to.' })
  readonly hash!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  readonly manifest!: Record<string, unknown> | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly availableUntil!: string | null;
  @ApiProperty({ type: [ReleaseView], description: 'Both sides are needed before it can be downloaded.' })
  readonly releases!: ReleaseView[];
}

@ApiSchema({ name: 'TenantExportList' })
export class ExportListView {
  @ApiProperty({ type: [ExportView] })
  readonly items!: ExportView[];
}

export function exportView(row: ExportRow, releases: readonly ReleaseRow[]): ExportView {
  return {
    tenant: row.tenant_id,
    id: row.id,
    recipient: row.recipient,
    status: row.status,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    hash: row.hash,
    manifest: row.manifest === null ? null : (JSON.parse(row.manifest) as Record<string, unknown>),
    availableUntil: row.available_until?.toISOString() ?? null,
    releases: releases.map((one) => ({ side: one.side, by: one.released_by, at: one.released_at.toISOString() })),
  };
}
