import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  isISO31661Alpha2,
  Max,
  Min,
} from 'class-validator';
import { FIRST_OFFSET_DAYS, isLocalTime, LAST_OFFSET_DAYS } from '#libs/requests';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

/** An obligatory line of text. */
export function Line(maxLength: number, about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(ApiProperty({ ...about, maxLength, minLength: 1 }), IsLine(maxLength));
}

/** A line of text that may be left out. */
export function OptionalLine(maxLength: number, about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(ApiPropertyOptional({ ...about, maxLength, minLength: 1 }), IsOptional(), IsLine(maxLength));
}

/** Text with line breaks that may be left out. */
export function OptionalText(maxLength: number, about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(ApiPropertyOptional({ ...about, maxLength, minLength: 1 }), IsOptional(), IsText(maxLength));
}

/** Lines of text, each once, that may be left out. */
export function OptionalLines(most: number, maxLength: number, about: ApiPropertyOptions = {}): PropertyDecorator {
  const list = { ...about, type: [String], maxItems: most, uniqueItems: true } as ApiPropertyOptions;
  return applyDecorators(
    ApiPropertyOptional(list),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(most),
    ArrayUnique(),
    IsLine(maxLength, { each: true }),
  );
}

/** Some of these words, each once, that may be left out. */
export function OptionalChoice(words: readonly string[], about: ApiPropertyOptions = {}): PropertyDecorator {
  const list = { ...about, enum: [...words], isArray: true, uniqueItems: true } as ApiPropertyOptions;
  return applyDecorators(
    ApiPropertyOptional(list),
    IsOptional(),
    IsArray(),
    ArrayUnique(),
    IsIn(words, { each: true }),
  );
}

/** A bare mail address that may be left out. */
export function OptionalMail(about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(ApiPropertyOptional({ ...about, format: 'email' }), IsOptional(), IsEmail());
}

/** A mail domain that may be left out. */
export function OptionalDomain(about: ApiPropertyOptions = {}): PropertyDecorator {
  const isDomain = (value: unknown): boolean => typeof value === 'string' && value.length <= 253 && DOMAIN.test(value);
  return applyDecorators(
    ApiPropertyOptional({ ...about, pattern: DOMAIN.source, maxLength: 253 }),
    IsOptional(),
    Rule('isDomain', isDomain, 'must be a domain in lower case, such as muster.example'),
  );
}

const DOMAIN = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/;

const COUNTRY = /^[A-Z]{2}$/;

/** A country by its two capital letters, that may be left out. */
export function OptionalCountry(about: ApiPropertyOptions = {}): PropertyDecorator {
  const isCountry = (value: unknown): boolean =>
    typeof value === 'string' && COUNTRY.test(value) && isISO31661Alpha2(value);
  return applyDecorators(
    ApiPropertyOptional({ ...about, pattern: COUNTRY.source }),
    IsOptional(),
    Rule('isCountry', isCountry, 'must be a country by its two letters (ISO 3166-1), such as DE'),
  );
}

/** A day with its hour. */
export function DayAndHour(about: ApiPropertyOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ example: '2026-11-30T17:00', ...about }),
    Rule(
      'isLocalTime',
      (value) => typeof value === 'string' && isLocalTime(value),
      'must be a date with a time, YYYY-MM-DDTHH:mm[:ss]',
    ),
  );
}

/** Whole days in a range, that may be left out. */
export function OptionalDays(min: number, max: number, about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ ...about, type: 'integer', minimum: min, maximum: max } as ApiPropertyOptions),
    IsOptional(),
    IsInt(),
    Min(min),
    Max(max),
  );
}

/** Whole days by step, that may be left out. */
export function OptionalOffsets(): PropertyDecorator {
  const description =
    'Calendar days by step, before (negative) or after the request’s hour, at the same hour in the customer’s zone.';
  const days = { type: 'integer', minimum: FIRST_OFFSET_DAYS, maximum: LAST_OFFSET_DAYS } as const;
  const isDays = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(Number.isInteger);
  return applyDecorators(
    ApiPropertyOptional({
      type: 'object',
      additionalProperties: days,
      description,
      example: { remove_from_groups: 2 },
    }),
    IsOptional(),
    Rule('isDays', isDays, 'must be whole days by step, such as {"remove_from_groups": 2}'),
  );
}
