import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '#libs/platform/access';
import { RequiresPermission, WritesAboutSelf } from '../access/access.decorators.js';
import { CurrentActor } from '../access/caller.js';
import { Account } from './account.js';
import { Cookies } from './cookies.js';
import { MeView, SignedOutView } from './me.view.js';

@ApiTags('Account')
@Controller('v1')
export class MeController {
  constructor(
    private readonly account: Account,
    private readonly cookies: Cookies,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'Tells who you are and what you may do where', operationId: 'getMe' })
  @ApiOkResponse({ type: MeView })
  @RequiresPermission('account.own')
  show(@CurrentActor() actor: Actor): Promise<MeView> {
    return this.account.show(actor);
  }

  @Post('sign-out')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends the session that this call comes with', operationId: 'signOut' })
  @ApiOkResponse({ type: SignedOutView })
  @WritesAboutSelf()
  @RequiresPermission('account.own')
  signOut(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedOutView> {
    this.cookies.clear(reply, 'session');
    // not the cookies: other applications under this domain have theirs
    void reply.header('clear-site-data', '"cache", "storage"');
    return this.account.signOut(actor, this.cookies.read(request, 'session'));
  }
}
