import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsInstant } from '../http/instant.decorator.js';
import { IsLine, Rule } from '../http/text.decorators.js';

const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

/** Whose holidays, of which year. */
export class HolidaysQuery {
  @ApiProperty({ example: 'DE', description: 'ISO 3166-1.' })
  @Rule(
    'isCountry',
    (value) => typeof value === 'string' && /^[A-Z]{2}$/.test(value),
    'must be a country of two letters',
  )
  readonly country!: string;

  @ApiPropertyOptional({ example: 'BY', description: 'ISO 3166-2 without the country.' })
  @IsOptional()
  @Rule('isState', (value) => typeof value === 'string' && /^[A-Z0-9]{1,3}$/.test(value), 'must be a state’s code')
  readonly state?: string;

  @ApiPropertyOptional({ example: 'Augsburg', maxLength: 100 })
  @IsOptional()
  @IsLine(100)
  readonly place?: string;

  @ApiProperty({ type: 'integer', minimum: FIRST_YEAR, maximum: LAST_YEAR })
  @Type(() => Number)
  @IsInt()
  @Min(FIRST_YEAR)
  @Max(LAST_YEAR)
  readonly year!: number;
}

@ApiSchema({
  name: 'HolidaysToConfirm',
  description: 'A person’s word on a year’s holidays; they replace that year’s.',
})
export class ConfirmHolidaysDto {
  @ApiProperty({ type: 'integer', minimum: FIRST_YEAR, maximum: LAST_YEAR })
  @IsInt()
  @Min(FIRST_YEAR)
  @Max(LAST_YEAR)
  readonly year!: number;

  @ApiProperty({ type: [String], maxItems: 100, example: ['2027-01-01', '2027-01-06'] })
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsLine(10, { each: true })
  readonly dates!: string[];

  @ApiPropertyOptional({ format: 'date-time', description: 'From when it counts; left out, or past: from now on.' })
  @IsOptional()
  @IsInstant()
  readonly countsFrom?: string;
}

@ApiSchema({ name: 'ProposedHoliday' })
export class ProposedHolidayView {
  @ApiProperty({ example: '2027-08-08' })
  readonly date!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'Of the place alone.' })
  readonly local!: boolean;
}

@ApiSchema({ name: 'HolidayProposal' })
export class HolidayProposalView {
  @ApiProperty({ type: [ProposedHolidayView] })
  readonly holidays!: readonly ProposedHolidayView[];
  @ApiProperty({
    type: [String],
    description: 'What you have to look at yourself, because the region does not say it.',
  })
  readonly questions!: readonly string[];
}
