import { setTimeout as pause } from 'node:timers/promises';
import type { DemoSystem } from './demo-system.js';

const LINK = /https?:\/\/\S+\/links\/\S+/;
const MAIL_SECONDS = 30;
const LOOK_MS = 200;

/** A mail that asks somebody without an account to approve, as its reader uses it. */
export class MailedApproval {
  private constructor(private readonly link: string) {}

  /** Waits for the mail. Throws when none comes. */
  static async to(system: DemoSystem, address: string): Promise<MailedApproval> {
    const deadline = performance.now() + MAIL_SECONDS * 1000;
    for (;;) {
      const mails = await system.mailsTo(address);
      const link = mails.map(({ text }) => LINK.exec(text)?.[0]).find(Boolean);
      if (link) return new MailedApproval(link);
      if (performance.now() > deadline) throw new Error(`no mail with a link came to ${address}`);
      await pause(LOOK_MS);
    }
  }

  /** What a mail scanner does with a link. Throws when it is not shown the page. */
  async scan(): Promise<void> {
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
      const { status } = await fetch(this.link, { method });
      if (status !== 200) throw new Error(`a scanner’s ${method} of the mailed link was answered ${status}`);
    }
  }

  async page(language: 'de' | 'en'): Promise<string> {
    return (await fetch(this.link, { headers: { 'accept-language': language } })).text();
  }

  /** Presses a button of the page; gives the answer's status. */
  async press(decision: 'approve' | 'reject'): Promise<number> {
    const headers = { origin: new URL(this.link).origin };
    const { status } = await fetch(this.link, { method: 'POST', headers, body: new URLSearchParams({ decision }) });
    return status;
  }
}
