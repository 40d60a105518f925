import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Invitation, InvitationState } from '#libs/identity';
import type { Page } from '../http/cursor.js';
import { COVERS } from '../people/granted-role.dto.js';

const STATES = ['open', 'accepted', 'withdrawn', 'expired'] as const satisfies readonly InvitationState[];

@ApiSchema({ name: 'InvitationGrant' })
export class InvitationGrantView {
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ enum: COVERS })
  readonly covers!: (typeof COVERS)[number];
  @ApiProperty({ type: String, nullable: true })
  readonly coversId!: string | null;
}

@ApiSchema({ name: 'Invitation', description: 'An invitation; never its link.' })
export class InvitationView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly mail!: string | null;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: ['de', 'en'] })
  readonly language!: 'de' | 'en';
  @ApiProperty({ type: [InvitationGrantView] })
  readonly grants!: InvitationGrantView[];
  @ApiProperty({ enum: STATES })
  readonly state!: InvitationState;
  @ApiProperty({ type: 'integer', description: 'How often it was sent.' })
  readonly sent!: number;
  @ApiProperty()
  readonly invitedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  readonly expiresAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly acceptedAt!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Who they are, once they accepted.' })
  readonly person!: string | null;
}

@ApiSchema({ name: 'InvitationPage' })
export class InvitationPageView implements Page<InvitationView> {
  @ApiProperty({ type: [InvitationView] })
  readonly items!: InvitationView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function invitationView(row: Invitation): InvitationView {
  const { id, tenant, mail, name, language, state, number: sent, invitedBy } = row;
  return {
    ...{ id, tenant, mail, name, language, state, sent, invitedBy },
    grants: row.grants.map(({ role, covers, coversId }) => ({ role, covers, coversId })),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    acceptedAt: row.acceptedAt?.toISOString() ?? null,
    person: row.acceptedAt ? row.personId : null,
  };
}
