import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  AccessEntryNotFound,
  OffboardingInvalid,
  OffboardingNotFound,
  OffboardingStateWrong,
  SecondOwnerNeeded,
  TenantStateWrong,
} from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ReasonDto } from '../tenants/tenant.dto.js';
import { OffboardingDesk } from './offboarding-desk.js';
import { AccessConfirmationDto, OffboardingDto } from './offboarding.dto.js';
import { OffboardingView } from './offboarding.view.js';

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/offboarding')
export class OffboardingController {
  constructor(private readonly desk: OffboardingDesk) {}

  @Get()
  @ApiOperation({ summary: 'How a customer’s off-boarding stands', operationId: 'getCustomerOffboarding' })
  @ApiOkResponse({ type: OffboardingView })
  @MayAnswer(TenantNotFound, OffboardingNotFound)
  @RequiresPermission('tenant_offboarding.read')
  show(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<OffboardingView> {
    return this.desk.show(actor, tenant);
  }

  @Post()
  @ApiOperation({
    summary: 'Asks for the off-boarding of a whole customer; a second owner has to confirm it',
    operationId: 'startCustomerOffboarding',
  })
  @ApiCreatedResponse({ type: OffboardingView })
  @TakesJson()
  @MayAnswer(TenantStateWrong, OffboardingInvalid, OffboardingStateWrong)
  @Creates()
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.decide')
  start(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: OffboardingDto,
  ): Promise<OffboardingView> {
    return this.desk.start(writer, call, body);
  }

  @Post('confirm')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Announces the off-boarding, as the second owner: access closes when the last day is over',
    operationId: 'confirmCustomerOffboarding',
  })
  @ApiOkResponse({ type: OffboardingView })
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong, SecondOwnerNeeded, TenantStateWrong)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.decide')
  confirm(@CurrentWriter() writer: Writer): Promise<OffboardingView> {
    return this.desk.confirm(writer);
  }

  @Post('cancel')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Calls the off-boarding off, until access was closed',
    operationId: 'cancelCustomerOffboarding',
  })
  @ApiOkResponse({ type: OffboardingView })
  @TakesJson()
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.decide')
  cancel(@CurrentWriter() writer: Writer, @Body() { reason }: ReasonDto): Promise<OffboardingView> {
    return this.desk.cancel(writer, reason);
  }

  @Post('probes')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Has our access tried again now, wherever it is not proven gone',
    operationId: 'probeCustomerAccess',
  })
  @ApiOkResponse({ type: OffboardingView })
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.prove')
  probe(@CurrentWriter() writer: Writer): Promise<OffboardingView> {
    return this.desk.probe(writer);
  }

  @Post('access-confirmations')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Says by hand that our access is gone where it could not be tried',
    operationId: 'confirmCustomerAccess',
  })
  @ApiOkResponse({ type: OffboardingView })
  @TakesJson()
  @MayAnswer(OffboardingNotFound, OffboardingStateWrong, AccessEntryNotFound)
  @WritesForTenantInPath()
  @RequiresPermission('tenant_offboarding.prove')
  confirmAccess(@CurrentWriter() writer: Writer, @Body() body: AccessConfirmationDto): Promise<OffboardingView> {
    return this.desk.confirmAccess(writer, body);
  }
}
