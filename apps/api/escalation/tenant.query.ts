import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsLine } from '../http/text.decorators.js';

export class TenantQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;
}
