import { Body, Controller, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CallKey } from '#libs/platform/idempotency';
import { TicketClosed, TicketMergeImpossible, TicketNotFound, TicketSplitImpossible } from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { MergeDto, SplitDto, TagsDto, TypeDto, WorkClassDto } from './relation.dto.js';
import { ShapeDesk } from './shape-desk.js';
import { tenantOfTicket } from './ticket-access.js';
import { TicketView } from './ticket.view.js';

@ApiTags('Tickets')
@Controller('v1')
export class ShapeController {
  constructor(private readonly desk: ShapeDesk) {}

  @Post('tickets/:id/work-class')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives a ticket another class of work', operationId: 'setTicketWorkClass' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  setTicketWorkClass(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: WorkClassDto,
  ): Promise<TicketView> {
    return this.desk.setWorkClass(writer, id, body);
  }

  @Post('tickets/:id/type')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives a ticket another type', operationId: 'setTicketType' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  setTicketType(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: TypeDto,
  ): Promise<TicketView> {
    return this.desk.setType(writer, id, body);
  }

  @Put('tickets/:id/tags')
  @ApiOperation({ summary: 'Replaces the tags of a ticket', operationId: 'setTicketTags' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  setTicketTags(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { tags }: TagsDto,
  ): Promise<TicketView> {
    return this.desk.setTags(writer, id, tags);
  }

  @Post('tickets/:id/merge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Merges a ticket into another one', operationId: 'mergeTicket' })
  @ApiOkResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, TicketMergeImpossible)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  mergeTicket(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: MergeDto,
  ): Promise<TicketView> {
    return this.desk.merge(writer, id, body);
  }

  @Post('tickets/:id/split')
  @ApiOperation({ summary: 'Opens a ticket for a part of what was said to one', operationId: 'splitTicket' })
  @ApiCreatedResponse({ type: TicketView })
  @MayAnswer(InvalidId, TicketNotFound, TicketClosed, TicketSplitImpossible)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket.work')
  splitTicket(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: SplitDto,
  ): Promise<TicketView> {
    return this.desk.split(call, writer, id, body);
  }
}
