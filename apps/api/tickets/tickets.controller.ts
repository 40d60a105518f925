import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PermissionDenied, type Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  TicketClosed,
  TicketContactUnknown,
  TicketNotFound,
  TicketReasonMissing,
  TicketStatusImpossible,
} from '#libs/tickets';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfTicket } from './ticket-access.js';
import { TicketDesk } from './ticket-desk.js';
import {
  AssignDto,
  CommentDto,
  OpenTicketDto,
  PriorityMatrixDto,
  RateDto,
  StatusDto,
  TicketListQuery,
} from './ticket.dto.js';
import { TicketSlaView } from '../sla/ticket-sla.view.js';
import { TicketEntryPageView, TicketPageView, TicketView } from './ticket.view.js';

@ApiTags('Tickets')
@Controller('v1')
export class TicketsController {
  constructor(private readonly desk: TicketDesk) {}

  @Post('tickets')
  @ApiOperation({ summary: 'Opens a ticket', operationId: 'openTicket' })
  @ApiCreatedResponse({ type: TicketView })
  @MayAnswer(TicketContactUnknown)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('ticket.open')
  open(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: OpenTicketDto,
  ): Promise<TicketView> {
    return this.desk.open(call, writer, body);
  }

  @Get('tickets')
  @ApiOperation({ summary: 'Lists tickets, the newest first', operationId: 'listTickets' })
  @ApiOkResponse({ type: TicketPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('ticket.read')
  list(@CurrentActor() actor: Actor, @Query() query: TicketListQuery): Promise<TicketPageView> {
    return this.desk.list(actor, query);
  }

  @Get('tickets/:id')
  @ApiOperation({ summary: 'Shows a ticket', operationId: 'getTicket' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<TicketView> {
    return this.desk.one(actor, id);
  }

  @Get('tickets/:id/entries')
  @ApiOperation({ summary: 'Lists what happened to a ticket, in its order', operationId: 'listTicketEntries' })
  @ApiOkResponse({ type: TicketEntryPageView })
  @MayAnswer(InvalidId, InvalidQuery, InvalidCursor, TicketNotFound)
  @RequiresPermission('ticket.read')
  entries(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: CursorQuery,
  ): Promise<TicketEntryPageView> {
    return this.desk.entries(actor, id, query);
  }

  @Get('tickets/:id/sla')
  @ApiOperation({ summary: 'Explains each deadline of a ticket', operationId: 'getTicketSla' })
  @ApiOkResponse({ type: TicketSlaView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket.read')
  sla(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<TicketSlaView> {
    return this.desk.sla(actor, id);
  }

  @Post('tickets/:id/comments')
  @ApiOperation({ summary: 'Writes to a ticket', operationId: 'commentTicket' })
  @ApiCreatedResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, PermissionDenied)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.comment')
  comment(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: CommentDto,
  ): Promise<TicketView> {
    return this.desk.comment(call, writer, id, body);
  }

  @Post('tickets/:id/status')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives a ticket another status', operationId: 'setTicketStatus' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, TicketStatusImpossible, TicketReasonMissing)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  status(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: StatusDto,
  ): Promise<TicketView> {
    return this.desk.status(writer, id, body);
  }

  @Post('tickets/:id/rating')
  @HttpCode(200)
  @ApiOperation({ summary: 'Rates a ticket’s impact and urgency anew', operationId: 'rateTicket' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  rate(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string, @Body() body: RateDto): Promise<TicketView> {
    return this.desk.rate(writer, id, body);
  }

  @Put('tickets/:id/assignment')
  @ApiOperation({ summary: 'Gives a ticket to a team or technician', operationId: 'assignTicket' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  assign(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: AssignDto,
  ): Promise<TicketView> {
    return this.desk.assign(writer, id, body);
  }

  @Get('ticket-priorities')
  @ApiOperation({ summary: 'Shows which impact and urgency give which priority', operationId: 'getPriorityMatrix' })
  @ApiOkResponse({ type: PriorityMatrixDto })
  @WritesForTenant()
  @RequiresPermission('ticket_priorities.read')
  matrix(@CurrentWriter() { tenant }: Writer): Promise<PriorityMatrixDto> {
    return this.desk.matrix(tenant);
  }

  @Put('ticket-priorities')
  @ApiOperation({ summary: 'Says which impact and urgency give which priority', operationId: 'putPriorityMatrix' })
  @ApiOkResponse({ type: PriorityMatrixDto })
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('ticket_priorities.write')
  putMatrix(@CurrentWriter() writer: Writer, @Body() body: PriorityMatrixDto): Promise<PriorityMatrixDto> {
    return this.desk.putMatrix(writer, body);
  }
}
