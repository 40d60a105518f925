import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsObject, ValidateNested } from 'class-validator';
import { isDay, type Agreement, type DataLocation, type SubProcessor } from '#libs/tenancy';
import { IsLine, Rule } from '../http/text.decorators.js';

const SHA256 = /^[0-9a-f]{64}$/;
const COUNTRY = /^[A-Z]{2}$/;
const MOST = 100;

function IsCountryCode(): PropertyDecorator {
  const isCountry = (value: unknown): boolean => typeof value === 'string' && COUNTRY.test(value);
  return Rule('isCountry', isCountry, 'must be a country by its two letters (ISO 3166-1), such as DE');
}

@ApiSchema({ name: 'SubProcessor' })
export class SubProcessorDto implements SubProcessor {
  @ApiProperty({ maxLength: 200 })
  @IsLine(200)
  readonly name!: string;
  @ApiProperty({ maxLength: 200, example: 'Hosting' })
  @IsLine(200)
  readonly service!: string;
  @ApiProperty({ pattern: COUNTRY.source, example: 'DE' })
  @IsCountryCode()
  readonly country!: string;
}

@ApiSchema({ name: 'DataLocation' })
export class DataLocationDto implements DataLocation {
  @ApiProperty({ maxLength: 200, example: 'Frankfurt am Main' })
  @IsLine(200)
  readonly place!: string;
  @ApiProperty({ pattern: COUNTRY.source, example: 'DE' })
  @IsCountryCode()
  readonly country!: string;
  @ApiProperty({ maxLength: 200, example: 'Database and backups' })
  @IsLine(200)
  readonly purpose!: string;
}

@ApiSchema({
  name: 'AgreementToRecord',
  description: 'A data processing agreement (GDPR Art. 28) that both sides signed.',
})
export class AgreementDto implements Agreement {
  @ApiProperty({ format: 'date', example: '2026-11-02' })
  @Rule('isDay', (value) => typeof value === 'string' && isDay(value), 'must be a day, YYYY-MM-DD')
  readonly signedOn!: string;
  @ApiProperty({ maxLength: 200, description: 'Who signed for the customer.' })
  @IsLine(200)
  readonly signedBy!: string;
  @ApiProperty({ maxLength: 200, description: 'Who signed for the MSP.' })
  @IsLine(200)
  readonly signedForUsBy!: string;
  @ApiProperty({ maxLength: 500, description: 'Where the signed document lies.' })
  @IsLine(500)
  readonly documentReference!: string;
  @ApiProperty({ pattern: SHA256.source, description: 'SHA-256 of the signed document.' })
  @Rule('isHash', (value) => typeof value === 'string' && SHA256.test(value), 'must be a SHA-256 in lower-case hex')
  readonly documentSha256!: string;
  @ApiProperty({ type: [SubProcessorDto], maxItems: MOST, description: 'Empty: there are none.' })
  @IsArray()
  @ArrayMaxSize(MOST)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => SubProcessorDto)
  readonly subProcessors!: SubProcessorDto[];
  @ApiProperty({ type: [DataLocationDto], minItems: 1, maxItems: MOST })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => DataLocationDto)
  readonly dataLocations!: DataLocationDto[];
  @ApiProperty({ type: [String], minItems: 1, maxItems: MOST, example: ['employees'] })
  @Lines()
  readonly subjectCategories!: string[];
  @ApiProperty({ type: [String], minItems: 1, maxItems: MOST, example: ['names', 'sign-in names', 'mail addresses'] })
  @Lines()
  readonly dataCategories!: string[];
  @ApiProperty({ maxLength: 500, description: 'Where the technical and organisational measures are laid down.' })
  @IsLine(500)
  readonly measuresReference!: string;
}

function Lines(): PropertyDecorator {
  return applyDecorators(IsArray(), ArrayMinSize(1), ArrayMaxSize(MOST), ArrayUnique(), IsLine(200, { each: true }));
}
