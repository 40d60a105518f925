import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InvitationEnded, InvitationNotFound, InvitationNotNeeded, InvitationOpen } from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { GrantTooPowerful } from '../people/person.errors.js';
import { NewInvitationDto, WithdrawalDto } from './invitation.dto.js';
import { InvitationPageView, InvitationView } from './invitation.view.js';
import { Invitations, tenantOfInvitation } from './invitations.js';

@ApiTags('Invitations')
@Controller('v1/invitations')
export class InvitationsController {
  constructor(private readonly invitations: Invitations) {}

  @Get()
  @ApiOperation({ summary: 'Lists invitations, the newest first', operationId: 'listInvitations' })
  @ApiOkResponse({ type: InvitationPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('person.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<InvitationPageView> {
    return this.invitations.list(actor, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Shows an invitation', operationId: 'getInvitation' })
  @ApiOkResponse({ type: InvitationView })
  @MayAnswer(InvalidId, InvitationNotFound)
  @RequiresPermission('person.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<InvitationView> {
    return this.invitations.one(actor, id);
  }

  @Post()
  @ApiOperation({
    summary: 'Invites somebody by mail, who then signs in with a passkey; one invitation per address is open at a time',
    operationId: 'invite',
  })
  @ApiCreatedResponse({ type: InvitationView })
  @MayAnswer(GrantTooPowerful, InvitationOpen, InvitationNotNeeded)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('person.write')
  invite(@CurrentWriter() writer: Writer, @Body() body: NewInvitationDto): Promise<InvitationView> {
    return this.invitations.invite(writer, body);
  }

  @Post(':id/send-again')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sends an invitation again, with a new link; the earlier one no longer holds',
    operationId: 'sendInvitationAgain',
  })
  @ApiOkResponse({ type: InvitationView })
  @MayAnswer(InvalidId, InvitationNotFound, GrantTooPowerful, InvitationEnded)
  @WritesForTenantOf(tenantOfInvitation)
  @RequiresPermission('person.write')
  sendAgain(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<InvitationView> {
    return this.invitations.sendAgain(writer, id);
  }

  @Delete(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Withdraws an invitation', operationId: 'withdrawInvitation' })
  @ApiOkResponse({ type: InvitationView })
  @MayAnswer(InvalidId, InvitationNotFound, InvitationEnded)
  @TakesJson()
  @WritesForTenantOf(tenantOfInvitation)
  @RequiresPermission('person.write')
  withdraw(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: WithdrawalDto,
  ): Promise<InvitationView> {
    return this.invitations.withdraw(writer, id, reason);
  }
}
