import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  isMailKind,
  isMailLanguage,
  MAIL_KINDS,
  MAIL_LANGUAGES,
  TicketMailTextInvalid,
  TicketMailTextUnknown,
  TicketNotFound,
} from '#libs/tickets';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfTicket } from '../tickets/ticket-access.js';
import { MailTextDesk, type WhichText } from './mail-text-desk.js';
import { MailTextDto, PreviewMailDto, TicketMailSettingsDto } from './ticket-mail.dto.js';
import { MailPreviewView, MailTextsView, MailTextView, TicketMailSettingsView } from './ticket-mail.view.js';

/** Parses what an address names. Throws `TicketMailTextUnknown`. */
function whichOf(kind: string, language: string): WhichText {
  if (!isMailKind(kind)) throw new TicketMailTextUnknown(`Mails about tickets are ${MAIL_KINDS.join(', ')}.`);
  if (!isMailLanguage(language))
    throw new TicketMailTextUnknown(`Mails about tickets are written in ${MAIL_LANGUAGES.join(', ')}.`);
  return { kind, language };
}

const KIND = { name: 'kind', enum: MAIL_KINDS } as const;
const LANGUAGE = { name: 'language', enum: MAIL_LANGUAGES } as const;

@ApiTags('Mails about tickets')
@Controller('v1')
export class MailTextsController {
  constructor(private readonly desk: MailTextDesk) {}

  @Get('ticket-mail-settings')
  @ApiOperation({ summary: 'Shows how a customer’s mails are taken', operationId: 'getTicketMailSettings' })
  @ApiOkResponse({ type: TicketMailSettingsView })
  @WritesForTenant()
  @RequiresPermission('ticket_mail.read')
  settings(@CurrentWriter() { tenant }: Writer): Promise<TicketMailSettingsView> {
    return this.desk.settings(tenant);
  }

  @Put('ticket-mail-settings')
  @ApiOperation({ summary: 'Says how a customer’s mails are taken', operationId: 'putTicketMailSettings' })
  @ApiOkResponse({ type: TicketMailSettingsView })
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('ticket_mail.set_up')
  putSettings(@CurrentWriter() writer: Writer, @Body() body: TicketMailSettingsDto): Promise<TicketMailSettingsView> {
    return this.desk.putSettings(writer, body);
  }

  @Get('ticket-mail-texts')
  @ApiOperation({ summary: 'Lists what mails to a customer say', operationId: 'listTicketMailTexts' })
  @ApiOkResponse({ type: MailTextsView })
  @WritesForTenant()
  @RequiresPermission('ticket_mail.read')
  texts(@CurrentWriter() { tenant }: Writer): Promise<MailTextsView> {
    return this.desk.texts(tenant);
  }

  @Put('ticket-mail-texts/:kind/:language')
  @ApiOperation({ summary: 'Writes a text for mails to a customer', operationId: 'putTicketMailText' })
  @ApiParam(KIND)
  @ApiParam(LANGUAGE)
  @ApiOkResponse({ type: MailTextView })
  @MayAnswer(TicketMailTextUnknown, TicketMailTextInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('ticket_mail.set_up')
  async put(
    @CurrentWriter() writer: Writer,
    @Param('kind') kind: string,
    @Param('language') language: string,
    @Body() body: MailTextDto,
  ): Promise<MailTextView> {
    return this.desk.put(writer, whichOf(kind, language), body);
  }

  @Delete('ticket-mail-texts/:kind/:language')
  @ApiOperation({ summary: 'Brings back the usual text', operationId: 'restoreTicketMailText' })
  @ApiParam(KIND)
  @ApiParam(LANGUAGE)
  @ApiOkResponse({ type: MailTextView })
  @MayAnswer(TicketMailTextUnknown)
  @WritesForTenant()
  @RequiresPermission('ticket_mail.set_up')
  async restore(
    @CurrentWriter() writer: Writer,
    @Param('kind') kind: string,
    @Param('language') language: string,
  ): Promise<MailTextView> {
    return this.desk.restore(writer, whichOf(kind, language));
  }

  @Post('ticket-mail-texts/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows a mail as it would go out, of a sample', operationId: 'previewTicketMail' })
  @ApiOkResponse({ type: MailPreviewView })
  @MayAnswer(TicketMailTextInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('ticket_mail.read')
  preview(@CurrentWriter() { tenant }: Writer, @Body() body: PreviewMailDto): Promise<MailPreviewView> {
    return this.desk.preview(tenant, body);
  }

  @Post('tickets/:id/mail-preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shows a mail as it would go out about a ticket', operationId: 'previewMailOfTicket' })
  @ApiOkResponse({ type: MailPreviewView })
  @MayAnswer(InvalidId, TicketNotFound, TicketMailTextInvalid)
  @TakesJson()
  @WritesForTenantOf(tenantOfTicket)
  @RequiresPermission('ticket_mail.read')
  previewOf(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: PreviewMailDto,
  ): Promise<MailPreviewView> {
    return this.desk.previewOf(writer, id, body);
  }
}
