import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseUnavailable } from '#libs/platform/database';
import { Public } from '../access/access.decorators.js';
import { preferredLanguage } from '../http/html.js';
import { HAND_OVER_ADDRESS } from '../http/secret-addresses.js';
import { pageHeaders } from '../pages/page.js';
import { CollectPassword } from './collect-password.js';
import { handOverPage, type HandOverView } from './hand-over.page.js';

const STATUS: Readonly<Record<HandOverView['kind'], number>> = {
  offer: 200,
  password: 200,
  collected: 410,
  expired: 410,
  revoked: 410,
  unknown: 404,
  held: 403,
  unavailable: 503,
};

/** The pages behind a one-time link. Who holds the link needs no key: the token in the address is the right. */
@ApiExcludeController()
@Controller(HAND_OVER_ADDRESS)
export class HandOverController {
  constructor(private readonly passwords: CollectPassword) {}

  @Get()
  @Public()
  show(@Param('token') token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return answer(this.passwords.look(token), request, reply);
  }

  @Post()
  @Public()
  collect(@Param('token') token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return answer(this.passwords.collect(token), request, reply);
  }
}

async function answer(looked: Promise<HandOverView>, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const view = await looked.catch(away);
  void reply
    .status(STATUS[view.kind])
    .headers(pageHeaders(STATUS[view.kind]))
    .send(handOverPage(view, preferredLanguage(request.headers['accept-language'])));
}

/** A person is told in a page that the link still holds; other errors are for the filter. */
function away(error: unknown): HandOverView {
  if (isDatabaseUnavailable(error)) return { kind: 'unavailable' };
  throw error;
}
