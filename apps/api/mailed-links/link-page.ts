import type { Transaction } from '#libs/platform/database';
import type { LinkPurpose, MailedLink } from '#libs/platform/mailed-links';
import type { PageLanguage } from '../http/html.js';
import type { PageContent } from '../pages/page.js';

/** What is shown to whoever opened a link, or acted by it. */
export interface LinkAnswer {
  /** 200 unless it says so. */
  readonly status?: number;
  readonly page: PageContent;
  /** Further headers of an act's answer: a cookie, or with status 303 where the browser goes on. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Why an act was refused, a stable code; an answer without one refuses nothing. */
  readonly refusal?: string;
}

/** Told of each act by a genuine link that was refused, with a stable code for why; looking is never told of. */
export type NoteRefusedLink = (link: MailedLink, code: string) => void;

/** What came of an act. `usesUp`: it was done, and the link with it; else nothing may have been written. */
export interface ActedByLink extends LinkAnswer {
  readonly usesUp: boolean;
}

/** Thrown by an act that cannot be done: whatever it wrote is taken back, and the link is not used up. */
export class RefusedAct extends Error {
  constructor(readonly answer: LinkAnswer) {
    super('An act by a link was refused.');
  }
}

/** The fields of the page's form, as sent: judge each. */
export type LinkForm = ReadonlyMap<string, string>;

/** The browser that an act comes from. */
export interface LinkBrowser {
  readonly headers: { readonly cookie?: string | undefined };
  readonly userAgent: string | null;
}

/**
 * The pages behind links of one purpose. `show` is called for every GET and HEAD, by people and by scanners of their mail:
 * it changes nothing, not even that something was seen. `act` is called for a POST, in one transaction with the using up
 * of the link: when that fails, because somebody else was first, whatever it wrote is taken back. `prove`, where there is
 * one, comes before that transaction: what it spends stays spent, whatever becomes of the act, which is given its answer.
 */
export interface LinkPage {
  readonly purpose: LinkPurpose;
  /** Its links work at a customer that leaves, too; of one that is suspended or has left none do. */
  readonly whileLeaving?: boolean;
  show(tx: Transaction, link: MailedLink, language: PageLanguage): Promise<LinkAnswer>;
  prove?(link: MailedLink, form: LinkForm, language: PageLanguage, browser: LinkBrowser): Promise<unknown>;
  act(tx: Transaction, link: MailedLink, form: LinkForm, language: PageLanguage, proof: unknown): Promise<ActedByLink>;
  /** After the commit of an act that used the link up, with what was proven before it. */
  afterwards?(proof: unknown): void | Promise<void>;
}
