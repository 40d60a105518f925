import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { ReinstatementOpen, TenantNotLive, TenantTakesNoRequests } from '#libs/requests';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { AcceptedView } from '../requests/request.view.js';
import { ReadRuns, tenantOfRun } from './read-runs.js';
import { ReinstateRun } from './reinstate-run.js';
import { ReinstateDto } from './reinstate.dto.js';
import {
  NoPasswordToHandOver,
  OverwriteUnknown,
  RunNotEnded,
  RunNotFound,
  RunNothingToTakeBack,
  RunNotReinstatable,
} from './run.errors.js';
import { RunListQuery } from './run.queries.js';
import { RunPageView, RunView } from './run.view.js';

@ApiTags('Runs')
@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly runs: ReadRuns,
    private readonly reinstateRun: ReinstateRun,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists runs, the newest first', operationId: 'listRuns' })
  @ApiOkResponse({ type: RunPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('run.read')
  list(@CurrentActor() actor: Actor, @Query() query: RunListQuery): Promise<RunPageView> {
    return this.runs.list(actor, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows a run with its steps and its history', operationId: 'getRun' })
  @ApiOkResponse({ type: RunView })
  @MayAnswer(InvalidId, InvalidQuery, InvalidCursor, RunNotFound)
  @RequiresPermission('run.read')
  get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Query() query: CursorQuery): Promise<RunView> {
    return this.runs.one(actor, id, query);
  }

  @Post(':id/reinstate')
  @HttpCode(202)
  @ApiOperation({ summary: 'Requests that what a run did be taken back', operationId: 'reinstateRun' })
  @ApiAcceptedResponse({ type: AcceptedView })
  @MayAnswer(
    InvalidId,
    RunNotFound,
    RunNotEnded,
    RunNotReinstatable,
    RunNothingToTakeBack,
    ReinstatementOpen,
    OverwriteUnknown,
    NoPasswordToHandOver,
    TenantNotLive,
    TenantTakesNoRequests,
  )
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfRun)
  @RequiresPermission('run.reinstate')
  reinstate(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ReinstateDto,
  ): Promise<AcceptedView> {
    return this.reinstateRun.execute(call, writer, id, body);
  }
}
