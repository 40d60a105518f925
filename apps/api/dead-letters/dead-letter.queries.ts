import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { ListQuery } from '../http/page.query.js';

export class DeadLetterListQuery extends ListQuery {
  @ApiPropertyOptional({
    type: Boolean,
    description: 'With all bytes of a value instead of the first 4 KB; then a page has at most 10 letters.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsIn([true, false])
  readonly full?: boolean;
}
