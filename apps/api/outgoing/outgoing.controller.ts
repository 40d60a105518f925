import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { OutgoingDesk, tenantOfKey } from './outgoing-desk.js';
import { OutgoingPolicyDto, TrustHostKeyDto } from './outgoing.dto.js';
import { HostKeyNotFound } from './outgoing.errors.js';
import { HostKeyPageView, HostKeyView, OutgoingPolicyPageView, OutgoingPolicyView } from './outgoing.view.js';

@ApiTags('Outgoing connections')
@Controller('v1')
export class OutgoingController {
  constructor(private readonly desk: OutgoingDesk) {}

  @Get('outgoing-policies')
  @ApiOperation({ summary: 'Lists what customers’ connections may reach', operationId: 'listOutgoingPolicies' })
  @ApiOkResponse({ type: OutgoingPolicyPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('outgoing.read')
  listPolicies(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<OutgoingPolicyPageView> {
    return this.desk.listPolicies(actor, query);
  }

  @Put('outgoing-policies')
  @ApiOperation({ summary: 'Replaces what a customer’s connections may reach', operationId: 'putOutgoingPolicy' })
  @ApiOkResponse({ type: OutgoingPolicyView })
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('outgoing.write')
  putPolicy(@CurrentWriter() writer: Writer, @Body() body: OutgoingPolicyDto): Promise<OutgoingPolicyView> {
    return this.desk.putPolicy(writer, body);
  }

  @Get('ssh-host-keys')
  @ApiOperation({ summary: 'Lists SSH servers’ keys, trusted or only seen', operationId: 'listHostKeys' })
  @ApiOkResponse({ type: HostKeyPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('host_key.read')
  listHostKeys(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<HostKeyPageView> {
    return this.desk.listHostKeys(actor, query);
  }

  @Put('ssh-host-keys')
  @ApiOperation({ summary: 'Trusts an SSH server’s key, seen or not', operationId: 'trustHostKey' })
  @ApiOkResponse({ type: HostKeyView })
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('host_key.write')
  trust(@CurrentWriter() writer: Writer, @Body() body: TrustHostKeyDto): Promise<HostKeyView> {
    return this.desk.trust(writer, body);
  }

  @Delete('ssh-host-keys/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forgets an SSH server’s key', operationId: 'forgetHostKey' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, HostKeyNotFound)
  @WritesForTenantOf(tenantOfKey)
  @RequiresPermission('host_key.write')
  forget(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.forget(writer, id);
  }
}
