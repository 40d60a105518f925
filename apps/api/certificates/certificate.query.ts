import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PAGE_LANGUAGES, type PageLanguage } from '../http/html.js';

export class CertificatePageQuery {
  @ApiPropertyOptional({ enum: PAGE_LANGUAGES, description: 'Without it `Accept-Language` counts.' })
  @IsOptional()
  @IsIn(PAGE_LANGUAGES)
  readonly lang?: PageLanguage;
}
