import { createHash } from 'node:crypto';
import { whyUnproven, type AccessEntry } from '#libs/tenancy';
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
      gone: '✔ bewiesen: das System hat die Anmeldung abgewiesen, die es vorher eingelassen hat',
      still_open: '✘ noch offen: das System hat uns eingelassen',
      unknown: '? nicht bekannt: es konnte nicht versucht werden',
      unproven: '? unbewiesen: abgewiesen, aber',
      confirmed: 'bestätigt, nicht bewiesen, von',
      none: 'keine Zugangsdaten vorhanden',
      closed_here: 'auf unserer Seite geschlossen; dort meldet sich nichts von uns an',
    },
    unproven: {
      'access.no_version': 'ob diese Zugangsdaten je galten, ist nicht festgehalten',
      'access.never_let_in': 'diese Zugangsdaten haben uns nie eingelassen',
      'access.changed_since': 'diese Zugangsdaten wurden geändert, nachdem sie uns zuletzt eingelassen hatten',
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
      gone: '✔ proven: the system refused the sign-in that it let in before',
      still_open: '✘ still open: the system let us in',
      unknown: '? not known: it could not be tried',
      unproven: '? unproven: refused, but',
      confirmed: 'confirmed, not proven, by',
      none: 'no credential was held',
      closed_here: 'closed on our side; nothing of ours signs in there',
    },
    unproven: {
      'access.no_version': 'nothing is kept of whether these credentials ever let us in',
      'access.never_let_in': 'these credentials never let us in',
      'access.changed_since': 'these credentials were changed after they last let us in',
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
  const terms: (readonly [string, string])[] = [
    [texts.host, one.host ?? '–'],
    [texts.account, one.account ?? '–'],
    [texts.reference, one.secretRef ?? '–'],
    [texts.state, stateOf(one, texts, time)],
    [texts.tried, `${time(one.probedAt)} (${one.probes})`],
    [texts.evidence, one.evidence === null ? '–' : JSON.stringify(one.evidence)],
    ...(one.confirmReason === null ? [] : [[texts.reason, one.confirmReason] as const]),
    [texts.destroyed, time(one.destroyedAt)],
  ];
  return { heading: one.entry, terms };
}

function stateOf(one: AccessEntry, texts: Texts, time: (instant: string | null) => string): string {
  const state = texts.states[one.state];
  const why = whyUnproven(one);
  if (why !== undefined) return `${state} ${texts.unproven[why]}`;
  return one.state === 'confirmed' ? `${state} ${one.confirmedBy}, ${time(one.confirmedAt)}` : state;
}

function timeIn(language: PageLanguage, timeZone: string): (instant: string | null) => string {
  const format = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    ...{ timeZone, dateStyle: 'medium', timeStyle: 'long' },
  });
  return (instant) => (instant === null ? '–' : format.format(new Date(instant)));
}
