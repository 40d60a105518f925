import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.js';

/** What looks at mails before people do: it fetches every link, and opens it in a browser that runs its scripts. */
export class MailScanner {
  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<MailScanner> {
    return new MailScanner(await launchChromium());
  }

  /**
   * Fetches a link twice by each way, and waits in the browser until nothing goes on any more. Gives the last page's text.
   * Throws when a page is not answered by 200: what was not shown was not scanned.
   */
  async scan(url: string): Promise<string> {
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
      const { status } = await fetch(url, { method });
      if (status !== 200) throw new Error(`a scanner’s ${method} was answered ${status}, not the page`);
    }
    let text = '';
    for (let visit = 0; visit < 2; visit += 1) {
      const page = await this.open(url);
      await page.waitForLoadState('networkidle');
      text = await page.innerText('main');
      await page.context().close();
    }
    return text;
  }

  /** A person's browser with a page open in it; close its context. */
  async open(url: string, { locale = 'de-DE', width = 1280, height = 900 } = {}): Promise<Page> {
    const context = await this.browser.newContext({ locale, viewport: { width, height } });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
  }
}
