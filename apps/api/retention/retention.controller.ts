import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RetentionOutOfBounds } from '#libs/tenancy';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { RetentionDesk } from './retention-desk.js';
import { RetentionDto } from './retention.dto.js';
import { RetentionPageView, RetentionView } from './retention.view.js';

@ApiTags('Retention')
@Controller('v1/retention')
export class RetentionController {
  constructor(private readonly retention: RetentionDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists how long ended requests are kept, by tenant', operationId: 'listRetention' })
  @ApiOkResponse({ type: RetentionPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('retention.read')
  // counts everything that has ended, of each tenant that is shown
  @Costs('expensive')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<RetentionPageView> {
    return this.retention.list(actor, query);
  }

  @Put()
  @ApiOperation({ summary: 'Replaces how long a tenant’s ended requests are kept', operationId: 'putRetention' })
  @ApiOkResponse({ type: RetentionView })
  @TakesJson()
  @MayAnswer(RetentionOutOfBounds)
  @WritesForTenant()
  @RequiresPermission('retention.write')
  put(@CurrentWriter() writer: Writer, @Body() body: RetentionDto): Promise<RetentionView> {
    return this.retention.put(writer, body);
  }
}
