import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { LinkState, OneTimeLink } from '#libs/platform/secrets';

@ApiSchema({ name: 'HandOver', description: 'A one-time link that a step of the run sent. Never the link itself.' })
export class HandOverEntryView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ description: 'The step that sent it.' })
  readonly step!: string;
  @ApiProperty({
    enum: ['open', 'collected', 'revoked', 'expired'],
    description: '`expired`: nobody collected the password in time.',
  })
  readonly state!: LinkState;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  readonly expiresAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly collectedAt!: string | null;
}

@ApiSchema({ name: 'HandOvers' })
export class HandOversView {
  @ApiProperty({ type: [HandOverEntryView] })
  readonly items!: HandOverEntryView[];
}

export function handOverEntry(link: OneTimeLink): HandOverEntryView {
  return {
    id: link.id,
    step: link.stepId,
    state: link.state,
    createdAt: link.createdAt.toISOString(),
    expiresAt: link.expiresAt.toISOString(),
    collectedAt: link.collectedAt?.toISOString() ?? null,
  };
}
