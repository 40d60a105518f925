import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { ChangedMeanwhile, TenantGroupInUse, TenantGroupNameTaken, TenantGroupNotFound } from '#libs/tenancy';
import { RequiresPermission, WritesForHome } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { TenantGroupChangeDto, TenantGroupDto, TenantGroupPageView, TenantGroupView } from './tenant-group.dto.js';
import { TenantGroupDesk } from './tenant-group-desk.js';

@ApiTags('Customers')
@Controller('v1/tenant-groups')
export class TenantGroupsController {
  constructor(private readonly desk: TenantGroupDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists the MSP’s groups of customers', operationId: 'listTenantGroups' })
  @ApiOkResponse({ type: TenantGroupPageView })
  @MayAnswer(InvalidQuery, InvalidCursor)
  @RequiresPermission('tenant_group.read')
  list(@CurrentActor() actor: Actor, @Query() query: CursorQuery): Promise<TenantGroupPageView> {
    return this.desk.list(actor, query);
  }

  @Post()
  @ApiOperation({ summary: 'Creates a group of customers', operationId: 'createTenantGroup' })
  @ApiCreatedResponse({ type: TenantGroupView })
  @TakesJson()
  @MayAnswer(TenantNotFound, TenantGroupNameTaken)
  @Creates()
  @WritesForHome()
  @RequiresPermission('tenant_group.write')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: TenantGroupDto,
  ): Promise<TenantGroupView> {
    return this.desk.create(writer, call, body);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replaces a group’s name and members', operationId: 'replaceTenantGroup' })
  @ApiOkResponse({ type: TenantGroupView })
  @TakesJson()
  @MayAnswer(InvalidId, TenantGroupNotFound, TenantNotFound, TenantGroupNameTaken, ChangedMeanwhile)
  @WritesForHome()
  @RequiresPermission('tenant_group.write')
  replace(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: TenantGroupChangeDto,
  ): Promise<TenantGroupView> {
    return this.desk.replace(writer, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes a group that no role is granted for', operationId: 'deleteTenantGroup' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, TenantGroupNotFound, TenantGroupInUse)
  @WritesForHome()
  @RequiresPermission('tenant_group.write')
  remove(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.remove(writer, id);
  }
}
