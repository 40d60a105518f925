import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  AccountProtected,
  ConfirmationNotNeeded,
  DeciderCannotConfirm,
  LeaverCannotConfirm,
  PlanHashMismatch,
  RequesterCannotConfirm,
  RequestNotAwaitingApproval,
  RequestNotFound,
  TenantNotLive,
} from '#libs/requests';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ConfirmPlan } from './confirm-plan.js';
import { ConfirmationDto } from './confirmation.dto.js';
import { tenantOfRequest } from './decide-plan.js';
import { DecidedView } from './request.view.js';

@ApiTags('Requests')
@Controller('v1/requests')
export class ConfirmationsController {
  constructor(private readonly confirmPlan: ConfirmPlan) {}

  @Post(':id/confirmations')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirms the plan with this hash as the second person', operationId: 'confirm' })
  @ApiOkResponse({ type: DecidedView })
  @MayAnswer(
    InvalidId,
    RequestNotFound,
    RequestNotAwaitingApproval,
    PlanHashMismatch,
    ConfirmationNotNeeded,
    AccountProtected,
    RequesterCannotConfirm,
    LeaverCannotConfirm,
    DeciderCannotConfirm,
    TenantNotLive,
  )
  @TakesJson()
  @WritesForTenantOf(tenantOfRequest)
  @RequiresPermission('plan.confirm')
  confirm(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ConfirmationDto,
  ): Promise<DecidedView> {
    return this.confirmPlan.execute(writer, id, body);
  }
}
