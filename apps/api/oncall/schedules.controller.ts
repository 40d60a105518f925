import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  OnCallNameTaken,
  OnCallPersonUnknown,
  OverrideNotFound,
  ScheduleInvalid,
  ScheduleNotFound,
  SpanInvalid,
  SwapImpossible,
  SwapNotFound,
} from '#libs/oncall';
import { PermissionDenied, type Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ScheduleDesk, tenantOfOverride, tenantOfSchedule } from './schedule-desk.js';
import { OnCallQuery, OverrideDto, ScheduleDto, ShiftsQuery, SwapAnswerDto, SwapDto } from './schedule.dto.js';
import {
  OnCallNowListView,
  OverrideView,
  SchedulesView,
  ScheduleView,
  ShiftsView,
  SwapsView,
  SwapView,
} from './schedule.view.js';
import { Shifts } from './shifts.js';
import { SwapDesk, tenantOfSwap } from './swap-desk.js';

@ApiTags('On call')
@Controller('v1/on-call')
export class SchedulesController {
  constructor(
    private readonly desk: ScheduleDesk,
    private readonly shifts: Shifts,
    private readonly swaps: SwapDesk,
  ) {}

  @Get('now')
  @ApiOperation({ summary: 'Shows who is on call now and who comes next', operationId: 'getOnCallNow' })
  @ApiOkResponse({ type: OnCallNowListView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('oncall.read')
  now(@CurrentActor() actor: Actor, @Query() { tenant }: OnCallQuery): Promise<OnCallNowListView> {
    return this.shifts.now(actor, tenant);
  }

  @Get('schedules')
  @ApiOperation({ summary: 'Lists schedules of who is on call', operationId: 'listOnCallSchedules' })
  @ApiOkResponse({ type: SchedulesView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('oncall.read')
  list(@CurrentActor() actor: Actor, @Query() { tenant }: OnCallQuery): Promise<SchedulesView> {
    return this.desk.list(actor, tenant);
  }

  @Post('schedules')
  @ApiOperation({ summary: 'Makes a schedule; gaps in it are shown as warnings', operationId: 'createOnCallSchedule' })
  @ApiCreatedResponse({ type: ScheduleView })
  @MayAnswer(ScheduleInvalid, OnCallPersonUnknown, OnCallNameTaken)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('oncall.write')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: ScheduleDto,
  ): Promise<ScheduleView> {
    return this.desk.create(call, writer, body);
  }

  @Get('schedules/:id')
  @ApiOperation({ summary: 'Shows a schedule', operationId: 'getOnCallSchedule' })
  @ApiOkResponse({ type: ScheduleView })
  @MayAnswer(InvalidId, ScheduleNotFound)
  @RequiresPermission('oncall.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<ScheduleView> {
    return this.desk.one(actor, id);
  }

  @Put('schedules/:id')
  @ApiOperation({ summary: 'Saves a schedule’s next version', operationId: 'putOnCallSchedule' })
  @ApiOkResponse({ type: ScheduleView })
  @MayAnswer(InvalidId, ScheduleNotFound, ScheduleInvalid, OnCallPersonUnknown, OnCallNameTaken)
  @TakesJson()
  @WritesForTenantOf(tenantOfSchedule)
  @RequiresPermission('oncall.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ScheduleDto,
  ): Promise<ScheduleView> {
    return this.desk.put(writer, id, body);
  }

  @Delete('schedules/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes a schedule out of use', operationId: 'archiveOnCallSchedule' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, ScheduleNotFound)
  @WritesForTenantOf(tenantOfSchedule)
  @RequiresPermission('oncall.write')
  archive(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.archive(writer, id);
  }

  @Get('schedules/:id/shifts')
  @ApiOperation({
    summary: 'Shows shifts, gaps, double bookings, and rest after call-outs that is too short',
    operationId: 'listOnCallShifts',
  })
  @ApiOkResponse({ type: ShiftsView })
  @MayAnswer(InvalidId, InvalidQuery, ScheduleNotFound, SpanInvalid)
  @RequiresPermission('oncall.read')
  shiftsOf(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: ShiftsQuery,
  ): Promise<ShiftsView> {
    return this.shifts.of(actor, id, query);
  }

  @Post('schedules/:id/overrides')
  @ApiOperation({ summary: 'Has somebody take a span, whosever turn it is', operationId: 'enterOnCallOverride' })
  @ApiCreatedResponse({ type: OverrideView })
  @MayAnswer(InvalidId, ScheduleNotFound, SpanInvalid, OnCallPersonUnknown)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfSchedule)
  @RequiresPermission('oncall.write')
  override(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: OverrideDto,
  ): Promise<OverrideView> {
    return this.desk.override(call, writer, id, body);
  }

  @Delete('overrides/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Withdraws a span that somebody took', operationId: 'withdrawOnCallOverride' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, OverrideNotFound)
  @WritesForTenantOf(tenantOfOverride)
  @RequiresPermission('oncall.write')
  withdraw(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.withdraw(writer, id);
  }

  @Get('schedules/:id/swaps')
  @ApiOperation({ summary: 'Lists swaps of a schedule, the newest first', operationId: 'listOnCallSwaps' })
  @ApiOkResponse({ type: SwapsView })
  @MayAnswer(InvalidId, ScheduleNotFound)
  @RequiresPermission('oncall.read')
  listSwaps(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<SwapsView> {
    return this.swaps.list(actor, id);
  }

  @Post('schedules/:id/swaps')
  @ApiOperation({ summary: 'Proposes that somebody takes one’s span', operationId: 'proposeOnCallSwap' })
  @ApiCreatedResponse({ type: SwapView })
  @MayAnswer(InvalidId, ScheduleNotFound, SpanInvalid, OnCallPersonUnknown, SwapImpossible, PermissionDenied)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfSchedule)
  @RequiresPermission('oncall.take_part')
  propose(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: SwapDto,
  ): Promise<SwapView> {
    return this.swaps.propose(call, writer, id, body);
  }

  @Post('swaps/:id/answer')
  @HttpCode(200)
  @ApiOperation({ summary: 'Accepts or refuses a swap', operationId: 'answerOnCallSwap' })
  @ApiOkResponse({ type: SwapView })
  @MayAnswer(InvalidId, SwapNotFound, SwapImpossible, ScheduleNotFound, PermissionDenied)
  @TakesJson()
  @WritesForTenantOf(tenantOfSwap)
  @RequiresPermission('oncall.take_part')
  answer(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: SwapAnswerDto,
  ): Promise<SwapView> {
    return this.swaps.answer(writer, id, body);
  }
}
