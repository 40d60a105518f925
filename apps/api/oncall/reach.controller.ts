import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ContactMethodInvalid,
  FeedNotFound,
  OnCallNameTaken,
  OnCallPersonUnknown,
  ScheduleNotFound,
  TeamNotFound,
} from '#libs/oncall';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  RequiresPermission,
  WritesAboutSelf,
  WritesForTenant,
  WritesForTenantOf,
} from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { CalendarFeeds } from './calendar-feeds.js';
import { ReachDesk, tenantOfTeam } from './reach-desk.js';
import {
  ContactMethodsDto,
  ContactMethodsView,
  FeedDto,
  FeedsView,
  MadeFeedView,
  TeamDto,
  TeamsView,
  TeamView,
} from './reach.dto.js';
import { OnCallQuery } from './schedule.dto.js';

@ApiTags('On call')
@Controller('v1/on-call')
export class ReachController {
  constructor(
    private readonly desk: ReachDesk,
    private readonly feeds: CalendarFeeds,
  ) {}

  @Get('teams')
  @ApiOperation({ summary: 'Lists teams', operationId: 'listTeams' })
  @ApiOkResponse({ type: TeamsView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('oncall.read')
  teams(@CurrentActor() actor: Actor, @Query() { tenant }: OnCallQuery): Promise<TeamsView> {
    return this.desk.teams(actor, tenant);
  }

  @Post('teams')
  @ApiOperation({ summary: 'Makes a team', operationId: 'createTeam' })
  @ApiCreatedResponse({ type: TeamView })
  @MayAnswer(OnCallPersonUnknown, OnCallNameTaken)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('oncall.write')
  createTeam(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: TeamDto,
  ): Promise<TeamView> {
    return this.desk.createTeam(call, writer, body);
  }

  @Put('teams/:id')
  @ApiOperation({ summary: 'Changes a team', operationId: 'putTeam' })
  @ApiOkResponse({ type: TeamView })
  @MayAnswer(InvalidId, TeamNotFound, OnCallPersonUnknown, OnCallNameTaken)
  @TakesJson()
  @WritesForTenantOf(tenantOfTeam)
  @RequiresPermission('oncall.write')
  putTeam(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string, @Body() body: TeamDto): Promise<TeamView> {
    return this.desk.putTeam(writer, id, body);
  }

  @Delete('teams/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes a team out of use', operationId: 'archiveTeam' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, TeamNotFound)
  @WritesForTenantOf(tenantOfTeam)
  @RequiresPermission('oncall.write')
  archiveTeam(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.archiveTeam(writer, id);
  }

  @Get('contact-methods')
  @ApiOperation({ summary: 'Shows by what you are reached', operationId: 'getContactMethods' })
  @ApiOkResponse({ type: ContactMethodsView })
  @WritesAboutSelf()
  @RequiresPermission('oncall.take_part')
  methods(@CurrentWriter() writer: Writer): Promise<ContactMethodsView> {
    return this.desk.methods(writer);
  }

  @Put('contact-methods')
  @ApiOperation({ summary: 'Says by what you are reached, and in which order', operationId: 'putContactMethods' })
  @ApiOkResponse({ type: ContactMethodsView })
  @MayAnswer(ContactMethodInvalid)
  @TakesJson()
  @WritesAboutSelf()
  @RequiresPermission('oncall.take_part')
  setMethods(@CurrentWriter() writer: Writer, @Body() body: ContactMethodsDto): Promise<ContactMethodsView> {
    return this.desk.setMethods(writer, body);
  }

  @Get('calendar-feeds')
  @ApiOperation({ summary: 'Lists your addresses for calendar programs', operationId: 'listCalendarFeeds' })
  @ApiOkResponse({ type: FeedsView })
  @WritesAboutSelf()
  @RequiresPermission('oncall.take_part')
  listFeeds(@CurrentWriter() writer: Writer): Promise<FeedsView> {
    return this.feeds.list(writer);
  }

  @Post('calendar-feeds')
  @ApiOperation({ summary: 'Draws an address for a calendar program', operationId: 'createCalendarFeed' })
  @ApiCreatedResponse({ type: MadeFeedView })
  @MayAnswer(ScheduleNotFound)
  @TakesJson()
  @Creates()
  @WritesAboutSelf()
  @RequiresPermission('oncall.take_part')
  makeFeed(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: FeedDto,
  ): Promise<MadeFeedView> {
    return this.feeds.make(call, writer, body);
  }

  @Delete('calendar-feeds/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Has an address of yours show nothing more', operationId: 'revokeCalendarFeed' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, FeedNotFound)
  @WritesAboutSelf()
  @RequiresPermission('oncall.take_part')
  revokeFeed(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.feeds.revoke(writer, id);
  }
}
