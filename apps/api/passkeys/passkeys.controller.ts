import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  LastPasskey,
  PasskeyNotFound,
  PasskeyNotVerified,
  PasskeysUnavailable,
  SignInNotBegun,
  SignInTooOld,
} from '#libs/identity';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesAboutSelf, WritesForTenantOf } from '../access/access.decorators.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidId } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { Cookies } from '../identity/cookies.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfPerson } from '../people/people.js';
import { GrantTooPowerful, LastOwner, OwnGrant, PersonNotFound } from '../people/person.errors.js';
import { NewPasskeyDto, PasskeyNameDto, PasskeyRemovalDto } from './passkey.dto.js';
import { PasskeyDesk } from './passkey-desk.js';
import { PasskeyListView, PasskeyOptionsView, PasskeyView } from './passkey.view.js';

@ApiTags('Passkeys')
@Controller('v1')
export class PasskeysController {
  constructor(
    private readonly passkeys: PasskeyDesk,
    private readonly cookies: Cookies,
  ) {}

  @Get('passkeys')
  @ApiOperation({ summary: 'Lists your passkeys', operationId: 'listOwnPasskeys' })
  @ApiOkResponse({ type: PasskeyListView })
  @RequiresPermission('account.own')
  listOwn(@CurrentActor() actor: Actor): Promise<PasskeyListView> {
    return this.passkeys.listOwn(actor);
  }

  @Post('passkeys/options')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Begins to make a further passkey, within 15 minutes of signing in',
    operationId: 'beginPasskey',
  })
  @ApiOkResponse({ type: PasskeyOptionsView })
  @MayAnswer(SignInTooOld, PasskeysUnavailable)
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  async begin(
    @CurrentWriter() writer: Writer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PasskeyOptionsView> {
    const { token, options } = await this.passkeys.begin(writer);
    this.cookies.set(reply, 'passkey', token);
    return { publicKey: options };
  }

  @Post('passkeys')
  @ApiOperation({ summary: 'Keeps a passkey that the browser just made', operationId: 'addPasskey' })
  @ApiCreatedResponse({ type: PasskeyView })
  @MayAnswer(SignInTooOld, PasskeysUnavailable, SignInNotBegun, PasskeyNotVerified)
  @TakesJson()
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  add(
    @CurrentWriter() writer: Writer,
    @Body() body: NewPasskeyDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PasskeyView> {
    const begun = this.cookies.read(request, 'passkey');
    this.cookies.clear(reply, 'passkey');
    return this.passkeys.add(writer, begun, body);
  }

  @Put('passkeys/:id')
  @ApiOperation({ summary: 'Renames one of your passkeys', operationId: 'renamePasskey' })
  @ApiOkResponse({ type: PasskeyView })
  @MayAnswer(InvalidId, SignInTooOld, PasskeyNotFound)
  @TakesJson()
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  rename(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { name }: PasskeyNameDto,
  ): Promise<PasskeyView> {
    return this.passkeys.rename(writer, id, name);
  }

  @Delete('passkeys/:id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Removes one of your passkeys and ends the sessions that it began',
    operationId: 'removeOwnPasskey',
  })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, SignInTooOld, PasskeyNotFound, LastPasskey)
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  remove(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.passkeys.remove(writer, id);
  }

  @Get('people/:id/passkeys')
  @ApiOperation({ summary: 'Lists a person’s passkeys', operationId: 'listPersonPasskeys' })
  @ApiOkResponse({ type: PasskeyListView })
  @MayAnswer(InvalidId, PersonNotFound)
  @RequiresPermission('person.read')
  listOf(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<PasskeyListView> {
    return this.passkeys.listOf(actor, id);
  }

  @Delete('people/:id/passkeys')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Removes all passkeys of a person, e.g. after a loss, and ends their sessions; then invite them anew',
    operationId: 'removePersonPasskeys',
  })
  @ApiOkResponse({ type: PasskeyListView })
  @MayAnswer(InvalidId, PersonNotFound, OwnGrant, GrantTooPowerful, LastOwner)
  @TakesJson()
  @WritesForTenantOf(tenantOfPerson)
  @RequiresPermission('person.write')
  removeAllOf(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: PasskeyRemovalDto,
  ): Promise<PasskeyListView> {
    return this.passkeys.removeAllOf(writer, id, reason);
  }
}
