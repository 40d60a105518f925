import { Controller, Get, Header, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { IncomingMailDecided, IncomingMailNotFound, TicketNotFound } from '#libs/tickets';
import { RequiresPermission, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { FILE_POLICY } from '../http/common-headers.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { IncomingMailDesk, tenantOfIncomingMail } from './incoming-mail-desk.js';
import { IncomingMailQuery } from './ticket-mail.dto.js';
import { IncomingMailPageView, IncomingMailView, MailsOfTicketView } from './ticket-mail.view.js';

const BYTES = 'application/octet-stream';

@ApiTags('Mails about tickets')
@Controller('v1')
export class IncomingMailsController {
  constructor(private readonly desk: IncomingMailDesk) {}

  @Get('tickets/:id/mails')
  @ApiOperation({ summary: 'Lists mails about a ticket, out and in', operationId: 'listMailsOfTicket' })
  @ApiOkResponse({ type: MailsOfTicketView })
  @MayAnswer(InvalidId, TicketNotFound)
  @RequiresPermission('ticket_mail.read')
  ofTicket(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<MailsOfTicketView> {
    return this.desk.ofTicket(actor, id);
  }

  @Get('incoming-mails')
  @ApiOperation({ summary: 'Lists mails that came in, the newest first', operationId: 'listIncomingMails' })
  @ApiOkResponse({ type: IncomingMailPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('ticket_mail.read')
  list(@CurrentActor() actor: Actor, @Query() query: IncomingMailQuery): Promise<IncomingMailPageView> {
    return this.desk.list(actor, query);
  }

  @Get('incoming-mails/:id')
  @ApiOperation({ summary: 'Shows a mail that came in, and what proves its sender', operationId: 'getIncomingMail' })
  @ApiOkResponse({ type: IncomingMailView })
  @MayAnswer(InvalidId, IncomingMailNotFound)
  @RequiresPermission('ticket_mail.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<IncomingMailView> {
    return this.desk.one(actor, id);
  }

  @Get('incoming-mails/:id/original')
  // bytes to keep, never to show: a stranger wrote them
  @Header('content-type', BYTES)
  @Header('content-disposition', 'attachment; filename="mail.eml"')
  @Header('content-security-policy', FILE_POLICY)
  @ApiOperation({ summary: 'The mail as it came', operationId: 'getOriginalOfMail' })
  @ApiOkResponse({ content: { [BYTES]: { schema: { type: 'string', format: 'binary' } } } })
  @MayAnswer(InvalidId, IncomingMailNotFound)
  @RequiresPermission('ticket_mail.read')
  async original(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.desk.original(actor, id), { type: BYTES });
  }

  @Post('incoming-mails/:id/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Makes a ticket of a mail that waits', operationId: 'releaseIncomingMail' })
  @ApiOkResponse({ type: IncomingMailView })
  @MayAnswer(InvalidId, IncomingMailNotFound, IncomingMailDecided)
  @WritesForTenantOf(tenantOfIncomingMail)
  @RequiresPermission('ticket_mail.decide')
  release(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<IncomingMailView> {
    return this.desk.release(writer, id);
  }

  @Post('incoming-mails/:id/rejection')
  @HttpCode(200)
  @ApiOperation({ summary: 'Puts a mail that waits away', operationId: 'rejectIncomingMail' })
  @ApiOkResponse({ type: IncomingMailView })
  @MayAnswer(InvalidId, IncomingMailNotFound, IncomingMailDecided)
  @WritesForTenantOf(tenantOfIncomingMail)
  @RequiresPermission('ticket_mail.decide')
  reject(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<IncomingMailView> {
    return this.desk.reject(writer, id);
  }
}
