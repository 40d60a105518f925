import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import {
  ChainInvalid,
  ChainNotFound,
  ChannelInvalid,
  ChannelNotFound,
  EscalationSettingsInvalid,
  TriggersInvalid,
} from '#libs/sla';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidQuery, RequestInvalid } from '../http/http.errors.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ChainDesk } from './chain-desk.js';
import { ChainDto, ChannelDto, SettingsDto, TriggersDto } from './escalation.dto.js';
import { ChainsView, ChainView, ChannelsView, ChannelView, TriggersView } from './escalation.view.js';
import { CHAIN_NAME, ChainNamePipe } from './name.pipe.js';
import { TenantQuery } from './tenant.query.js';

const NAME = { name: 'name', schema: { type: 'string', pattern: CHAIN_NAME } } as const;

@ApiTags('Escalation')
@Controller('v1')
export class ChainsController {
  constructor(private readonly desk: ChainDesk) {}

  @Get('sla/chains')
  @ApiOperation({ summary: 'Lists chains, each as it stands', operationId: 'listEscalationChains' })
  @ApiOkResponse({ type: ChainsView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('escalation.read')
  chains(@CurrentActor() actor: Actor, @Query() { tenant }: TenantQuery): Promise<ChainsView> {
    return this.desk.chains(actor, tenant);
  }

  @Get('sla/chains/:name')
  @ApiOperation({ summary: 'Shows a chain as it stands', operationId: 'getEscalationChain' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: ChainView })
  @MayAnswer(RequestInvalid, ChainNotFound)
  @WritesForTenant()
  @RequiresPermission('escalation.read')
  chain(@CurrentWriter() writer: Writer, @Param('name', ChainNamePipe) name: string): Promise<ChainView> {
    return this.desk.chain(writer, name);
  }

  @Put('sla/chains/:name')
  @ApiOperation({ summary: 'Says what a chain does, as its next version', operationId: 'putEscalationChain' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: ChainView })
  @MayAnswer(ChainInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('escalation.configure')
  putChain(
    @CurrentWriter() writer: Writer,
    @Param('name', ChainNamePipe) name: string,
    @Body() body: ChainDto,
  ): Promise<ChainView> {
    return this.desk.putChain(writer, name, body);
  }

  @Get('sla/escalation-triggers')
  @ApiOperation({ summary: 'Shows what starts which chain', operationId: 'getEscalationTriggers' })
  @ApiOkResponse({ type: TriggersView })
  @WritesForTenant()
  @RequiresPermission('escalation.read')
  triggers(@CurrentWriter() writer: Writer): Promise<TriggersView> {
    return this.desk.triggers(writer);
  }

  @Put('sla/escalation-triggers')
  @ApiOperation({ summary: 'Says what starts which chain', operationId: 'putEscalationTriggers' })
  @ApiOkResponse({ type: TriggersView })
  @MayAnswer(TriggersInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('escalation.configure')
  putTriggers(@CurrentWriter() writer: Writer, @Body() body: TriggersDto): Promise<TriggersView> {
    return this.desk.putTriggers(writer, body);
  }

  @Get('sla/escalation-settings')
  @ApiOperation({ summary: 'Shows when the engine acts by itself', operationId: 'getEscalationSettings' })
  @ApiOkResponse({ type: SettingsDto })
  @WritesForTenant()
  @RequiresPermission('escalation.read')
  settings(@CurrentWriter() writer: Writer): Promise<SettingsDto> {
    return this.desk.settings(writer);
  }

  @Put('sla/escalation-settings')
  @ApiOperation({ summary: 'Says when the engine acts by itself', operationId: 'putEscalationSettings' })
  @ApiOkResponse({ type: SettingsDto })
  @MayAnswer(EscalationSettingsInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('escalation.configure')
  putSettings(@CurrentWriter() writer: Writer, @Body() body: SettingsDto): Promise<SettingsDto> {
    return this.desk.putSettings(writer, body);
  }

  @Get('notification-channels')
  @ApiOperation({ summary: 'Lists the ways by which people are told', operationId: 'listNotificationChannels' })
  @ApiOkResponse({ type: ChannelsView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('escalation.configure')
  channels(@CurrentActor() actor: Actor, @Query() { tenant }: TenantQuery): Promise<ChannelsView> {
    return this.desk.channels(actor, tenant);
  }

  @Get('notification-channels/:name')
  @ApiOperation({ summary: 'Shows a way by which people are told', operationId: 'getNotificationChannel' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: ChannelView })
  @MayAnswer(RequestInvalid, ChannelNotFound)
  @WritesForTenant()
  @RequiresPermission('escalation.configure')
  channel(@CurrentWriter() writer: Writer, @Param('name', ChainNamePipe) name: string): Promise<ChannelView> {
    return this.desk.channel(writer, name);
  }

  @Put('notification-channels/:name')
  @ApiOperation({ summary: 'Says by which ways people are told', operationId: 'putNotificationChannel' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: ChannelView })
  @MayAnswer(ChannelInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('escalation.configure')
  putChannel(
    @CurrentWriter() writer: Writer,
    @Param('name', ChainNamePipe) name: string,
    @Body() body: ChannelDto,
  ): Promise<ChannelView> {
    return this.desk.putChannel(writer, name, body);
  }
}
