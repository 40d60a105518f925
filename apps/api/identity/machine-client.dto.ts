import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional } from 'class-validator';
import { CUSTOMER_ROLES, MSP_ROLES, type Role } from '#libs/platform/access';
import { IsLine } from '../http/text.decorators.js';

const ROLES = [...new Set([...MSP_ROLES, ...CUSTOMER_ROLES])];

@ApiSchema({
  name: 'MachineClientToPut',
  description: 'A program that an issuer gives access tokens to (client credentials).',
})
export class MachineClientDto {
  @ApiProperty({ description: 'The identity provider’s name.' })
  @IsLine(40)
  readonly provider!: string;
  @ApiProperty({ description: 'Its client id at the issuer.' })
  @IsLine(200)
  readonly clientId!: string;
  @ApiPropertyOptional({ description: 'The `sub` of its tokens; left out: the client id.' })
  @IsOptional()
  @IsLine(255)
  readonly subject?: string;
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  readonly role!: Role;
  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Permissions of its role’s; null: all of them.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsLine(100, { each: true })
  readonly scopes: string[] | null = null;
  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    description: 'Customers that a machine of the MSP works for; null: all.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ArrayUnique()
  @IsLine(40, { each: true })
  readonly covers: string[] | null = null;
  @ApiPropertyOptional({ default: true })
  @IsBoolean()
  readonly enabled: boolean = true;
}
