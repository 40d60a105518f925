import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AlarmNotFound, AlarmOfOwn } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { AlarmDesk, tenantOfAlarm } from './alarm-desk.js';
import { AcknowledgementDto } from './alarm.dto.js';
import { AlarmPageView, AlarmView } from './alarm.view.js';

@ApiTags('Alarms')
@Controller('v1/alarms')
export class AlarmsController {
  constructor(private readonly alarms: AlarmDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists alarms about emergency accounts, the newest first', operationId: 'listAlarms' })
  @ApiOkResponse({ type: AlarmPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('alarm.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<AlarmPageView> {
    return this.alarms.list(actor, query);
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Says that an owner knows of an alarm; nobody is told of it any more',
    description: 'Not by an emergency account, and not by a machine.',
    operationId: 'acknowledgeAlarm',
  })
  @ApiOkResponse({ type: AlarmView })
  @MayAnswer(InvalidId, AlarmNotFound, AlarmOfOwn)
  @TakesJson()
  @WritesForTenantOf(tenantOfAlarm)
  @RequiresPermission('alarm.acknowledge')
  acknowledge(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: AcknowledgementDto,
  ): Promise<AlarmView> {
    return this.alarms.acknowledge(writer, id, reason);
  }
}
