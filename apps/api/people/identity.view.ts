import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { PersonIdentity } from '#libs/identity';

@ApiSchema({ name: 'PersonIdentity', description: 'Who a person is at an identity provider.' })
export class IdentityView {
  @ApiProperty()
  readonly provider!: string;
  @ApiProperty()
  readonly issuer!: string;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null: it came by the first sign-in.' })
  readonly linkedBy!: string | null;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly lastSignInAt!: string | null;
}

@ApiSchema({ name: 'PersonIdentityList' })
export class IdentityListView {
  @ApiProperty({ type: [IdentityView] })
  readonly items!: IdentityView[];
}

export function identityView(identity: PersonIdentity): IdentityView {
  const { provider, issuer, subject, linkedBy, createdAt, lastSignInAt } = identity;
  return {
    ...{ provider, issuer, subject, linkedBy },
    createdAt: createdAt.toISOString(),
    lastSignInAt: lastSignInAt?.toISOString() ?? null,
  };
}
