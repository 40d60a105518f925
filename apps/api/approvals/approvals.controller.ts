import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApprovalNotFound } from '#libs/approvals';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ApprovalListQuery } from './approval.queries.js';
import { ApprovalPageView, ApprovalView } from './approval.view.js';
import { ListApprovals } from './list-approvals.js';

@ApiTags('Approvals')
@Controller('v1/approvals')
export class ApprovalsController {
  constructor(private readonly approvals: ListApprovals) {}

  @Get()
  @ApiOperation({ summary: 'Lists questions to approvers, the newest first', operationId: 'listApprovals' })
  @ApiOkResponse({ type: ApprovalPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('approval.read')
  list(@CurrentActor() actor: Actor, @Query() query: ApprovalListQuery): Promise<ApprovalPageView> {
    return this.approvals.page(actor, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows who has to approve, why, and what is missing', operationId: 'getApproval' })
  @ApiOkResponse({ type: ApprovalView })
  @MayAnswer(InvalidId, ApprovalNotFound)
  @RequiresPermission('approval.read')
  get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ApprovalView> {
    return this.approvals.one(actor, id);
  }
}
