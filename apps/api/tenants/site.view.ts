import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { SiteRow } from '#libs/tenancy';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'Site', description: 'A place of a customer’s.' })
export class SiteView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly street!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly postalCode!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly city!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly country!: string | null;
  @ApiProperty()
  readonly timeZone!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty()
  readonly changedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly changedAt!: string;
}

@ApiSchema({ name: 'SitePage' })
export class SitePageView implements Page<SiteView> {
  @ApiProperty({ type: [SiteView] })
  readonly items!: SiteView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function siteView(row: SiteRow): SiteView {
  return {
    tenant: row.tenant_id,
    id: row.id,
    name: row.name,
    street: row.street,
    postalCode: row.postal_code,
    city: row.city,
    country: row.country,
    timeZone: row.time_zone,
    version: row.version,
    changedBy: row.changed_by,
    changedAt: row.changed_at.toISOString(),
  };
}
