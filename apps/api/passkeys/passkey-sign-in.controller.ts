import { Body, Controller, Get, Header, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PasskeyCeremonies, PasskeySignIn } from '#libs/identity';
import { Public } from '../access/access.decorators.js';
import { preferredLanguage } from '../http/html.js';
import { Cookies } from '../identity/cookies.js';
import { requireSameSite } from '../identity/same-site.js';
import { InvitationDoor } from '../invitations/invitation-door.js';
import { pageHeaders, pageOf } from '../pages/page.js';
import { CredentialDto, LinkTokenDto, ReturnToDto } from './passkey.dto.js';
import { PASSKEY_POLICY } from './passkey-form.js';
import { PASSKEY_SCRIPT } from './passkey-script.js';
import { signInPage } from './sign-in-page.js';

const LONGEST_AGENT = 200;

/** What our page's script calls to sign in with a passkey. Each call comes from a page of this host, or is refused. */
@ApiExcludeController()
@Controller()
export class PasskeySignInController {
  constructor(
    private readonly ceremonies: PasskeyCeremonies,
    private readonly signIn: PasskeySignIn,
    private readonly invitations: InvitationDoor,
    private readonly cookies: Cookies,
  ) {}

  @Get('sign-in')
  @Public()
  page(@Query() { returnTo }: ReturnToDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const language = preferredLanguage(request.headers['accept-language']);
    const page = signInPage(this.ceremonies.relyingParty.origin, returnTo, language);
    const headers = { ...pageHeaders(200), 'content-security-policy': PASSKEY_POLICY };
    void reply.status(200).headers(headers).send(pageOf(page, language));
  }

  @Get('sign-in/passkey.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Public()
  script(): string {
    return PASSKEY_SCRIPT;
  }

  @Post('v1/sign-in/passkey/options')
  @HttpCode(200)
  @Public()
  async begin(
    @Body() { returnTo }: ReturnToDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    this.requireOurPage(request);
    const { token, options } = await this.ceremonies.beginSignIn(returnTo);
    this.cookies.set(reply, 'passkey', token);
    return options;
  }

  @Post('v1/sign-in/passkey')
  @HttpCode(200)
  @Public()
  async complete(
    @Body() { credential }: CredentialDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly returnTo: string }> {
    this.requireOurPage(request);
    const begun = this.cookies.read(request, 'passkey');
    this.cookies.clear(reply, 'passkey');
    const userAgent = request.headers['user-agent']?.slice(0, LONGEST_AGENT) ?? null;
    const browser = { userAgent, session: this.cookies.read(request, 'session'), address: request.ip };
    const { token, returnTo } = await this.signIn.complete(begun, credential, browser);
    // always a new one: a token that somebody planted before is worth nothing
    this.cookies.set(reply, 'session', token);
    return { returnTo };
  }

  /** The first half of accepting an invitation; the form behind its link is the other. */
  @Post('v1/sign-in/passkey/invitation')
  @HttpCode(200)
  @Public()
  async registerByLink(
    @Body() { token: link }: LinkTokenDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    this.requireOurPage(request);
    const { token, options } = await this.invitations.begin(link);
    this.cookies.set(reply, 'passkey', token);
    return options;
  }

  /** A page of another site must not sign somebody in as whom it likes. Throws `CrossSiteRefused`. */
  private requireOurPage(request: FastifyRequest): void {
    requireSameSite(request, this.ceremonies.relyingParty.origin);
  }
}
