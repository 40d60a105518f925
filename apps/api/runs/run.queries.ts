import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { RUN_STATUSES } from '#libs/process';
import type { RunStatus } from '#libs/process/model';
import { ListQuery } from '../http/page.query.js';

export class RunListQuery extends ListQuery {
  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @IsOptional()
  @IsIn(RUN_STATUSES)
  readonly status?: RunStatus;
}
