import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { ChainUnknown, EscalationNotFound, EscalationNotRunning } from '#libs/sla';
import { TicketClosed, TicketNotFound } from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfTicket } from '../tickets/ticket-access.js';
import { EscalationDesk, tenantOfEscalation } from './escalation-desk.js';
import { EscalationListQuery, StartEscalationDto } from './escalation.dto.js';
import { EscalationDetailsView, EscalationPageView, EscalationView, TimersView } from './escalation.view.js';
import { TenantQuery } from './tenant.query.js';

@ApiTags('Escalation')
@Controller('v1')
export class EscalationsController {
  constructor(private readonly desk: EscalationDesk) {}

  @Get('escalations')
  @ApiOperation({ summary: 'Lists escalations, the newest first', operationId: 'listEscalations' })
  @ApiOkResponse({ type: EscalationPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('escalation.read')
  list(@CurrentActor() actor: Actor, @Query() query: EscalationListQuery): Promise<EscalationPageView> {
    return this.desk.list(actor, query);
  }

  @Get('escalations/:id')
  @ApiOperation({ summary: 'Shows an escalation with its timeline, and who was told', operationId: 'getEscalation' })
  @ApiOkResponse({ type: EscalationDetailsView })
  @MayAnswer(InvalidId, EscalationNotFound)
  @RequiresPermission('escalation.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<EscalationDetailsView> {
    return this.desk.one(actor, id);
  }

  @Post('escalations/:id/acknowledgement')
  @HttpCode(200)
  @ApiOperation({ summary: 'Acknowledges an escalation: its chain stands still', operationId: 'acknowledgeEscalation' })
  @ApiOkResponse({ type: EscalationView })
  @MayAnswer(InvalidId, EscalationNotFound, EscalationNotRunning)
  @WritesForTenantOf(tenantOfEscalation)
  @RequiresPermission('escalation.work')
  acknowledge(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<EscalationView> {
    return this.desk.acknowledge(writer, id);
  }

  @Post('tickets/:id/escalations')
  @ApiOperation({ summary: 'Starts a chain for a ticket', operationId: 'startEscalation' })
  @ApiCreatedResponse({ type: EscalationView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, ChainUnknown)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('escalation.work')
  start(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: StartEscalationDto,
  ): Promise<EscalationView> {
    return this.desk.start(call, writer, id, body);
  }

  @Get('sla/timers')
  @ApiOperation({
    summary: 'Lists timers that are overdue, and tickets without a workflow',
    operationId: 'listSlaTimers',
  })
  @ApiOkResponse({ type: TimersView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('escalation.read')
  timers(@CurrentActor() actor: Actor, @Query() { tenant }: TenantQuery): Promise<TimersView> {
    return this.desk.timers(actor, tenant);
  }
}
