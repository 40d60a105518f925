import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { CONTACT_ROLES, type ContactRole, type ContactRow } from '#libs/tenancy';
import type { Page } from '../http/cursor.js';
import { PAGE_LANGUAGES, type PageLanguage } from '../http/html.js';

@ApiSchema({ name: 'Contact', description: 'Somebody at a customer whom one calls or writes to.' })
export class ContactView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: CONTACT_ROLES })
  readonly role!: ContactRole;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  readonly siteId!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly mail!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly phone!: string | null;
  @ApiProperty({ type: String, enum: PAGE_LANGUAGES, nullable: true })
  readonly language!: PageLanguage | null;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly externalReferences!: Record<string, string>;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty()
  readonly changedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly changedAt!: string;
}

@ApiSchema({ name: 'ContactPage' })
export class ContactPageView implements Page<ContactView> {
  @ApiProperty({ type: [ContactView] })
  readonly items!: ContactView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function contactView(row: ContactRow): ContactView {
  return {
    tenant: row.tenant_id,
    id: row.id,
    name: row.name,
    role: row.role,
    siteId: row.site_id,
    mail: row.mail,
    phone: row.phone,
    language: row.language,
    externalReferences: { ...row.external_references },
    version: row.version,
    changedBy: row.changed_by,
    changedAt: row.changed_at.toISOString(),
  };
}
