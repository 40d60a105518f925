import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApprovalExpired, ApproverAlreadyVoted, DelegationNotInForce, NotAnApprover } from '#libs/approvals';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  AccountProtected,
  ConfirmerCannotDecide,
  LeaverCannotDecide,
  PlanHashMismatch,
  PlanNotReady,
  RequesterCannotDecide,
  RequestNotAwaitingApproval,
  RequestNotFound,
  TenantNotLive,
} from '#libs/requests';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { DecidePlan, tenantOfRequest } from './decide-plan.js';
import { DecisionDto } from './decision.dto.js';
import { ListRequests } from './list-requests.js';
import { RequestListQuery } from './request-list.query.js';
import { PlanView } from './plan.view.js';
import { AcceptedView, DecidedView, RequestPageView, RequestView } from './request.view.js';
import { ShowPlan } from './show-plan.js';
import { ShowRequest } from './show-request.js';
import { SubmitForTicket } from './submit-for-ticket.js';
import { parseSubmission, TakesSubmission, type SubmissionDto } from './submissions.js';

@ApiTags('Requests')
@Controller('v1/requests')
export class RequestsController {
  constructor(
    private readonly submitRequest: SubmitForTicket,
    private readonly showPlan: ShowPlan,
    private readonly listRequests: ListRequests,
    private readonly decidePlan: DecidePlan,
    private readonly showRequest: ShowRequest,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Requests an on-boarding, off-boarding, move or absence, by its `type`',
    operationId: 'submitRequest',
  })
  @ApiAcceptedResponse({ type: AcceptedView })
  @TakesSubmission()
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('request.submit')
  submit(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body(parseSubmission) body: SubmissionDto,
  ): Promise<AcceptedView> {
    return this.submitRequest.execute(call, writer, body.toSubmission());
  }

  @Get()
  @ApiOperation({ summary: 'Lists requests, the newest first', operationId: 'listRequests' })
  @ApiOkResponse({ type: RequestPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('request.read')
  list(@CurrentActor() actor: Actor, @Query() query: RequestListQuery): Promise<RequestPageView> {
    return this.listRequests.execute(actor, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a request with its decisions', operationId: 'getRequest' })
  @ApiOkResponse({ type: RequestView })
  @MayAnswer(InvalidId, RequestNotFound)
  @RequiresPermission('request.read')
  get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<RequestView> {
    return this.showRequest.execute(actor, id);
  }

  @Get(':id/plan')
  @ApiOperation({ summary: 'Shows the plan that is or was up for approval', operationId: 'getPlan' })
  @ApiOkResponse({ type: PlanView })
  @MayAnswer(InvalidId, RequestNotFound, PlanNotReady)
  @RequiresPermission('request.read')
  plan(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PlanView> {
    return this.showPlan.execute(actor, id);
  }

  @Post(':id/decisions')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Votes on the plan with this hash; the vote that completes the policy decides',
    operationId: 'decide',
  })
  @ApiOkResponse({ type: DecidedView })
  @MayAnswer(
    InvalidId,
    RequestNotFound,
    RequestNotAwaitingApproval,
    PlanHashMismatch,
    RequesterCannotDecide,
    LeaverCannotDecide,
    ConfirmerCannotDecide,
    AccountProtected,
    NotAnApprover,
    ApproverAlreadyVoted,
    ApprovalExpired,
    DelegationNotInForce,
    TenantNotLive,
  )
  @TakesJson()
  @WritesForTenantOf(tenantOfRequest)
  @RequiresPermission('plan.decide')
  decide(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: DecisionDto,
  ): Promise<DecidedView> {
    return this.decidePlan.execute(writer, id, body);
  }
}
