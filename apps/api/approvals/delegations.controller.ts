import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DelegationInvalid, DelegationNotFound } from '#libs/approvals';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { DelegationDto, DelegationsView, DelegationView } from './delegation.dto.js';
import { Delegations, tenantOfDelegation } from './delegations.js';
import { PolicyListQuery } from './policy.view.js';

@ApiTags('Approvals')
@Controller('v1/delegations')
export class DelegationsController {
  constructor(private readonly delegations: Delegations) {}

  @Get()
  @ApiOperation({ summary: 'Lists who stands in for whom', operationId: 'listDelegations' })
  @ApiOkResponse({ type: DelegationsView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('delegation.read')
  list(@CurrentActor() actor: Actor, @Query() { tenant }: PolicyListQuery): Promise<DelegationsView> {
    return this.delegations.list(actor, tenant);
  }

  @Post()
  @ApiOperation({ summary: 'Has somebody vote for somebody who is away', operationId: 'setDelegation' })
  @ApiCreatedResponse({ type: DelegationView })
  @MayAnswer(DelegationInvalid)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('delegation.write')
  set(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() wish: DelegationDto,
  ): Promise<DelegationView> {
    return this.delegations.set(call, writer, wish);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a delegation at once', operationId: 'endDelegation' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, DelegationNotFound)
  @WritesForTenantOf(tenantOfDelegation)
  @RequiresPermission('delegation.write')
  end(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.delegations.end(writer, id);
  }
}
