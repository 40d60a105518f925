import { standingOf } from '#libs/identity';
import { inTenants, isDatabaseUnavailable, type Database, type Transaction } from '#libs/platform/database';
import { isLinkPurpose, presentedLink, useLink, type MailedLink } from '#libs/platform/mailed-links';
import type { PageLanguage } from '../http/html.js';
import { toldPage } from '../pages/page.js';
import {
  RefusedAct,
  type ActedByLink,
  type LinkAnswer,
  type LinkBrowser,
  type LinkForm,
  type LinkPage,
  type NoteRefusedLink,
} from './link-page.js';
import { ENDED_STATUS, ENDED_TEXTS, type EndedLink } from './link-texts.js';

/** What was presented: an address's purpose and token, in the language that the reader's browser prefers. */
export interface Presented {
  readonly purpose: string;
  readonly token: string;
  readonly language: PageLanguage;
  readonly browser?: LinkBrowser;
}

const NO_BROWSER: LinkBrowser = { headers: {}, userAgent: null };

/** An answer with the language that it is in. */
export interface SpokenAnswer extends LinkAnswer {
  readonly language: PageLanguage;
}

type Opened = { readonly page: LinkPage; readonly link: MailedLink } | EndedLink;

/** Somebody else used the link up while this one acted: what was written is taken back. */
class LinkUsedMeanwhile extends Error {}

/** The customer is suspended, or leaves: nobody there acts, with an account or without. */
class CustomerHeld extends Error {}

/** What somebody who holds a link from a mail can do: look as often as they like, and act once. */
export class ActByLink {
  private readonly pages: ReadonlyMap<string, LinkPage>;

  constructor(
    private readonly database: Database,
    pages: readonly LinkPage[],
    private readonly noteRefused: NoteRefusedLink,
  ) {
    this.pages = new Map(pages.map((page) => [page.purpose, page]));
  }

  /** The page of a link. Changes nothing, whoever asks. */
  look(presented: Presented): Promise<SpokenAnswer> {
    return this.answer(presented, async ({ page, link }, language) =>
      inTenants(this.database, [link.tenant], async (tx) => {
        await requireStanding(tx, page, link);
        return page.show(tx, link, language);
      }),
    );
  }

  /** The act of a link. It and the using up of the link commit together: of two at once, one acts. */
  act(presented: Presented, form: LinkForm): Promise<SpokenAnswer> {
    const note = (link: MailedLink, code: string): void => this.noteRefused(link, code);
    return this.answer(
      presented,
      async ({ page, link }, language) => {
        const proof = await page.prove?.(link, form, language, presented.browser ?? NO_BROWSER);
        const acted = await inTenants(this.database, [link.tenant], async (tx): Promise<ActedByLink> => {
          await requireStanding(tx, page, link);
          const done = await page.act(tx, link, form, language, proof);
          if (done.usesUp && !(await useLink(tx, link))) throw new LinkUsedMeanwhile();
          return done;
        });
        if (acted.usesUp) await page.afterwards?.(proof);
        return acted;
      },
      note,
    );
  }

  private async answer(
    presented: Presented,
    give: (opened: Exclude<Opened, EndedLink>, language: PageLanguage) => Promise<LinkAnswer>,
    note: NoteRefusedLink = () => undefined,
  ): Promise<SpokenAnswer> {
    const { language } = presented;
    try {
      const opened = await this.open(presented);
      if (typeof opened === 'string') return ended(opened, language);
      const { link } = opened;
      const spoken = link.language ?? language;
      const answer =
        link.state === 'open' ? await this.orRefusal(() => give(opened, spoken), spoken) : ended(link.state, spoken);
      if (answer.refusal !== undefined) note(link, answer.refusal);
      return { ...answer, language: spoken };
    } catch (error) {
      // a person is told in a page that the link still holds; other errors are for the filter
      if (isDatabaseUnavailable(error)) return ended('unavailable', language);
      throw error;
    }
  }

  /** A refusal that was thrown, as the answer that it is. */
  private async orRefusal(give: () => Promise<LinkAnswer>, language: PageLanguage): Promise<LinkAnswer> {
    try {
      return await give();
    } catch (error) {
      if (error instanceof LinkUsedMeanwhile) return ended('used', language);
      if (error instanceof CustomerHeld) return ended('held', language);
      if (error instanceof RefusedAct) return { refusal: 'refused', ...error.answer };
      throw error;
    }
  }

  private async open({ purpose, token }: Presented): Promise<Opened> {
    const page = this.pages.get(purpose);
    if (!page || !isLinkPurpose(purpose)) return 'forged';
    const found = await presentedLink(this.database, purpose, token);
    return found.kind === 'link' ? { page, link: found.link } : found.kind;
  }
}

/** Throws `CustomerHeld`. */
async function requireStanding(tx: Transaction, page: LinkPage, { tenant }: MailedLink): Promise<void> {
  const { standing } = await standingOf(tx, tenant);
  if (standing !== null && !(standing === 'leaving' && page.whileLeaving)) throw new CustomerHeld();
}

function ended(how: EndedLink, language: PageLanguage): SpokenAnswer {
  return { status: ENDED_STATUS[how], page: toldPage(ENDED_TEXTS[language][how]), language, refusal: how };
}
