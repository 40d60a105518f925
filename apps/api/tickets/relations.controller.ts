import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import {
  RunBound,
  RunConfidential,
  TicketLinkImpossible,
  TicketLinkNotFound,
  TicketNotFound,
  TicketWatcherUnknown,
} from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { RelationDesk, tenantOfLink } from './relation-desk.js';
import { LinkRunDto, LinksView, LinkThingDto, LinkTicketDto, WatchersDto, WatchersView } from './relation.dto.js';
import { tenantOfTicket } from './ticket-access.js';

@ApiTags('Tickets')
@Controller('v1')
export class RelationsController {
  constructor(private readonly desk: RelationDesk) {}

  @Get('tickets/:id/links')
  @ApiOperation({ summary: 'Lists what a ticket is linked to', operationId: 'listTicketLinks' })
  @ApiOkResponse({ type: LinksView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket.read')
  listTicketLinks(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<LinksView> {
    return this.desk.links(actor, id);
  }

  @Post('tickets/:id/links/tickets')
  @HttpCode(200)
  @ApiOperation({ summary: 'Links a ticket to another one', operationId: 'linkTicket' })
  @ApiOkResponse({ type: LinksView })
  @MayAnswer(InvalidId, TicketNotFound, TicketLinkImpossible)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  linkTicket(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: LinkTicketDto,
  ): Promise<LinksView> {
    return this.desk.linkTicket(writer, id, body);
  }

  @Post('tickets/:id/links/things')
  @HttpCode(200)
  @ApiOperation({ summary: 'Links a ticket to a device or alert', operationId: 'linkThing' })
  @ApiOkResponse({ type: LinksView })
  @MayAnswer(InvalidId, TicketNotFound, TicketLinkImpossible)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  linkThing(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: LinkThingDto,
  ): Promise<LinksView> {
    return this.desk.linkThing(writer, id, body);
  }

  @Post('tickets/:id/links/runs')
  @HttpCode(200)
  @ApiOperation({ summary: 'Makes a run a ticket’s', operationId: 'linkRun' })
  @ApiOkResponse({ type: LinksView })
  @MayAnswer(InvalidId, TicketNotFound, TicketLinkImpossible, RunBound, RunConfidential)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  linkRun(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: LinkRunDto,
  ): Promise<LinksView> {
    return this.desk.linkRun(writer, id, body);
  }

  @Delete('ticket-links/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes a link of a ticket away', operationId: 'unlinkTicket' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, TicketLinkNotFound, TicketLinkImpossible)
  @WritesForTenantOf(tenantOfLink)
  @RequiresPermission('ticket.work')
  unlinkTicket(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.unlink(writer, id);
  }

  @Get('tickets/:id/watchers')
  @ApiOperation({ summary: 'Lists who watches a ticket', operationId: 'listTicketWatchers' })
  @ApiOkResponse({ type: WatchersView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket_time.read')
  listTicketWatchers(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<WatchersView> {
    return this.desk.watchers(actor, id);
  }

  @Put('tickets/:id/watchers')
  @ApiOperation({ summary: 'Says who watches a ticket', operationId: 'setTicketWatchers' })
  @ApiOkResponse({ type: WatchersView })
  @MayAnswer(InvalidId, TicketNotFound, TicketWatcherUnknown)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  setTicketWatchers(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { subjects }: WatchersDto,
  ): Promise<WatchersView> {
    return this.desk.setWatchers(writer, id, subjects);
  }
}
