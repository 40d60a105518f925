import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  CALENDAR_ERRORS,
  CalendarDateInvalid,
  HolidayRegionUnknown,
  EndBeforeStart,
  SlaCalendarNotFound,
  SlaPolicyInvalid,
  SlaTierUnknown,
} from '#libs/sla';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidQuery } from '../http/http.errors.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ConfirmHolidaysDto, HolidayProposalView, HolidaysQuery } from './holidays.dto.js';
import { proposedHolidays } from './proposed-holidays.js';
import { PromiseNameInvalid, PromiseNamePipe } from './promise-name.pipe.js';
import { PromiseDesk } from './promise-desk.js';
import {
  NamedCalendarDto,
  PromiseQuery,
  PromiseVersionQuery,
  SlaPolicyDto,
  TierDto,
  WhatIfDto,
} from './promise.dto.js';
import {
  ChangesView,
  MovesView,
  NamedCalendarsView,
  NamedCalendarView,
  SlaPoliciesView,
  SlaPolicyView,
  TierView,
  WhatIfView,
} from './promise.view.js';
import { TryTargets } from './try-targets.js';

const NAME = { name: 'name', schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,39}$' } } as const;
const TIER = { ...NAME, name: 'tier' } as const;

@ApiTags('Service levels')
@Controller('v1/sla')
export class PromisesController {
  constructor(
    private readonly desk: PromiseDesk,
    private readonly tried: TryTargets,
  ) {}

