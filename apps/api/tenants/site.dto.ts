import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsISO31661Alpha2, IsOptional } from 'class-validator';
import type { Site } from '#libs/tenancy';
import { IsLine } from '../http/text.decorators.js';
import { Version } from './tenant.dto.js';
import { IsTimeZone } from './tenant-fields.decorators.js';

@ApiSchema({ name: 'SiteToCreate' })
export class SiteDto {
  @ApiProperty({ maxLength: 200, example: 'Werk Nord' })
  @IsLine(200)
  readonly name!: string;

  @ApiPropertyOptional({ maxLength: 200 })
  @IsOptional()
  @IsLine(200)
  readonly street?: string;

  @ApiPropertyOptional({ maxLength: 20 })
  @IsOptional()
  @IsLine(20)
  readonly postalCode?: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @IsLine(100)
  readonly city?: string;

  @ApiPropertyOptional({ pattern: '^[A-Z]{2}$', example: 'DE', description: 'ISO 3166-1 alpha-2.' })
  @IsOptional()
  @IsISO31661Alpha2()
  readonly country?: string;

  @ApiProperty({ example: 'Europe/Berlin', description: 'IANA time zone.' })
  @IsTimeZone()
  readonly timeZone!: string;
}

@ApiSchema({ name: 'SiteToReplace', description: 'Replaces the site: what is left out is empty afterwards.' })
export class SiteChangeDto extends SiteDto {
  @Version()
  readonly version!: number;
}

export function siteOf(dto: SiteDto): Site {
  return {
    name: dto.name,
    street: dto.street ?? null,
    postalCode: dto.postalCode ?? null,
    city: dto.city ?? null,
    country: dto.country ?? null,
    timeZone: dto.timeZone,
  };
}
