import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BackChannelLogout, IssuerUnavailable, SignIn, TokenInvalid } from '#libs/identity';
import { AppError } from '#libs/kernel';
import type { SignInLimits } from '#libs/platform/limits';
import { Public } from '../access/access.decorators.js';
import { BACK_CHANNEL_ADDRESS, SIGN_IN_ADDRESS } from '../http/form-addresses.js';
import { preferredLanguage } from '../http/html.js';
import { statusOf } from '../http/status-of.js';
import { pageHeaders } from '../pages/page.js';
import { Cookies } from './cookies.js';
import { SignInConsent, wantsPage } from './sign-in-consent.js';
import { consentPage, endedPage, onwardsPage, refusedPage } from './sign-in.page.js';
import { SignInQuery } from './sign-in.query.js';

/** The port that guesses are slowed down by. */
export const SIGN_IN_LIMITS = Symbol('sign-in limits');

const LONGEST_AGENT = 200;
/** Where the end of these is to begin anew, with the issuer asking who it is. */
const AGAIN_HELPS = new Set(['sign_in.failed', 'sign_in.second_factor_missing', 'sign_in.no_role']);

/** What browsers and issuers are sent to. People in a browser get pages, everybody else problems. */
@ApiExcludeController()
@Controller()
export class SignInController {
  constructor(
    private readonly signIn: SignIn,
    private readonly logout: BackChannelLogout,
    private readonly cookies: Cookies,
    private readonly consent: SignInConsent,
    @Inject(SIGN_IN_LIMITS) private readonly limits: SignInLimits,
  ) {}

  @Get(SIGN_IN_ADDRESS)
  @Public()
  begin(@Query() query: SignInQuery, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inBrowser(request, reply, async () => {
      const question = await this.consent.questionOf(request);
      if (question) return sendPage(reply, consentPage(question, SIGN_IN_ADDRESS + query.text(), languageOf(request)));
      const url = await this.beginAt(query, reply);
      void reply.redirect(url.href, 303);
    });
  }

  /** The button of the page that asks. */
  @Post(SIGN_IN_ADDRESS)
  @HttpCode(200)
  @Public()
  beginByButton(
    @Query() query: SignInQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return inBrowser(request, reply, async () => {
      this.consent.requireOurButton(request);
      const { href } = await this.beginAt(query, reply);
      // a redirect would be the form's, whose policy knows this host alone; where issuers send on to is theirs to say
      void reply.header('refresh', `0;url=${href}`);
      sendPage(reply, onwardsPage(href, languageOf(request)));
    });
  }

  private async beginAt(query: SignInQuery, reply: FastifyReply): Promise<URL> {
    const { url, token } = await this.signIn.begin(query.hint(), query.returnTo, { again: query.again === 'true' });
    this.cookies.set(reply, 'sign-in', token);
    return url;
  }

  @Get('v1/sign-in/callback/:home/:provider')
  @Public()
  callback(
    @Param('home') tenant: string,
    @Param('provider') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const token = this.cookies.read(request, 'sign-in');
    this.cookies.clear(reply, 'sign-in');
    return inBrowser(request, reply, async (offerAgain) => {
      const begun = await this.signIn.resume(token, { tenant, name });
      offerAgain(`/v1/sign-in?provider=${begun.provider.id}&again=true`);
      const query = /\?.*$/.exec(request.url)?.[0] ?? '';
      const userAgent = request.headers['user-agent']?.slice(0, LONGEST_AGENT) ?? null;
      const browser = { userAgent, session: this.cookies.read(request, 'session') };
      const { token: session, returnTo } = await this.limited(request, () =>
        this.signIn.complete(begun, query, browser),
      );
      // always a new one: a token that somebody planted before is worth nothing
      this.cookies.set(reply, 'session', session);
      void reply.redirect(returnTo, 303);
    });
  }

  /** Guesses at codes are slowed down; that an issuer does not answer is nobody's guess. */
  private async limited<T extends { readonly subject: string }>(
    { ip: address }: FastifyRequest,
    proof: () => Promise<T>,
  ): Promise<T> {
    const attempt = await this.limits.begin({ address, account: null });
    try {
      const proven = await proof();
      await attempt.succeeded(proven.subject);
      return proven;
    } catch (error) {
      if (error instanceof IssuerUnavailable) await attempt.withdraw();
      throw error;
    }
  }

  /** Where an issuer sends the browser when its own session has ended, too. */
  @Get('v1/sign-in/ended')
  @Public()
  ended(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    void reply
      .status(200)
      .headers(pageHeaders(200))
      .send(endedPage(languageOf(request)));
  }

  /** Called by issuers; the signed token in it is the right to it. */
  @Post(BACK_CHANNEL_ADDRESS)
  @HttpCode(200)
  @Public()
  async backChannelLogout(@Body() form: unknown): Promise<void> {
    if (!(form instanceof Map)) throw new TokenInvalid('Send the logout token as a form.');
    await this.logout.receive(form.get('logout_token'));
  }
}

async function inBrowser(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (offerAgain: (address: string) => void) => Promise<void>,
): Promise<void> {
  let again: string | null = null;
  try {
    await work((address) => void (again = address));
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'internal' || !wantsPage(request)) throw error;
    const status = statusOf(error);
    const link = AGAIN_HELPS.has(error.code) ? again : null;
    void reply
      .status(status)
      .headers(pageHeaders(status))
      .send(refusedPage(error.code, link, languageOf(request)));
  }
}

/** With the page's origin in what its form sends: the sign of our own page in browsers that have no better one. */
function sendPage(reply: FastifyReply, page: string): void {
  const headers = { ...pageHeaders(200), 'referrer-policy': 'same-origin' };
  void reply.status(200).headers(headers).send(page);
}

function languageOf({ headers }: FastifyRequest) {
  return preferredLanguage(headers['accept-language']);
}