  @Get('calendars')
  @ApiOperation({ summary: 'Lists calendars, the newest version of each', operationId: 'listSlaCalendars' })
  @ApiOkResponse({ type: NamedCalendarsView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('sla.read')
  calendars(@CurrentActor() actor: Actor, @Query() { tenant }: PromiseQuery): Promise<NamedCalendarsView> {
    return this.desk.calendars(actor, tenant);
  }

  @Get('calendars/:name')
  @ApiOperation({ summary: 'Shows a calendar', operationId: 'getSlaCalendar' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: NamedCalendarView })
  @MayAnswer(PromiseNameInvalid, InvalidQuery, SlaCalendarNotFound)
  @WritesForTenant()
  @RequiresPermission('sla.read')
  calendar(
    @CurrentWriter() { tenant }: Writer,
    @Param('name', PromiseNamePipe) name: string,
    @Query() { version }: PromiseVersionQuery,
  ): Promise<NamedCalendarView> {
    return this.desk.calendar(tenant, name, version);
  }

  @Put('calendars/:name')
  @ApiOperation({ summary: 'Saves a calendar’s next version; open tickets follow', operationId: 'putSlaCalendar' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: NamedCalendarView })
  @MayAnswer(PromiseNameInvalid, ...CALENDAR_ERRORS)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('sla.write')
  putCalendar(
    @CurrentWriter() writer: Writer,
    @Param('name', PromiseNamePipe) name: string,
    @Body() body: NamedCalendarDto,
  ): Promise<NamedCalendarView> {
    return this.desk.putCalendar(writer, name, body);
  }

  @Post('calendars/:name/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows which deadlines a calendar would move', operationId: 'previewSlaCalendar' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: MovesView })
  @MayAnswer(PromiseNameInvalid, ...CALENDAR_ERRORS)
  @TakesJson()
  @Costs('expensive')
  @WritesForTenant()
  @RequiresPermission('sla.write')
  previewCalendar(
    @CurrentWriter() writer: Writer,
    @Param('name', PromiseNamePipe) name: string,
    @Body() body: NamedCalendarDto,
  ): Promise<MovesView> {
    return this.desk.previewCalendar(writer, name, body);
  }

  @Post('calendars/:name/holidays')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirms a year’s holidays: a calendar’s next version', operationId: 'confirmSlaHolidays' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: NamedCalendarView })
  @MayAnswer(PromiseNameInvalid, SlaCalendarNotFound, CalendarDateInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('sla.confirm_holidays')
  confirmHolidays(
    @CurrentWriter() writer: Writer,
    @Param('name', PromiseNamePipe) name: string,
    @Body() body: ConfirmHolidaysDto,
  ): Promise<NamedCalendarView> {
    return this.desk.confirmHolidays(writer, name, body);
  }

  @Get('holidays')
  @ApiOperation({ summary: 'Proposes the public holidays of a region in a year', operationId: 'proposeHolidays' })
  @ApiOkResponse({ type: HolidayProposalView })
  @MayAnswer(InvalidQuery, HolidayRegionUnknown)
  @RequiresPermission('sla.read')
  holidays(@Query() query: HolidaysQuery): Promise<HolidayProposalView> {
    return proposedHolidays(query);
  }

  @Get('policies')
  @ApiOperation({ summary: 'Lists what tiers promise, the newest version of each', operationId: 'listSlaPolicies' })
  @ApiOkResponse({ type: SlaPoliciesView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('sla.read')
  policies(@CurrentActor() actor: Actor, @Query() { tenant }: PromiseQuery): Promise<SlaPoliciesView> {
    return this.desk.policies(actor, tenant);
  }

  @Get('policies/:tier')
  @ApiOperation({ summary: 'Shows what a tier promises', operationId: 'getSlaPolicy' })
  @ApiParam(TIER)
  @ApiOkResponse({ type: SlaPolicyView })
  @MayAnswer(PromiseNameInvalid, InvalidQuery, SlaTierUnknown)
  @WritesForTenant()
  @RequiresPermission('sla.read')
  policy(
    @CurrentWriter() { tenant }: Writer,
    @Param('tier', PromiseNamePipe) tier: string,
    @Query() { version }: PromiseVersionQuery,
  ): Promise<SlaPolicyView> {
    return this.desk.policy(tenant, tier, version);
  }

  @Put('policies/:tier')
  @ApiOperation({ summary: 'Saves a tier’s next version; open tickets follow', operationId: 'putSlaPolicy' })
  @ApiParam(TIER)
  @ApiOkResponse({ type: SlaPolicyView })
  @MayAnswer(PromiseNameInvalid, SlaPolicyInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('sla.write')
  putPolicy(
    @CurrentWriter() writer: Writer,
    @Param('tier', PromiseNamePipe) tier: string,
    @Body() body: SlaPolicyDto,
  ): Promise<SlaPolicyView> {
    return this.desk.putPolicy(writer, tier, body);
  }

  @Post('policies/:tier/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows which deadlines a policy would move', operationId: 'previewSlaPolicy' })
  @ApiParam(TIER)
  @ApiOkResponse({ type: MovesView })
  @MayAnswer(PromiseNameInvalid, SlaPolicyInvalid)
  @TakesJson()
  @Costs('expensive')
  @WritesForTenant()
  @RequiresPermission('sla.write')
  previewPolicy(
    @CurrentWriter() writer: Writer,
    @Param('tier', PromiseNamePipe) tier: string,
    @Body() body: SlaPolicyDto,
  ): Promise<MovesView> {
    return this.desk.previewPolicy(writer, tier, body);
  }

  @Get('tier')
  @ApiOperation({ summary: 'Shows which tier a customer has', operationId: 'getSlaTier' })
  @ApiOkResponse({ type: TierView })
  @WritesForTenant()
  @RequiresPermission('sla.read')
  tier(@CurrentWriter() { tenant }: Writer): Promise<TierView> {
    return this.desk.tier(tenant);
  }

  @Put('tier')
  @ApiOperation({ summary: 'Gives a customer a tier, or none; open tickets follow', operationId: 'putSlaTier' })
  @ApiOkResponse({ type: TierView })
  @MayAnswer(SlaTierUnknown)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('sla.write')
  putTier(@CurrentWriter() writer: Writer, @Body() body: TierDto): Promise<TierView> {
    return this.desk.putTier(writer, body);
  }

  @Post('tier/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows which deadlines another tier would move', operationId: 'previewSlaTier' })
  @ApiOkResponse({ type: MovesView })
  @MayAnswer(SlaTierUnknown)
  @TakesJson()
  @Costs('expensive')
  @WritesForTenant()
  @RequiresPermission('sla.write')
  previewTier(@CurrentWriter() writer: Writer, @Body() body: TierDto): Promise<MovesView> {
    return this.desk.previewTier(writer, body);
  }

  @Get('changes')
  @ApiOperation({
    summary: 'Lists changes of what is promised, and how far tickets follow',
    operationId: 'listSlaChanges',
  })
  @ApiOkResponse({ type: ChangesView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('sla.read')
  changes(@CurrentActor() actor: Actor, @Query() { tenant }: PromiseQuery): Promise<ChangesView> {
    return this.desk.changes(actor, tenant);
  }

  @Post('what-if')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Tries targets on closed tickets: how many would have been met',
    operationId: 'trySlaTargets',
  })
  @ApiOkResponse({ type: WhatIfView })
  @MayAnswer(InvalidQuery, TenantNotFound, EndBeforeStart)
  @TakesJson()
  @Costs('expensive')
  @RequiresPermission('sla.what_if')
  whatIf(
    @CurrentActor() actor: Actor,
    @Query() { tenant }: PromiseQuery,
    @Body() body: WhatIfDto,
  ): Promise<WhatIfView> {
    return this.tried.execute(actor, tenant, body);
  }
}
