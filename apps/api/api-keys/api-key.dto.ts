import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { CUSTOMER_ROLES, MSP_ROLES, permissions, type Permission, type Role } from '#libs/platform/access';
import { IsLine } from '../http/text.decorators.js';

const ROLES = [...new Set<Role>([...MSP_ROLES, ...CUSTOMER_ROLES])];
const PERMISSIONS = Object.keys(permissions) as Permission[];
export const LONGEST_LIFE_DAYS = 400;
const DEFAULT_LIFE_DAYS = 90;
const LONGEST_OVERLAP_HOURS = 168;
const DEFAULT_OVERLAP_HOURS = 24;
const MOST_CUSTOMERS = 1000;

@ApiSchema({ name: 'NewApiKey', description: 'A key for a machine, or for a script of your own.' })
export class NewApiKeyDto {
  @ApiProperty({ maxLength: 80, description: 'What it is for, e.g. the system that holds it.' })
  @IsLine(80)
  readonly name!: string;

  @ApiProperty({
    enum: ROLES,
    description: 'The role that it acts in; one that the tenant has, and not more than yours.',
  })
  @IsIn(ROLES)
  readonly role!: Role;

  @ApiPropertyOptional({
    enum: PERMISSIONS,
    isArray: true,
    minItems: 1,
    maxItems: PERMISSIONS.length,
    uniqueItems: true,
    description: 'Permissions that it is limited to; without them, all of the role’s.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @ArrayMaxSize(PERMISSIONS.length)
  @IsIn(PERMISSIONS, { each: true })
  readonly scopes?: Permission[];

  @ApiPropertyOptional({
    type: [String],
    minItems: 1,
    maxItems: MOST_CUSTOMERS,
    uniqueItems: true,
    description: 'With a key of the MSP: the customers that it holds for; without them, all, also later ones.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @ArrayMaxSize(MOST_CUSTOMERS)
  @IsLine(40, { each: true })
  readonly customers?: string[];

  @ApiPropertyOptional({ minimum: 1, maximum: LONGEST_LIFE_DAYS, default: DEFAULT_LIFE_DAYS, type: 'integer' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_LIFE_DAYS)
  readonly validDays: number = DEFAULT_LIFE_DAYS;
}

@ApiSchema({ name: 'ApiKeyRotation', description: 'For how long the old key holds beside its successor.' })
export class ApiKeyRotationDto {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: LONGEST_OVERLAP_HOURS,
    default: DEFAULT_OVERLAP_HOURS,
    type: 'integer',
    description: '0 ends the old key at once.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LONGEST_OVERLAP_HOURS)
  readonly overlapHours: number = DEFAULT_OVERLAP_HOURS;
}
