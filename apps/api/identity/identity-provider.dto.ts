import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ALGORITHMS, DEFAULT_SETTINGS, type Algorithm, type Coverage, type GroupRole } from '#libs/identity';
import { CUSTOMER_ROLES, MSP_ROLES } from '#libs/platform/access';
import { IsLine, Rule } from '../http/text.decorators.js';

const ROLES = [...new Set([...MSP_ROLES, ...CUSTOMER_ROLES])];
const COVERAGES = ['home', 'all', 'group', 'tenant'] as const satisfies readonly Coverage[];
const { claims: CLAIMS, ...DEFAULTS } = DEFAULT_SETTINGS;

/** A list of single lines. */
function Lines(most: number, longest: number): PropertyDecorator {
  return (target, name) => {
    IsArray()(target, name as string);
    ArrayMaxSize(most)(target, name as string);
    ArrayUnique()(target, name as string);
    IsLine(longest, { each: true })(target, name);
  };
}

@ApiSchema({ name: 'ClaimNames', description: 'What of an issuer’s claims says what.' })
export class ClaimNamesDto {
  @ApiPropertyOptional({ default: CLAIMS.subject, description: 'Who somebody is for ever. With Entra ID: oid.' })
  @IsLine(200)
  readonly subject: string = CLAIMS.subject;
  @ApiPropertyOptional({ default: CLAIMS.userName })
  @IsLine(200)
  readonly userName: string = CLAIMS.userName;
  @ApiPropertyOptional({ default: CLAIMS.name })
  @IsLine(200)
  readonly name: string = CLAIMS.name;
  @ApiPropertyOptional({ default: CLAIMS.mail })
  @IsLine(200)
  readonly mail: string = CLAIMS.mail;
  @ApiPropertyOptional({ default: CLAIMS.groups })
  @IsLine(200)
  readonly groups: string = CLAIMS.groups;
}

@ApiSchema({ name: 'GroupRole', description: 'What the members of one of the issuer’s groups may be.' })
export class GroupRoleDto implements GroupRole {
  @ApiProperty({ description: 'As it stands in the claim.' })
  @IsLine(200)
  readonly group!: string;
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  readonly role!: GroupRole['role'];
  @ApiProperty({ enum: COVERAGES, description: 'Customers: home. The MSP: all customers, a group of them, or one.' })
  @IsIn(COVERAGES)
  readonly covers!: Coverage;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'The group’s or the customer’s id.' })
  @IsOptional()
  @IsLine(40)
  readonly coversId: string | null = null;
}

@ApiSchema({ name: 'SecondFactor', description: 'Either of these in a token proves a second factor.' })
export class SecondFactorDto {
  @ApiPropertyOptional({ type: [String], default: DEFAULTS.secondFactor.acr })
  @Lines(20, 200)
  readonly acr: string[] = [...DEFAULTS.secondFactor.acr];
  @ApiPropertyOptional({ type: [String], default: DEFAULTS.secondFactor.amr })
  @Lines(20, 200)
  readonly amr: string[] = [...DEFAULTS.secondFactor.amr];
}

@ApiSchema({ name: 'TenantClaim', description: 'Tells this tenant’s people from others at the same issuer.' })
export class TenantClaimDto {
  @ApiProperty({ example: 'tid' })
  @IsLine(200)
  readonly name!: string;
  @ApiProperty()
  @IsLine(200)
  readonly value!: string;
}

@ApiSchema({ name: 'IdentityProviderToPut', description: 'Where a tenant’s people and machines sign in.' })
export class IdentityProviderDto {
  @ApiProperty({ format: 'uri', description: 'Exactly as the issuer calls itself.' })
  @IsLine(500)
  readonly issuer!: string;
  @ApiProperty()
  @IsLine(200)
  readonly clientId!: string;
  @ApiPropertyOptional({ type: String, nullable: true, example: 'secret://sign-in-entra' })
  @IsOptional()
  @IsLine(200)
  readonly secretRef: string | null = null;
  @ApiPropertyOptional({ type: [String], description: 'Mail addresses of these domains lead here.' })
  @IsArray()
  @ArrayMaxSize(50)
  @ArrayUnique()
  @Rule(
    'isDomain',
    (value) => typeof value === 'string' && DOMAIN.test(value),
    'must be mail domains in small letters',
    {
      each: true,
    },
  )
  readonly mailDomains: string[] = [];
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Of access tokens for this API; null: takes none.',
  })
  @IsOptional()
  @IsLine(500)
  readonly apiAudience: string | null = null;
  @ApiPropertyOptional({ type: TenantClaimDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TenantClaimDto)
  readonly tenantClaim: TenantClaimDto | null = null;
  @ApiPropertyOptional({ type: [String], default: DEFAULTS.scopes })
  @Lines(30, 200)
  readonly scopes: string[] = [...DEFAULTS.scopes];
  @ApiPropertyOptional({ type: ClaimNamesDto })
  @IsObject()
  @ValidateNested()
  @Type(() => ClaimNamesDto)
  readonly claims: ClaimNamesDto = new ClaimNamesDto();
  @ApiProperty({ type: [GroupRoleDto] })
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => GroupRoleDto)
  readonly roles!: GroupRoleDto[];
  @ApiPropertyOptional({ type: SecondFactorDto })
  @IsObject()
  @ValidateNested()
  @Type(() => SecondFactorDto)
  readonly secondFactor: SecondFactorDto = new SecondFactorDto();
  @ApiPropertyOptional({ enum: ALGORITHMS, isArray: true, default: DEFAULTS.algorithms })
  @IsArray()
  @ArrayMaxSize(ALGORITHMS.length)
  @ArrayUnique()
  @IsIn(ALGORITHMS, { each: true })
  @Rule('isFilled', (value) => Array.isArray(value) && value.length > 0, 'must name one at least')
  readonly algorithms: Algorithm[] = [...DEFAULTS.algorithms];
  @ApiPropertyOptional({
    default: DEFAULTS.justInTime,
    description: 'Whoever signs in for the first time becomes a person.',
  })
  @IsBoolean()
  readonly justInTime: boolean = DEFAULTS.justInTime;
  @ApiPropertyOptional({ type: 'integer', minimum: 5, maximum: 480, default: DEFAULTS.sessionIdleMinutes })
  @IsInt()
  @Min(5)
  @Max(480)
  readonly sessionIdleMinutes: number = DEFAULTS.sessionIdleMinutes;
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 24, default: DEFAULTS.sessionHours })
  @IsInt()
  @Min(1)
  @Max(24)
  readonly sessionHours: number = DEFAULTS.sessionHours;
  @ApiPropertyOptional({ default: true })
  @IsBoolean()
  readonly enabled: boolean = true;
}

const DOMAIN = /^(?=.{3,190}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
