import { membersOf, person, type Company } from './company.model.js';

const management = 'Geschäftsführung';
const trade = 'Handel';
const logistics = 'Logistik';
const shop = 'Onlineshop';
const office = 'Büro';

const people = [
  person('Henrike Petersen', 'Geschäftsführerin', management, undefined, true),
  person('William Carter', 'Head of Trade', trade, 'henrike.petersen', true),
  person('Fenja Matthießen', 'Category Managerin', trade, 'william.carter'),
  person('Grace Okafor', 'Key Account Managerin', trade, 'william.carter', true),
  person('Lars Thönnes', 'Disponent', trade, 'william.carter'),
  person('Inga Hülsmann', 'Leiterin Logistik', logistics, 'henrike.petersen', true),
  { ...person('Momme Claußen', 'Lagerist', logistics, 'inga.huelsmann'), primaryGroup: 'lager' },
  person('Radosław Wójcik', 'Lagerist', logistics, 'inga.huelsmann'),
  person('Emma Whitfield', 'Shop Manager', shop, 'henrike.petersen', true),
  person('Jasper Ahrens', 'Content und Fotografie', shop, 'emma.whitfield'),
  person('Silke Böttcher', 'Buchhaltung', office, 'henrike.petersen'),
  person('Noah Bennett', 'Auszubildender', office, 'silke.boettcher'),
];

/** Nordlicht Handels GmbH, a wholesaler of 12 people in Hamburg. Its directory is an Active Directory. */
export const nordlicht: Company = {
  tenant: 'nordlicht',
  name: 'Nordlicht Handels GmbH',
  mailDomain: 'nordlicht.example',
  phonePrefix: '+49 40 66969',
  firstEmployeeNumber: 201,
  departmentNumbers: { [management]: '10', [trade]: '20', [logistics]: '30', [shop]: '40', [office]: '50' },
  people,
  groups: [
    { cn: 'team', description: 'Alle im Haus', members: people.map((one) => one.uid) },
    { cn: 'handel', description: 'Warenwirtschaft und Preislisten', members: membersOf(people, trade, management) },
    { cn: 'lager', description: 'Lagerverwaltung', members: membersOf(people, logistics) },
    { cn: 'shop', description: 'Shop-Verwaltung', members: [...membersOf(people, shop), 'grace.okafor'] },
    { cn: 'vpn', description: 'Fernzugang', members: people.filter((one) => one.hasMobile).map((one) => one.uid) },
    { cn: 'kasse', description: 'Bankzugang', members: ['silke.boettcher'] },
    // Nobody in it yet.
    { cn: 'messe', description: 'Messestand Hannover', members: [] },
    { cn: 'dateiserver', description: 'Alle Laufwerke', members: [], groups: ['handel', 'lager', 'shop'] },
    // The shop manager looks after the server, too: an administrator through two groups.
    { cn: 'it-betreuung', description: 'Wer nach dem Server sieht', members: ['emma.whitfield'] },
    { cn: 'server-admins', description: 'Verwaltung des Servers', members: [], groups: ['it-betreuung'] },
  ],
  builtIn: { 'Domain Admins': ['server-admins'], 'Protected Users': ['henrike.petersen'] },
};
