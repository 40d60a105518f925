import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Page } from '../http/cursor.js';
import { COVERS } from './granted-role.dto.js';
import type { GrantRow, PersonRow } from './person.store.js';

const STATES = ['active', 'locked', 'closed'] as const;

@ApiSchema({ name: 'RoleGrant' })
export class GrantView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ enum: COVERS })
  readonly covers!: (typeof COVERS)[number];
  @ApiProperty({ type: String, nullable: true })
  readonly coversId!: string | null;
  @ApiProperty({ enum: ['claim', 'manual'], description: '`claim`: by a group at the identity provider.' })
  readonly source!: 'claim' | 'manual';
  @ApiProperty()
  readonly grantedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly grantedAt!: string;
}

@ApiSchema({ name: 'Person', description: 'Somebody who signs in.' })
export class PersonView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ description: 'As histories name them.' })
  readonly subject!: string;
  @ApiProperty()
  readonly displayName!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly mail!: string | null;
  @ApiProperty({ enum: STATES, description: '`closed`: by the step of a run, or for good.' })
  readonly status!: (typeof STATES)[number];
  @ApiProperty({ enum: ['issuer', 'invitation', 'command', 'emergency'], description: 'How they got in.' })
  readonly source!: PersonRow['source'];
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Of an emergency account: its last use.',
  })
  readonly emergencyUsedAt!: string | null;
  @ApiProperty({ type: [GrantView] })
  readonly grants!: GrantView[];
}

@ApiSchema({ name: 'PersonPage' })
export class PersonPageView implements Page<PersonView> {
  @ApiProperty({ type: [PersonView] })
  readonly items!: PersonView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function personView(row: PersonRow, grants: readonly GrantRow[]): PersonView {
  return {
    id: row.id,
    tenant: row.tenant_id,
    subject: row.subject,
    displayName: row.display_name,
    mail: row.mail,
    status: row.status,
    source: row.source,
    createdAt: row.created_at.toISOString(),
    emergencyUsedAt: row.emergency_used_at?.toISOString() ?? null,
    grants: grants.filter((grant) => grant.person_id === row.id).map(grantView),
  };
}

export function grantView(row: GrantRow): GrantView {
  return {
    id: row.id,
    role: row.role,
    covers: row.covers,
    coversId: row.covers_id,
    source: row.source,
    grantedBy: row.granted_by,
    grantedAt: row.granted_at.toISOString(),
  };
}
