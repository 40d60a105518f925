import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { ChangedMeanwhile, TenantIdInvalid, TenantIdTaken, TenantStateWrong } from '#libs/tenancy';
import { RequiresPermission, WritesForHome, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidQuery } from '../http/http.errors.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ReasonDto, TenantChangeDto, TenantDto } from './tenant.dto.js';
import { TenantDesk } from './tenant-desk.js';
import { TenantPageView, TenantView } from './tenant.view.js';

@ApiTags('Customers')
@Controller('v1/tenants')
export class TenantsController {
  constructor(private readonly desk: TenantDesk) {}

  @Get()
  @ApiOperation({ summary: 'Lists the customers that you see', operationId: 'listTenants' })
  @ApiOkResponse({ type: TenantPageView })
  @MayAnswer(InvalidQuery, InvalidCursor)
  @RequiresPermission('tenant.read')
  list(@CurrentActor() actor: Actor, @Query() query: CursorQuery): Promise<TenantPageView> {
    return this.desk.list(actor, query);
  }

  @Post()
  @ApiOperation({
    summary: 'Creates a customer',
    description: 'Its requests are taken once a data processing agreement is recorded.',
    operationId: 'createTenant',
  })
  @ApiCreatedResponse({ type: TenantView })
  @TakesJson()
  @MayAnswer(TenantIdInvalid, TenantIdTaken)
  @Creates()
  @WritesForHome()
  @RequiresPermission('tenant.create')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: TenantDto,
  ): Promise<TenantView> {
    return this.desk.create(writer, call, body);
  }

  @Get(':tenant')
  @ApiOperation({ summary: 'A customer', operationId: 'getTenant' })
  @ApiOkResponse({ type: TenantView })
  @MayAnswer(TenantNotFound)
  @RequiresPermission('tenant.read')
  show(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<TenantView> {
    return this.desk.show(actor, tenant);
  }

  @Put(':tenant')
  @ApiOperation({ summary: 'Changes a customer’s name and time zone', operationId: 'changeTenant' })
  @ApiOkResponse({ type: TenantView })
  @TakesJson()
  @MayAnswer(ChangedMeanwhile)
  @WritesForTenantInPath()
  @RequiresPermission('tenant.change')
  change(@CurrentWriter() writer: Writer, @Body() body: TenantChangeDto): Promise<TenantView> {
    return this.desk.change(writer, body);
  }

  @Post(':tenant/suspend')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Suspends a customer: its people and keys stay out at once',
    description:
      'No request is taken for it any more, from nobody. What was approved goes on: a leaver’s lock-out is carried out.',
    operationId: 'suspendTenant',
  })
  @ApiOkResponse({ type: TenantView })
  @TakesJson()
  @MayAnswer(TenantStateWrong)
  @WritesForTenantInPath()
  @RequiresPermission('tenant.suspend')
  suspend(@CurrentWriter() writer: Writer, @Body() { reason }: ReasonDto): Promise<TenantView> {
    return this.desk.suspend(writer, reason);
  }

  @Post(':tenant/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a customer’s suspension', operationId: 'resumeTenant' })
  @ApiOkResponse({ type: TenantView })
  @TakesJson()
  @MayAnswer(TenantStateWrong)
  @WritesForTenantInPath()
  @RequiresPermission('tenant.suspend')
  resume(@CurrentWriter() writer: Writer, @Body() { reason }: ReasonDto): Promise<TenantView> {
    return this.desk.resume(writer, reason);
  }
}
