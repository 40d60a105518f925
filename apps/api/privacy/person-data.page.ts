import { markup, type PageLanguage } from '../http/html.js';
import { documentPage, type Section } from './privacy-document.page.js';
import type { PersonDataView, PersonTableView } from './privacy.view.js';

const TEXTS = {
  de: {
    title: 'Auskunft über personenbezogene Daten',
    intro: (user: string, tenant: string) =>
      `Alles, was bei ${tenant} über ${user} gespeichert ist (DSGVO Art. 15 und 20). Zeilen über die Person stehen ganz hier; von anderen nur, was sie nennt.`,
    collected: 'Stand',
    nothing: 'Es ist nichts gespeichert.',
    about: 'über die Person',
    names: 'nennt die Person',
    more: 'Es gibt weitere Zeilen.',
  },
  en: {
    title: 'Personal data on record',
    intro: (user: string, tenant: string) =>
      `Everything that is kept of ${user} at ${tenant} (GDPR Art. 15 and 20). Rows about the person stand here in full; of others only what names them.`,
    collected: 'As of',
    nothing: 'Nothing is kept.',
    about: 'about the person',
    names: 'names the person',
    more: 'There are more rows.',
  },
} as const;

type Texts = (typeof TEXTS)[PageLanguage];

/** What is known of a person, to read and print. */
export function personDataPage(data: PersonDataView, language: PageLanguage): string {
  const texts = TEXTS[language];
  const head: Section = {
    heading: data.user,
    terms: [[texts.collected, data.collectedAt], ...(data.tables.length === 0 ? [['', texts.nothing] as const] : [])],
  };
  const sections = [head, ...data.tables.map((table) => sectionOf(table, texts))];
  return documentPage({ title: texts.title, intro: texts.intro(data.user, data.tenant), sections }, language);
}

function sectionOf({ table, holds, rows, complete }: PersonTableView, texts: Texts): Section {
  const terms = rows.map(
    ({ about, content }) =>
      [about ? texts.about : texts.names, markup`<code>${JSON.stringify(content)}</code>`] as const,
  );
  return { heading: `${table}: ${holds}`, terms: complete ? terms : [...terms, ['', texts.more]] };
}
