import type { PageLanguage } from '../http/html.js';
import { documentPage, type Section } from './privacy-document.page.js';
import type { PartyView, ProcessingRecordView } from './processing-record.view.js';

const TEXTS = {
  de: {
    title: 'Verzeichnis von Verarbeitungstätigkeiten',
    intro: 'Verzeichnis des Auftragsverarbeiters nach DSGVO Art. 30 Abs. 2, aus den vorliegenden Daten gezogen am',
    processor: 'Auftragsverarbeiter',
    controller: 'Verantwortlicher',
    name: 'Name',
    contacts: 'Ansprechpartner',
    processing: 'Verarbeitungen',
    processes: 'Prozesse',
    systems: 'Systeme',
    subjects: 'Betroffene',
    categories: 'Datenarten',
    transfers: 'Empfänger und Übermittlungen',
    subProcessors: 'Unterauftragsverarbeiter',
    locations: 'Orte der Daten',
    third: 'Drittländer',
    agreement: 'Auftragsverarbeitungsvertrag (AVV)',
    version: 'Fassung',
    signed: 'unterzeichnet am',
    document: 'Dokument',
    measures: 'Technische und organisatorische Maßnahmen',
    none: 'keiner in Kraft',
  },
  en: {
    title: 'Record of processing activities',
    intro: 'The processor’s record under GDPR Art. 30(2), drawn from the data at hand on',
    processor: 'Processor',
    controller: 'Controller',
    name: 'Name',
    contacts: 'Contacts',
    processing: 'Processing',
    processes: 'Processes',
    systems: 'Systems',
    subjects: 'Data subjects',
    categories: 'Categories of data',
    transfers: 'Recipients and transfers',
    subProcessors: 'Sub-processors',
    locations: 'Data locations',
    third: 'Third countries',
    agreement: 'Data processing agreement',
    version: 'Version',
    signed: 'signed on',
    document: 'Document',
    measures: 'Technical and organisational measures',
    none: 'none in force',
  },
} as const;

type Texts = (typeof TEXTS)[PageLanguage];

/** The record of processing, to read and print. */
export function processingRecordPage(record: ProcessingRecordView, language: PageLanguage): string {
  const texts = TEXTS[language];
  const { agreement } = record;
  const sections: Section[] = [
    party(texts.processor, record.processor, texts),
    party(texts.controller, record.controller, texts),
    {
      heading: texts.processing,
      terms: [
        [texts.processes, record.processes],
        [texts.systems, record.systems.map(({ kind, count }) => `${kind} (${count})`)],
        [texts.subjects, agreement?.subjectCategories ?? []],
        [texts.categories, agreement?.dataCategories ?? []],
      ],
    },
    {
      heading: texts.transfers,
      terms: [
        [
          texts.subProcessors,
          agreement?.subProcessors.map(({ name, service, country }) => `${name}, ${country}: ${service}`) ?? [],
        ],
        [
          texts.locations,
          agreement?.dataLocations.map(({ place, country, purpose }) => `${place}, ${country}: ${purpose}`) ?? [],
        ],
        [texts.third, record.thirdCountries],
      ],
    },
    agreementSection(record, texts),
  ];
  return documentPage({ title: texts.title, intro: `${texts.intro} ${record.drawnAt}`, sections }, language);
}

function party(heading: string, { name, contacts }: PartyView, texts: Texts): Section {
  const told = contacts.map((one) => [one.name, one.role, one.mail, one.phone].filter(Boolean).join(', '));
  return {
    heading,
    terms: [
      [texts.name, name],
      [texts.contacts, told],
    ],
  };
}

function agreementSection({ agreement }: ProcessingRecordView, texts: Texts): Section {
  if (agreement === null) return { heading: texts.agreement, terms: [['', texts.none]] };
  return {
    heading: texts.agreement,
    terms: [
      [texts.version, String(agreement.version)],
      [texts.signed, agreement.signedOn],
      [texts.document, `${agreement.documentReference} (SHA-256 ${agreement.documentSha256})`],
      [texts.measures, agreement.measuresReference],
    ],
  };
}
