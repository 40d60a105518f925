import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { ChangedMeanwhile, SiteInUse, SiteNameTaken, SiteNotFound } from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { SiteChangeDto, SiteDto, siteOf } from './site.dto.js';
import { SiteDesk } from './site-desk.js';
import { SitePageView, SiteView } from './site.view.js';

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/sites')
export class SitesController {
  constructor(private readonly desk: SiteDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists a customer’s sites', operationId: 'listSites' })
  @ApiOkResponse({ type: SitePageView })
  @MayAnswer(TenantNotFound, InvalidQuery, InvalidCursor)
  @RequiresPermission('site.read')
  list(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Query() query: CursorQuery,
  ): Promise<SitePageView> {
    return this.desk.list(actor, tenant, query);
  }

  @Post()
  @ApiOperation({ summary: 'Creates a site', operationId: 'createSite' })
  @ApiCreatedResponse({ type: SiteView })
  @TakesJson()
  @MayAnswer(SiteNameTaken)
  @Creates()
  @WritesForTenantInPath()
  @RequiresPermission('site.write')
  create(@IdempotentCall() call: CallKey, @CurrentWriter() writer: Writer, @Body() body: SiteDto): Promise<SiteView> {
    return this.desk.create(writer, call, siteOf(body));
  }

  @Get(':id')
  @ApiOperation({ summary: 'A site', operationId: 'getSite' })
  @ApiOkResponse({ type: SiteView })
  @MayAnswer(TenantNotFound, InvalidId, SiteNotFound)
  @RequiresPermission('site.read')
  show(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Param('id', IdPipe) id: string,
  ): Promise<SiteView> {
    return this.desk.show(actor, tenant, id);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replaces a site', operationId: 'replaceSite' })
  @ApiOkResponse({ type: SiteView })
  @TakesJson()
  @MayAnswer(InvalidId, SiteNotFound, SiteNameTaken, ChangedMeanwhile)
  @WritesForTenantInPath()
  @RequiresPermission('site.write')
  replace(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: SiteChangeDto,
  ): Promise<SiteView> {
    return this.desk.replace(writer, id, body.version, siteOf(body));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes a site that nothing belongs to', operationId: 'deleteSite' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, SiteNotFound, SiteInUse)
  @WritesForTenantInPath()
  @RequiresPermission('site.write')
  remove(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.remove(writer, id);
  }
}
