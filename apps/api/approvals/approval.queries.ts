import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { ListQuery } from '../http/page.query.js';

export class ApprovalListQuery extends ListQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: '`true`: only what you may decide on now.' })
  @IsOptional()
  @IsIn(['true', 'false'])
  readonly mine?: 'true' | 'false';
}
