import { createHash } from 'node:crypto';
import type { AccessEntry } from '#libs/tenancy';
import { markup, type PageLanguage } from '../http/html.js';
import { documentPage, type Section } from '../privacy/privacy-document.page.js';

const TEXTS = {
  de: {
    title: 'Nachweis über das Ende unserer Zugänge',
    intro: 'Was wir beim Kunden hatten, und wie feststeht, dass es nicht mehr gilt.',
    customer: 'Kunde',
    lastDay: 'Letzter Tag',
    closed: 'Zugänge geschlossen',
    complete: 'Liste vollständig',
    notComplete: 'noch nicht',
    host: 'Wo',
    account: 'Konto',
    reference: 'Zugangsdaten',
    state: 'Stand',
    evidence: 'Beleg',
    reason: 'Begründung',
    tried: 'Versucht',
    destroyed: 'Gespeicherte Zugangsdaten vernichtet',
    genuine: 'Echtheit',
    hash: 'SHA-256 des Dokuments',
    key: 'Schlüssel',
    unsigned: 'Diese Anlage unterschreibt nicht.',
    states: {
      to_prove: 'noch nicht versucht',
      gone: '✔ bewiesen: das System hat unsere Anmeldung abgewiesen',
      still_open: '✘ noch offen: das System hat uns eingelassen',
      unknown: '? nicht bekannt: es konnte nicht versucht werden',
      confirmed: 'bestätigt, nicht bewiesen, von',
      none: 'keine Zugangsdaten vorhanden',
      closed_here: 'auf unserer Seite geschlossen; dort meldet sich nichts von uns an',
    },
  },
  en: {
    title: 'Proof that our access has ended',
    intro: 'What we held at the customer, and how it is known that it no longer holds.',
    customer: 'Customer',
    lastDay: 'Last day',
    closed: 'Access closed',
    complete: 'List complete',
    notComplete: 'not yet',
    host: 'Where',
    account: 'Account',
    reference: 'Credential',
    state: 'State',
    evidence: 'Evidence',
    reason: 'Reason',
    tried: 'Tried',
    destroyed: 'Stored credential destroyed',
    genuine: 'Genuineness',
    hash: 'SHA-256 of the document',
    key: 'Key',
    unsigned: 'This installation does not sign.',
    states: {
      to_prove: 'not tried yet',
      gone: '✔ proven: the system refused our sign-in',
      still_open: '✘ still open: the system let us in',
      unknown: '? not known: it could not be tried',
      confirmed: 'confirmed, not proven, by',
      none: 'no credential was held',
      closed_here: 'closed on our side; nothing of ours signs in there',
    },
  },
} as const;

type Texts = (typeof TEXTS)[PageLanguage];

interface Listed {
  readonly tenant: string;
  readonly name: string;
  readonly lastDay: string;
  readonly closedAt: string | null;
  readonly completeAt: string | null;
  readonly timeZone: string;
  readonly entries: readonly AccessEntry[];
}

/** The access list to read and print; instants in the customer's time zone. */
export function accessListPage(bytes: Buffer, keyId: string | null, language: PageLanguage): string {
  const list = JSON.parse(bytes.toString()) as Listed;
  const texts: Texts = TEXTS[language];
  const time = timeIn(language, list.timeZone);
  const head: Section = {
    heading: texts.customer,
    terms: [
      [texts.customer, `${list.name} (${list.tenant})`],
      [texts.lastDay, list.lastDay],
      [texts.closed, time(list.closedAt)],
      [texts.complete, list.completeAt === null ? texts.notComplete : time(list.completeAt)],
    ],
  };
  const hash = createHash('sha256').update(bytes).digest('hex');
  const genuine: Section = {
    heading: texts.genuine,
    terms: [
      [texts.hash, markup`<code>${hash}</code>`],
      [texts.key, keyId === null ? texts.unsigned : markup`<code>${keyId}</code>`],
    ],
  };
  const sections = [head, ...list.entries.map((one) => entrySection(one, texts, time)), genuine];
  return documentPage({ title: texts.title, intro: texts.intro, sections }, language);
}

function entrySection(one: AccessEntry, texts: Texts, time: (instant: string | null) => string): Section {
  const state = texts.states[one.state];
  const terms: (readonly [string, string])[] = [
    [texts.host, one.host ?? '–'],
    [texts.account, one.account ?? '–'],
    [texts.reference, one.secretRef ?? '–'],
    [texts.state, one.state === 'confirmed' ? `${state} ${one.confirmedBy}, ${time(one.confirmedAt)}` : state],
    [texts.tried, `${time(one.probedAt)} (${one.probes})`],
    [texts.evidence, one.evidence === null ? '–' : JSON.stringify(one.evidence)],
    ...(one.confirmReason === null ? [] : [[texts.reason, one.confirmReason] as const]),
    [texts.destroyed, time(one.destroyedAt)],
  ];
  return { heading: one.entry, terms };
}

function timeIn(language: PageLanguage, timeZone: string): (instant: string | null) => string {
  const format = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    ...{ timeZone, dateStyle: 'medium', timeStyle: 'long' },
  });
  return (instant) => (instant === null ? '–' : format.format(new Date(instant)));
}
