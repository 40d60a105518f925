import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { HELD, heldBecause, type Held, type Made, type Role } from '#libs/platform/access';
import type { Page } from '../http/cursor.js';
import type { ApiKeyRow } from './api-key.store.js';

const STATES = ['active', 'expired', 'revoked'] as const;

@ApiSchema({ name: 'ApiKey', description: 'What is known of a key; never the key itself.' })
export class ApiKeyView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'Who acts with it, as histories name it.' })
  readonly subject!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ type: [String], nullable: true, description: 'Null: all permissions of the role.' })
  readonly scopes!: string[] | null;
  @ApiProperty({ type: [String], nullable: true, description: 'With a key of the MSP; null: all customers.' })
  readonly customers!: string[] | null;
  @ApiProperty({ enum: STATES })
  readonly state!: (typeof STATES)[number];
  @ApiProperty({
    enum: HELD,
    nullable: true,
    description:
      'Why it does less than it was made for, or nothing: it does no more than its maker may now. Rotating it takes it over. Null: it does all of it.',
  })
  readonly held!: Held | null;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly createdBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly expiresAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'To the minute; null: never used.' })
  readonly lastUsedAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly revokedAt!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The key that took its place.' })
  readonly successor!: string | null;
}

@ApiSchema({ name: 'MadeApiKey', description: 'A new key, shown this once.' })
export class MadeApiKeyView extends ApiKeyView {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The key. Null when the call is repeated: it is kept nowhere. Rotate it if the first answer was lost.',
  })
  readonly key!: string | null;
}

@ApiSchema({ name: 'ApiKeyPage' })
export class ApiKeyPageView implements Page<ApiKeyView> {
  @ApiProperty({ type: [ApiKeyView] })
  readonly items!: ApiKeyView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function apiKeyView(row: ApiKeyRow): ApiKeyView {
  return {
    id: row.id,
    tenant: row.tenant_id,
    name: row.name,
    subject: row.subject,
    role: row.role,
    scopes: row.scopes,
    customers: row.covers,
    state: row.revoked_at ? 'revoked' : row.is_expired ? 'expired' : 'active',
    held: row.is_shut_out ? 'holder_locked' : heldBecause(madeFor(row), row.maker),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    successor: row.successor,
  };
}

/** A key for all customers counts as one for the MSP itself: only who holds that may make it (ADR 36). */
function madeFor({ tenant_id: tenant, kind, role, scopes, covers }: ApiKeyRow): Made {
  return { kind, grants: [{ role: role as Role, tenants: covers ?? [tenant] }], scopes };
}
