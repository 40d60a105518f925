import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators.js';
import { preferredLanguage } from '../http/html.js';
import { MAILED_LINK_ADDRESS } from '../http/secret-addresses.js';
import { pageHeaders, pageOf } from '../pages/page.js';
import { ActByLink, type Presented, type SpokenAnswer } from './act-by-link.js';

interface Address {
  readonly purpose: string;
  readonly token: string;
}

/** The pages behind links in mails. Who holds the link needs no key: the token in the address is the right. */
@ApiExcludeController()
@Controller(MAILED_LINK_ADDRESS)
export class MailedLinksController {
  constructor(private readonly links: ActByLink) {}

  @Get()
  @Public()
  async show(@Param() address: Address, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.links.look(presentedBy(request, address)));
  }

  @Post()
  @Public()
  async act(
    @Param() address: Address,
    @Body() form: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // whatever else was sent, JSON for instance, has none of the form's fields
    const fields = form instanceof Map ? (form as ReadonlyMap<string, string>) : new Map<string, string>();
    send(reply, await this.links.act(presentedBy(request, address), fields));
  }
}

const LONGEST_AGENT = 200;

function presentedBy(request: FastifyRequest, { purpose, token }: Address): Presented {
  const userAgent = request.headers['user-agent']?.slice(0, LONGEST_AGENT) ?? null;
  const browser = { headers: { cookie: request.headers.cookie }, userAgent };
  return { purpose, token, language: preferredLanguage(request.headers['accept-language']), browser };
}

function send(reply: FastifyReply, { status = 200, page, headers, language }: SpokenAnswer): void {
  void reply
    .status(status)
    .headers({ ...pageHeaders(status), ...headers })
    .send(pageOf(page, language));
}
