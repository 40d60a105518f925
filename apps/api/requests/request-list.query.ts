import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { REQUEST_STATUSES, type RequestStatus } from '#libs/requests';
import { ListQuery } from '../http/page.query.js';

export class RequestListQuery extends ListQuery {
  @ApiPropertyOptional({ enum: REQUEST_STATUSES })
  @IsOptional()
  @IsIn(REQUEST_STATUSES)
  readonly status?: RequestStatus;
}
