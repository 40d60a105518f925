import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Session } from '#libs/identity';

@ApiSchema({ name: 'Session', description: 'A sign-in that holds.' })
export class SessionView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: ['issuer', 'passkey', 'emergency'] })
  readonly method!: Session['method'];
  @ApiProperty({ type: String, nullable: true, description: 'The identity provider’s name.' })
  readonly provider!: string | null;
  @ApiProperty()
  readonly secondFactor!: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'What the browser called itself.' })
  readonly userAgent!: string | null;
  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: string;
  @ApiProperty({ format: 'date-time', description: 'To the minute.' })
  readonly lastSeenAt!: string;
  @ApiProperty({ format: 'date-time', description: 'When it ends unless something is done before.' })
  readonly idleEndsAt!: string;
  @ApiProperty({ format: 'date-time', description: 'When it ends in any case.' })
  readonly endsAt!: string;
  @ApiProperty({ description: 'Whether this call came with it.' })
  readonly isCurrent!: boolean;
}

@ApiSchema({ name: 'SessionList', description: 'All sessions that hold, the youngest first.' })
export class SessionListView {
  @ApiProperty({ type: [SessionView] })
  readonly items!: SessionView[];
}

export function sessionView(session: Session, current: string): SessionView {
  const { id, method, provider, secondFactor, userAgent } = session;
  return {
    id,
    method,
    provider,
    secondFactor,
    userAgent,
    startedAt: session.createdAt.toISOString(),
    lastSeenAt: session.lastSeenAt.toISOString(),
    idleEndsAt: session.idleEndsAt.toISOString(),
    endsAt: session.endsAt.toISOString(),
    isCurrent: id === current,
  };
}
