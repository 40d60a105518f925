import type { PageLanguage } from '../http/html.js';

interface Texts {
  readonly heading: string;
  readonly customer: string;
  readonly ticket: string;
  readonly priority: string;
  readonly since: string;
  readonly conference: string;
  readonly press: string;
  readonly about: string;
  readonly done: readonly string[];
  readonly already: readonly string[];
  readonly ended: readonly string[];
}

export const ESCALATION_TEXTS: Readonly<Record<PageLanguage, Texts>> = {
  de: {
    heading: 'Eskalation übernehmen',
    customer: 'Kunde',
    ticket: 'Ticket',
    priority: 'Priorität',
    since: 'Fällig seit',
    conference: 'Konferenz',
    press: 'Ich übernehme',
    about: 'Mit dem Knopf übernehmen Sie; die Eskalation hält an. Nur den Link zu öffnen bewirkt nichts.',
    done: ['Sie haben übernommen', 'Die Eskalation hält an. Arbeiten Sie am Ticket weiter.'],
    already: ['Jemand hat schon übernommen', 'Die Eskalation hält bereits an. Es wurde nichts geändert.'],
    ended: ['Diese Eskalation ist zu Ende', 'Es ist nichts mehr zu tun. Es wurde nichts geändert.'],
  },
  en: {
    heading: 'Acknowledge an escalation',
    customer: 'Customer',
    ticket: 'Ticket',
    priority: 'Priority',
    since: 'Due since',
    conference: 'Conference',
    press: 'I take it',
    about: 'The button acknowledges it, and the escalation stops. Opening the link alone does nothing.',
    done: ['You have acknowledged it', 'The escalation stops. Go on in the ticket.'],
    already: ['Somebody acknowledged it already', 'The escalation has stopped. Nothing was changed.'],
    ended: ['This escalation has ended', 'There is nothing left to do. Nothing was changed.'],
  },
};
