import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  DateInvalid,
  DateProposalNotFound,
  DateProposalNotOpen,
  TicketClosed,
  TicketNotFound,
  TicketNotPlannable,
} from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { DateAnswerDto, DateProposalsView, DateProposalView, ProposeDateDto } from './agreed-date.dto.js';
import { AgreedDates } from './agreed-dates.js';
import { tenantOfTicket } from './ticket-access.js';

@ApiTags('Tickets')
@Controller('v1/tickets/:id/date-proposals')
export class AgreedDatesController {
  constructor(private readonly dates: AgreedDates) {}

  @Get()
  @ApiOperation({ summary: 'Lists dates that were proposed for planned work', operationId: 'listTicketDates' })
  @ApiOkResponse({ type: DateProposalsView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket.read')
  list(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<DateProposalsView> {
    return this.dates.list(actor, id);
  }

  @Post()
  @ApiOperation({ summary: 'Proposes a date for planned work', operationId: 'proposeTicketDate' })
  @ApiCreatedResponse({ type: DateProposalView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, TicketNotPlannable, DateInvalid)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.agree_date')
  propose(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ProposeDateDto,
  ): Promise<DateProposalView> {
    return this.dates.propose(call, writer, id, body);
  }

  @Post(':proposal/answer')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Agrees to a date that the other side proposed, or refuses it',
    operationId: 'answerTicketDate',
  })
  @ApiOkResponse({ type: DateProposalView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, DateProposalNotFound, DateProposalNotOpen)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.agree_date')
  answer(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Param('proposal', IdPipe) proposal: string,
    @Body() body: DateAnswerDto,
  ): Promise<DateProposalView> {
    return this.dates.answer(writer, id, proposal, body);
  }
}
