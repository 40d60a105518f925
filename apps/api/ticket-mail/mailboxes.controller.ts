import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { MailboxInvalid, MailboxNotFound, TooManyMailboxes } from '#libs/tickets';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { MailboxDesk, tenantOfMailbox } from './mailbox-desk.js';
import { MailboxDto, TenantQuery } from './ticket-mail.dto.js';
import { MailboxesView, MailboxView } from './ticket-mail.view.js';

@ApiTags('Mails about tickets')
@Controller('v1')
export class MailboxesController {
  constructor(private readonly desk: MailboxDesk) {}

  @Get('mailboxes')
  @ApiOperation({ summary: 'Lists mailboxes that are read', operationId: 'listMailboxes' })
  @ApiOkResponse({ type: MailboxesView })
  @MayAnswer(InvalidQuery, TenantNotFound)
  @RequiresPermission('ticket_mail.read')
  list(@CurrentActor() actor: Actor, @Query() query: TenantQuery): Promise<MailboxesView> {
    return this.desk.list(actor, query);
  }

  @Post('mailboxes')
  @ApiOperation({ summary: 'Has a mailbox read', operationId: 'createMailbox' })
  @ApiCreatedResponse({ type: MailboxView })
  @MayAnswer(MailboxInvalid, TooManyMailboxes)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('ticket_mail.set_up')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: MailboxDto,
  ): Promise<MailboxView> {
    return this.desk.create(call, writer, body);
  }

  @Put('mailboxes/:id')
  @ApiOperation({ summary: 'Changes how a mailbox is read', operationId: 'putMailbox' })
  @ApiOkResponse({ type: MailboxView })
  @MayAnswer(InvalidId, MailboxNotFound, MailboxInvalid)
  @TakesJson()
  @WritesForTenantOf(tenantOfMailbox)
  @RequiresPermission('ticket_mail.set_up')
  put(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: MailboxDto,
  ): Promise<MailboxView> {
    return this.desk.put(writer, id, body);
  }

  @Delete('mailboxes/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Has a mailbox read no longer', operationId: 'deleteMailbox' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, MailboxNotFound)
  @WritesForTenantOf(tenantOfMailbox)
  @RequiresPermission('ticket_mail.set_up')
  remove(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.remove(writer, id);
  }
}
