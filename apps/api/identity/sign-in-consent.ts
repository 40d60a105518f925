import type { FastifyRequest } from 'fastify';
import { isCookieToken, type Sessions } from '#libs/identity';
import type { Cookies } from './cookies.js';
import { isOwnOrigin } from './same-site.js';
import { CrossSiteRefused } from './session.errors.js';

/** What is asked before a sign-in begins: whether somebody wants to, who may be signed in already. */
export interface ConsentQuestion {
  readonly signedInAs: string | null;
}

/** How a browser came to the address of a sign-in: from our pages, by its person alone, or perhaps led by somebody else. */
type Way = 'ours' | 'own_accord' | 'led';

/**
 * Keeps others from signing somebody in as whom they like (login CSRF): a link or redirect of another site begins no
 * sign-in, and no link at all replaces a session, without a button of ours that is pressed.
 */
export class SignInConsent {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookies: Cookies,
    private readonly publicUrl: string,
  ) {}

  /** What is to be asked before the sign-in that a GET wants begins; null where nothing is. */
  async questionOf(request: Pick<FastifyRequest, 'headers'>): Promise<ConsentQuestion | null> {
    const way = wayOf(request, this.publicUrl);
    if (way === 'ours') return null;
    const signedInAs = await this.holderIn(request);
    return way === 'led' || signedInAs !== null ? { signedInAs } : null;
  }

  /** The button is on our page. Throws `CrossSiteRefused`. */
  requireOurButton({ headers }: Pick<FastifyRequest, 'headers'>): void {
    const site = headers['sec-fetch-site'];
    const isOurs =
      site === undefined ? isOwnOrigin(headers.origin, headers.host, this.publicUrl) : site === 'same-origin';
    if (!isOurs) throw new CrossSiteRefused('Open /v1/sign-in and press the button there.');
  }

  private async holderIn(request: Pick<FastifyRequest, 'headers'>): Promise<string | null> {
    const token = this.cookies.read(request, 'session');
    const holder = isCookieToken(token) ? await this.sessions.holderOf(token) : undefined;
    return holder?.subject ?? null;
  }
}

/** By the browser's word (Fetch Metadata); of one too old for it by the page that it came from. Whatever asks for no page is no browser. */
function wayOf({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string): Way {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'ours' : site === 'none' ? 'own_accord' : 'led';
  const { referer } = headers;
  if (referer !== undefined && isOwnOrigin(referer, headers.host, publicUrl)) return 'ours';
  // a page can keep its address to itself: that there is none says nothing
  return referer === undefined && !wantsPage({ headers }) ? 'ours' : 'led';
}

/** Whether an answer is for a person to read. */
export function wantsPage({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '');
}
