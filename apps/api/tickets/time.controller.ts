import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  TechnicianUnknown,
  TicketNotFound,
  TimeEntryEnded,
  TimeEntryNotFound,
  TimeOverlaps,
  TimeSpanInvalid,
} from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfTicket } from './ticket-access.js';
import { tenantOfTimeEntry, TimeDesk } from './time-desk.js';
import {
  RecordTimeDto,
  StartTimeDto,
  StopTimeDto,
  TimeEntriesView,
  TimeEntryView,
  WithdrawTimeDto,
} from './time.dto.js';

@ApiTags('Tickets')
@Controller('v1')
export class TimeController {
  constructor(private readonly desk: TimeDesk) {}

  @Get('tickets/:id/time-entries')
  @ApiOperation({ summary: 'Lists the time that was worked on a ticket, with sums', operationId: 'listTicketTime' })
  @ApiOkResponse({ type: TimeEntriesView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket_time.read')
  list(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<TimeEntriesView> {
    return this.desk.list(actor, id);
  }

  @Post('tickets/:id/time-entries')
  @ApiOperation({ summary: 'Puts down time that was worked on a ticket', operationId: 'recordTicketTime' })
  @ApiCreatedResponse({ type: TimeEntryView })
  @MayAnswer(InvalidId, TicketNotFound, TimeSpanInvalid, TimeOverlaps, TechnicianUnknown)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  record(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: RecordTimeDto,
  ): Promise<TimeEntryView> {
    return this.desk.record(call, writer, id, body);
  }

  @Post('tickets/:id/time-entries/start')
  @ApiOperation({ summary: 'Begins your time on a ticket', operationId: 'startTicketTime' })
  @ApiCreatedResponse({ type: TimeEntryView })
  @MayAnswer(InvalidId, TicketNotFound, TimeOverlaps)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  start(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: StartTimeDto,
  ): Promise<TimeEntryView> {
    return this.desk.start(call, writer, id, body);
  }

  @Post('ticket-time-entries/:id/stop')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends time that is running', operationId: 'stopTicketTime' })
  @ApiOkResponse({ type: TimeEntryView })
  @MayAnswer(InvalidId, TimeEntryNotFound, TimeEntryEnded)
  @TakesJson()
  @WritesForTenantOf(tenantOfTimeEntry)
  @RequiresPermission('ticket.work')
  stop(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { note }: StopTimeDto,
  ): Promise<TimeEntryView> {
    return this.desk.stop(writer, id, note ?? null);
  }

  @Post('ticket-time-entries/:id/withdraw')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes time back that was put down wrongly', operationId: 'withdrawTicketTime' })
  @ApiOkResponse({ type: TimeEntryView })
  @MayAnswer(InvalidId, TimeEntryNotFound, TimeEntryEnded)
  @TakesJson()
  @WritesForTenantOf(tenantOfTimeEntry)
  @RequiresPermission('ticket.work')
  withdraw(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: WithdrawTimeDto,
  ): Promise<TimeEntryView> {
    return this.desk.withdraw(writer, id, reason);
  }
}
