import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsLine } from './text.decorators.js';

export const LARGEST_PAGE = 200;
export const USUAL_PAGE = 50;

const WHOLE_NUMBER = /^-?\d+$/;

/** `Number` alone would also take `1e1`, `0x10` and nothing at all. */
function wholeNumber(text: unknown): number {
  return typeof text === 'string' && WHOLE_NUMBER.test(text) ? Number(text) : NaN;
}

/** Which page of something that goes on. */
export class CursorQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: LARGEST_PAGE, default: USUAL_PAGE, type: 'integer' })
  @Transform(({ value }: { value: unknown }) => wholeNumber(value))
  @IsInt()
  @Min(1)
  @Max(LARGEST_PAGE)
  readonly limit: number = USUAL_PAGE;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before.' })
  @IsOptional()
  @IsLine(512)
  readonly cursor?: string;
}

/** A list over the tenants that the caller sees. */
export class ListQuery extends CursorQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;
}
