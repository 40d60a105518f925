import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { AgreementInvalid, AgreementMissing, TenantStateWrong } from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { AgreementDto } from './agreement.dto.js';
import { AgreementDesk } from './agreement-desk.js';
import { AgreementListView, AgreementView } from './agreement.view.js';
import { ReasonDto } from './tenant.dto.js';

@ApiTags('Customers')
@Controller('v1/tenants/:tenant/agreements')
export class AgreementsController {
  constructor(private readonly desk: AgreementDesk) {}

  @Get()
  @ApiOperation({ summary: 'A customer’s data processing agreements', operationId: 'listAgreements' })
  @ApiOkResponse({ type: AgreementListView })
  @MayAnswer(TenantNotFound)
  @RequiresPermission('agreement.read')
  list(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<AgreementListView> {
    return this.desk.list(actor, tenant);
  }

  @Post()
  @ApiOperation({
    summary: 'Records the next version of the agreement',
    description: 'It is in force from now on and ends the one before. With the first one the customer is live.',
    operationId: 'recordAgreement',
  })
  @ApiCreatedResponse({ type: AgreementView })
  @TakesJson()
  @MayAnswer(AgreementInvalid, TenantStateWrong)
  @Creates()
  @WritesForTenantInPath()
  @RequiresPermission('agreement.write')
  record(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: AgreementDto,
  ): Promise<AgreementView> {
    return this.desk.record(writer, call, body);
  }

  @Post('end')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Ends the agreement in force without a next one: no request is taken any more',
    operationId: 'endAgreement',
  })
  @ApiOkResponse({ type: AgreementListView })
  @TakesJson()
  @MayAnswer(AgreementMissing)
  @WritesForTenantInPath()
  @RequiresPermission('agreement.write')
  end(@CurrentWriter() writer: Writer, @Body() { reason }: ReasonDto): Promise<AgreementListView> {
    return this.desk.end(writer, reason);
  }
}
