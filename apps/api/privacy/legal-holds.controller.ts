import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { LegalHoldNotFound } from '#libs/tenancy';
import { RequiresPermission, WritesForTenantInPath } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ReasonDto } from '../tenants/tenant.dto.js';
import { PrivacyDesk } from './privacy-desk.js';
import { LegalHoldDto } from './privacy.dto.js';
import { LegalHoldListView, LegalHoldView } from './privacy.view.js';

@ApiTags('Privacy')
@Controller('v1/tenants/:tenant/legal-holds')
export class LegalHoldsController {
  constructor(private readonly desk: PrivacyDesk) {}

  @Get()
  @ApiOperation({ summary: 'A customer’s legal holds', operationId: 'listLegalHolds' })
  @ApiOkResponse({ type: LegalHoldListView })
  @MayAnswer(TenantNotFound)
  @RequiresPermission('legal_hold.read')
  list(@CurrentActor() actor: Actor, @Param('tenant') tenant: string): Promise<LegalHoldListView> {
    return this.desk.holds(actor, tenant);
  }

  @Post()
  @ApiOperation({
    summary: 'Forbids that a person, or anything of the customer, is erased',
    operationId: 'setLegalHold',
  })
  @ApiCreatedResponse({ type: LegalHoldView })
  @TakesJson()
  @Creates()
  @WritesForTenantInPath()
  @RequiresPermission('legal_hold.set')
  set(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: LegalHoldDto,
  ): Promise<LegalHoldView> {
    return this.desk.hold(writer, call, body);
  }

  @Post(':id/end')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a legal hold', operationId: 'endLegalHold' })
  @ApiOkResponse({ type: LegalHoldView })
  @TakesJson()
  @MayAnswer(InvalidId, LegalHoldNotFound)
  @WritesForTenantInPath()
  @RequiresPermission('legal_hold.set')
  end(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: ReasonDto,
  ): Promise<LegalHoldView> {
    return this.desk.endHold(writer, id, reason);
  }
}
