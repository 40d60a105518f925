import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsEmail, IsIn, IsOptional } from 'class-validator';
import type { PersonNames } from '#libs/tenancy';
import { PAGE_LANGUAGES, type PageLanguage } from '../http/html.js';
import { IsLine, IsText } from '../http/text.decorators.js';

const MOST_NAMES = 20;

@ApiSchema({ name: 'PersonNamed', description: 'How the person is named at the customer.' })
export class PersonDto implements PersonNames {
  @ApiProperty({
    maxLength: 200,
    example: 'eva.beck',
    description: 'The login name; of somebody of the MSP at a customer with the MSP’s, e.g. olga@msp.',
  })
  @IsLine(200)
  readonly user!: string;

  @ApiPropertyOptional({ format: 'email' })
  @IsOptional()
  @IsEmail()
  readonly mail?: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: MOST_NAMES,
    uniqueItems: true,
    example: ['Eva Beck'],
    description: 'Further names that stand in texts. Each is looked for as a whole word.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_NAMES)
  @ArrayUnique()
  @IsLine(200, { each: true })
  readonly alsoNamed?: string[];
}

@ApiSchema({ name: 'PersonToErase' })
export class ErasureDto extends PersonDto {
  @ApiProperty({ maxLength: 1000, description: 'Stands in the audit; without the person’s name.' })
  @IsText(1000)
  readonly reason!: string;
}

@ApiSchema({ name: 'LegalHoldToSet' })
export class LegalHoldDto {
  @ApiPropertyOptional({ maxLength: 200, description: 'A login name; without it everything of the customer is held.' })
  @IsOptional()
  @IsLine(200)
  readonly person?: string;

  @ApiProperty({ maxLength: 1000 })
  @IsText(1000)
  readonly reason!: string;
}

export class PageLanguageQuery {
  @ApiPropertyOptional({ enum: PAGE_LANGUAGES, description: 'Without it, what the browser prefers.' })
  @IsOptional()
  @IsIn(PAGE_LANGUAGES)
  readonly lang?: PageLanguage;
}
