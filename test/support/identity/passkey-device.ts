import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

/** A credential as the virtual authenticator keeps it. */
export interface KeptCredential {
  readonly credentialId: string;
  readonly signCount: number;
}

/** A person's browser with an authenticator in it, as Chromium plays one (WebAuthn Level 3, 11). */
export class PasskeyDevice {
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly cdp: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  static async in(browser: Browser, { locale = 'de-DE' } = {}): Promise<PasskeyDevice> {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    return PasskeyDevice.at(page);
  }

  /** Puts an authenticator into a page that is open. */
  static async at(page: Page): Promise<PasskeyDevice> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new PasskeyDevice(page.context(), page, cdp, authenticatorId);
  }

  /** Whether the person can prove themselves to the authenticator. */
  async verifiesUser(isUserVerified: boolean): Promise<void> {
    await this.cdp.send('WebAuthn.setUserVerified', { authenticatorId: this.authenticatorId, isUserVerified });
  }

  async credentials(): Promise<KeptCredential[]> {
    return (await this.copies()) as KeptCredential[];
  }

  /** Copies of the credentials, private keys and counts included. */
  async copies() {
    const { credentials } = await this.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.authenticatorId });
    return credentials;
  }

  /** The authenticator has exactly these from now on. */
  async holds(credentials: Awaited<ReturnType<PasskeyDevice['copies']>>): Promise<void> {
    const { authenticatorId } = this;
    await this.cdp.send('WebAuthn.clearCredentials', { authenticatorId });
    for (const credential of credentials)
      await this.cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  }

  /** What the authenticator signs for options of the API, in whatever page is open. */
  sign(options: object): Promise<object> {
    return this.ask('get', 'parseRequestOptionsFromJSON', options);
  }

  /** A new passkey for options of the API. */
  make(options: object): Promise<object> {
    return this.ask('create', 'parseCreationOptionsFromJSON', options);
  }

  private ask(verb: string, parse: string, options: object): Promise<object> {
    return this.page.evaluate(
      `navigator.credentials.${verb}({ publicKey: PublicKeyCredential.${parse}(${JSON.stringify(options)}) }).then((made) => made.toJSON())`,
    );
  }

  /** Calls the API as a script of our page does. */
  call(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    const init = {
      method,
      headers: { 'stellwerk-csrf': '1', ...type, ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    };
    return this.page.evaluate(
      `fetch(${JSON.stringify(path)}, ${JSON.stringify(init)}).then(async (response) => ({ status: response.status, body: response.status === 204 ? {} : await response.json() }))`,
    );
  }

  /** Makes a passkey behind a mailed link, and ends on a page whose policy lets scripts call the API. */
  async register(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('form[data-passkey] button').click();
    await this.page.getByRole('heading', { name: /Ihr Passkey ist angelegt|Your passkey is made/ }).waitFor();
    await this.page.goto(`${new URL(this.page.url()).origin}/sign-in`);
  }

  /** Signs in with the passkey that it has, at an API. */
  async signIn(api: string): Promise<void> {
    await this.page.goto(`${api}/sign-in?returnTo=/sign-in`);
    await this.page.locator('form[data-passkey] button').click();
    await this.page.waitForURL(({ pathname, search }) => pathname === '/sign-in' && search === '');
  }

  /** What a program of this person's own sends to be taken for the browser. */
  async cookie(): Promise<string> {
    return (await this.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
