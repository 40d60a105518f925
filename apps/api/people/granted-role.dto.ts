import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { CUSTOMER_ROLES, MSP_ROLES, type Role } from '#libs/platform/access';
import { IsLine } from '../http/text.decorators.js';

const ROLES = [...new Set<Role>([...MSP_ROLES, ...CUSTOMER_ROLES])];
export const COVERS = ['home', 'all', 'group', 'tenant'] as const;

/** A role and the tenants for which it holds, as a grant and an invitation name them. */
export abstract class GrantedRoleDto {
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  readonly role!: Role;

  @ApiProperty({
    enum: COVERS,
    description:
      'At a customer `home`. At the MSP `all` customers (also later ones, and the MSP itself), a `group` or one `tenant`.',
  })
  @IsIn(COVERS)
  readonly covers!: (typeof COVERS)[number];

  @ApiPropertyOptional({ maxLength: 40, description: 'The group’s or the customer’s id.' })
  @IsOptional()
  @IsLine(40)
  readonly coversId?: string;
}
