import { Body, Controller, Get, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PermissionDenied, type Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import {
  AttachmentEmpty,
  AttachmentNotFound,
  AttachmentTypeRefused,
  TicketClosed,
  TicketFilesFull,
  TicketNotFound,
} from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { FILE_POLICY } from '../http/common-headers.js';
import { BodyTooLarge, InvalidId, InvalidQuery, UnsupportedMediaType } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { Costs } from '../limits/costs.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { AttachmentDesk } from './attachment-desk.js';
import { AttachmentQuery, AttachmentsView, AttachmentView, dispositionOf } from './attachment.dto.js';
import { tenantOfTicket } from './ticket-access.js';

const BYTES = { schema: { type: 'string', format: 'binary' } } as const;

@ApiTags('Tickets')
@Controller('v1')
export class AttachmentsController {
  constructor(private readonly desk: AttachmentDesk) {}

  @Post('tickets/:id/attachments')
  @ApiOperation({ summary: 'Adds a file to a ticket', operationId: 'addTicketAttachment' })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ ...BYTES, description: 'The file as it is, 10 MiB at most.' })
  @ApiCreatedResponse({ type: AttachmentView })
  @MayAnswer(InvalidId, InvalidQuery, BodyTooLarge, UnsupportedMediaType, PermissionDenied, TicketNotFound)
  @MayAnswer(TicketClosed, AttachmentEmpty, AttachmentTypeRefused, TicketFilesFull)
  @Creates()
  @WritesForTenantOf(tenantOfTicket)
  @Costs('expensive')
  @RequiresPermission('ticket.comment')
  add(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Query() query: AttachmentQuery,
    @Body() file: unknown,
  ): Promise<AttachmentView> {
    return this.desk.add(call, writer, id, query, file);
  }

  @Get('tickets/:id/attachments')
  @ApiOperation({ summary: 'Lists the files of a ticket', operationId: 'listTicketAttachments' })
  @ApiOkResponse({ type: AttachmentsView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket.read')
  list(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<AttachmentsView> {
    return this.desk.list(actor, id);
  }

  @Get('ticket-attachments/:id')
  @ApiOperation({ summary: 'A file of a ticket, to be saved', operationId: 'downloadTicketAttachment' })
  @ApiOkResponse({ content: { 'application/octet-stream': BYTES } })
  @MayAnswer(InvalidId, AttachmentNotFound)
  @Costs('expensive')
  @RequiresPermission('ticket.read')
  async download(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { row, bytes } = await this.desk.download(actor, id);
    void reply.header('content-security-policy', FILE_POLICY);
    const { type, name, size: length } = row;
    return new StreamableFile(bytes, { type, disposition: dispositionOf(name), length });
  }
}
