import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { LimitsSenseless } from '#libs/platform/limits';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { LimitsDesk } from './limits-desk.js';
import { LimitsDto } from './limits.dto.js';
import { TenantLimitsPageView, TenantLimitsView } from './limits.view.js';

@ApiTags('Limits')
@Controller('v1/limits')
export class LimitsController {
  constructor(private readonly limits: LimitsDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists the limits of calls, by tenant', operationId: 'listLimits' })
  @ApiOkResponse({ type: TenantLimitsPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('limits.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<TenantLimitsPageView> {
    return this.limits.list(actor, query);
  }

  @Put()
  @ApiOperation({ summary: 'Replaces a tenant’s own limits of calls', operationId: 'putLimits' })
  @ApiOkResponse({ type: TenantLimitsView })
  @TakesJson()
  @MayAnswer(LimitsSenseless)
  @WritesForTenant()
  @RequiresPermission('limits.write')
  put(@CurrentWriter() writer: Writer, @Body() body: LimitsDto): Promise<TenantLimitsView> {
    return this.limits.put(writer, body);
  }
}
