import { Browser, demoIssuers, demoPassword } from '../sandbox/identity/index.js';

/** Headers of a change that a page of the API's own host sends. */
const FROM_OUR_PAGE = { 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1' } as const;

/** Somebody who is signed in by a browser: the API keeps the session, the browser a cookie. */
export class SignedIn {
  private constructor(
    private readonly api: string,
    private readonly browser: Browser,
  ) {}

  /** Signs in at the company's issuer as its page asks for it: name, password and, where told so, a second factor. */
  static async as(api: string, user: string, factors: 'one' | 'two' = 'two'): Promise<SignedIn> {
    const issuer = demoIssuers.find(({ people }) => people.some((person) => person.user === user));
    const person = issuer?.people.find((one) => one.user === user);
    if (!issuer || !person) throw new Error(`No demo issuer knows ${user}.`);
    const browser = new Browser();
    const begun = await browser.call('GET', `${api}/v1/sign-in?mail=${encodeURIComponent(person.mail)}`);
    const asked = await browser.follow(begun, (target) => target.origin === api && target.pathname !== '/v1/sign-in');
    const form = { user, password: demoPassword(person), factors };
    const end = await browser.follow(await browser.call('POST', asked.url, { form }));
    if (end.status !== 200) throw new Error(`${user} could not sign in: ${end.status} ${end.text}`);
    return new SignedIn(api, browser);
  }

  async call(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = { ...FROM_OUR_PAGE, ...type, ...headers };
    return this.browser.call(method, this.api + path, {
      headers: sent,
      ...(body === undefined ? {} : { json: body }),
    });
  }
}
