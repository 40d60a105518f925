import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { SettingsDto } from './settings.dto.js';
import { SettingsPageView, SettingsView } from './settings.view.js';
import { TenantSettingsDesk } from './tenant-settings.js';

@ApiTags('Settings')
@Controller('v1/settings')
export class SettingsController {
  constructor(private readonly settings: TenantSettingsDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists customers’ settings, by customer', operationId: 'listSettings' })
  @ApiOkResponse({ type: SettingsPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('settings.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<SettingsPageView> {
    return this.settings.list(actor, query);
  }

  @Put()
  @ApiOperation({ summary: 'Replaces a customer’s settings', operationId: 'putSettings' })
  @ApiOkResponse({ type: SettingsView })
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('settings.write')
  put(@CurrentWriter() writer: Writer, @Body() body: SettingsDto): Promise<SettingsView> {
    return this.settings.put(writer, body);
  }
}
