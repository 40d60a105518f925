import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { ChangedMeanwhile, ContactNotFound, SiteNotFound } from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ContactChangeDto, ContactDto, contactOf } from './contact.dto.js';
import { ContactDesk } from './contact-desk.js';
import { ContactPageView, ContactView } from './contact.view.js';

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/contacts')
export class ContactsController {
  constructor(private readonly desk: ContactDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists a customer’s contacts', operationId: 'listContacts' })
  @ApiOkResponse({ type: ContactPageView })
  @MayAnswer(TenantNotFound, InvalidQuery, InvalidCursor)
  @RequiresPermission('contact.read')
  list(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Query() query: CursorQuery,
  ): Promise<ContactPageView> {
    return this.desk.list(actor, tenant, query);
  }

  @Post()
  @ApiOperation({ summary: 'Creates a contact', operationId: 'createContact' })
  @ApiCreatedResponse({ type: ContactView })
  @TakesJson()
  @MayAnswer(SiteNotFound)
  @Creates()
  @WritesForTenantInPath()
  @RequiresPermission('contact.write')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: ContactDto,
  ): Promise<ContactView> {
    return this.desk.create(writer, call, contactOf(body));
  }

  @Get(':id')
  @ApiOperation({ summary: 'A contact', operationId: 'getContact' })
  @ApiOkResponse({ type: ContactView })
  @MayAnswer(TenantNotFound, InvalidId, ContactNotFound)
  @RequiresPermission('contact.read')
  show(
    @CurrentActor() actor: Actor,
    @Param('tenant') tenant: string,
    @Param('id', IdPipe) id: string,
  ): Promise<ContactView> {
    return this.desk.show(actor, tenant, id);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replaces a contact', operationId: 'replaceContact' })
  @ApiOkResponse({ type: ContactView })
  @TakesJson()
  @MayAnswer(InvalidId, ContactNotFound, SiteNotFound, ChangedMeanwhile)
  @WritesForTenantInPath()
  @RequiresPermission('contact.write')
  replace(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ContactChangeDto,
  ): Promise<ContactView> {
    return this.desk.replace(writer, id, body.version, contactOf(body));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes a contact', operationId: 'deleteContact' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, ContactNotFound)
  @WritesForTenantInPath()
  @RequiresPermission('contact.write')
  remove(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.remove(writer, id);
  }
}
