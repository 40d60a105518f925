import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ALGORITHMS, callbackPath, type StoredProvider } from '#libs/identity';
import type { Page } from '../http/cursor.js';
import { ClaimNamesDto, GroupRoleDto, SecondFactorDto, TenantClaimDto } from './identity-provider.dto.js';

@ApiSchema({ name: 'IdentityProvider', description: 'Where a tenant’s people and machines sign in.' })
export class IdentityProviderView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ format: 'uri' })
  readonly issuer!: string;
  @ApiProperty()
  readonly clientId!: string;
  @ApiProperty({ type: String, nullable: true, description: 'The secret’s name; its value is told to nobody.' })
  readonly secretRef!: string | null;
  @ApiProperty({ type: [String] })
  readonly mailDomains!: readonly string[];
  @ApiProperty({ type: String, nullable: true })
  readonly apiAudience!: string | null;
  @ApiProperty({ type: TenantClaimDto, nullable: true })
  readonly tenantClaim!: TenantClaimDto | null;
  @ApiProperty({ type: [String] })
  readonly scopes!: readonly string[];
  @ApiProperty({ type: ClaimNamesDto })
  readonly claims!: ClaimNamesDto;
  @ApiProperty({ type: [GroupRoleDto] })
  readonly roles!: readonly GroupRoleDto[];
  @ApiProperty({ type: SecondFactorDto })
  readonly secondFactor!: { readonly acr: readonly string[]; readonly amr: readonly string[] };
  @ApiProperty({ enum: ALGORITHMS, isArray: true })
  readonly algorithms!: readonly string[];
  @ApiProperty()
  readonly justInTime!: boolean;
  @ApiProperty({ type: 'integer' })
  readonly sessionIdleMinutes!: number;
  @ApiProperty({ type: 'integer' })
  readonly sessionHours!: number;
  @ApiProperty()
  readonly enabled!: boolean;
  @ApiProperty({ description: 'Where the issuer sends people back to: enter it there.' })
  readonly redirectUri!: string;
  @ApiProperty({ description: 'Where the issuer tells us that it ended a session: enter it there.' })
  readonly backChannelLogoutUri!: string;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly setAt!: string;
}

@ApiSchema({ name: 'IdentityProviderPage' })
export class IdentityProviderPageView implements Page<IdentityProviderView> {
  @ApiProperty({ type: [IdentityProviderView] })
  readonly items!: IdentityProviderView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function identityProviderView(
  { settings, setAt, ...provider }: StoredProvider,
  publicUrl: string,
): IdentityProviderView {
  return {
    ...provider,
    ...settings,
    redirectUri: publicUrl + callbackPath(provider),
    backChannelLogoutUri: `${publicUrl}/v1/sign-in/back-channel-logout`,
    setAt: setAt.toISOString(),
  };
}
