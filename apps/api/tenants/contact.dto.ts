import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsEmail, IsIn, IsOptional, IsUUID } from 'class-validator';
import { CONTACT_ROLES, type Contact, type ContactRole } from '#libs/tenancy';
import { PAGE_LANGUAGES, type PageLanguage } from '../http/html.js';
import { IsLine } from '../http/text.decorators.js';
import { Version } from './tenant.dto.js';
import { IsPhone, IsReferences } from './tenant-fields.decorators.js';

@ApiSchema({ name: 'ContactToCreate' })
export class ContactDto {
  @ApiProperty({ maxLength: 200 })
  @IsLine(200)
  readonly name!: string;

  @ApiProperty({ enum: CONTACT_ROLES })
  @IsIn(CONTACT_ROLES)
  readonly role!: ContactRole;

  @ApiPropertyOptional({ format: 'uuid', description: 'A site of the same customer.' })
  @IsOptional()
  @IsUUID()
  readonly siteId?: string;

  @ApiPropertyOptional({ format: 'email' })
  @IsOptional()
  @IsEmail()
  readonly mail?: string;

  @ApiPropertyOptional({ pattern: '^\\+?[0-9][0-9 ()/.-]{2,38}$' })
  @IsOptional()
  @IsPhone()
  readonly phone?: string;

  @ApiPropertyOptional({ enum: PAGE_LANGUAGES })
  @IsOptional()
  @IsIn(PAGE_LANGUAGES)
  readonly language?: PageLanguage;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { crm: 'K-1042' },
    description: 'The contact’s ids in other systems, up to 20.',
  })
  @IsOptional()
  @IsReferences()
  readonly externalReferences?: Record<string, string>;
}

@ApiSchema({ name: 'ContactToReplace', description: 'Replaces the contact: what is left out is empty afterwards.' })
export class ContactChangeDto extends ContactDto {
  @Version()
  readonly version!: number;
}

export function contactOf(dto: ContactDto): Contact {
  return {
    name: dto.name,
    role: dto.role,
    siteId: dto.siteId ?? null,
    mail: dto.mail ?? null,
    phone: dto.phone ?? null,
    language: dto.language ?? null,
    externalReferences: { ...dto.externalReferences },
  };
}
