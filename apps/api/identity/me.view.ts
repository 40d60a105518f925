import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { CUSTOMER_ROLES, MSP_ROLES, type Actor, type Role } from '#libs/platform/access';
import { SessionView } from './session.view.js';

const ROLES = [...new Set([...MSP_ROLES, ...CUSTOMER_ROLES])];

@ApiSchema({ name: 'OwnRole', description: 'A role and the tenants it holds for.' })
export class OwnRoleView {
  @ApiProperty({ enum: ROLES })
  readonly role!: Role;
  @ApiProperty({ type: [String] })
  readonly tenants!: string[];
}

@ApiSchema({ name: 'Me', description: 'Who calls, and what they may do where.' })
export class MeView {
  @ApiProperty({ description: 'The name in histories.', example: 'petra.vogelsang@muster' })
  readonly subject!: string;
  @ApiProperty({ description: 'Where you belong.' })
  readonly tenant!: string;
  @ApiProperty({ enum: ['msp', 'customer'] })
  readonly kind!: Actor['kind'];
  @ApiProperty({ type: String, nullable: true, description: 'Null for keys and machines that are nobody’s.' })
  readonly displayName!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly mail!: string | null;
  @ApiProperty({ enum: ['de', 'en', null], type: String, nullable: true })
  readonly language!: 'de' | 'en' | null;
  @ApiProperty({ enum: ['api_key', 'session', 'token'] })
  readonly method!: Actor['method'];
  @ApiProperty()
  readonly secondFactor!: boolean;
  @ApiProperty({ type: [OwnRoleView] })
  readonly roles!: OwnRoleView[];
  @ApiProperty({ type: [String], nullable: true, description: 'What this key or token is limited to; null: all.' })
  readonly scopes!: string[] | null;
  @ApiProperty({ type: SessionView, nullable: true, description: 'Null with a key or token.' })
  readonly session!: SessionView | null;
}

@ApiSchema({ name: 'SignedOut' })
export class SignedOutView {
  @ApiProperty({
    type: String,
    format: 'uri',
    nullable: true,
    description: 'Go there to end the issuer’s own session as well; null where it has none.',
  })
  readonly endSessionUrl!: string | null;
}
