import { membersOf, person, type Company } from './company.model.js';

const management = 'Geschäftsführung';
const sales = 'Vertrieb';
const design = 'Konstruktion';
const production = 'Fertigung';
const purchasing = 'Einkauf';
const accounting = 'Buchhaltung';
const office = 'Verwaltung';

const people = [
  person('Friedrich Muster', 'Geschäftsführer', management, undefined, true),
  person('Petra Vogelsang', 'Kaufmännische Leiterin', management, 'friedrich.muster', true),
  person('Markus Hoffmann', 'Vertriebsleiter', sales, 'friedrich.muster', true),
  person('Jana Keller', 'Vertriebsinnendienst', sales, 'markus.hoffmann', true),
  person('Tobias Krüger', 'Außendienst Süd', sales, 'markus.hoffmann', true),
  person('Aylin Yıldız', 'Außendienst Nord', sales, 'markus.hoffmann', true),
  person('Sebastian Jäger', 'Angebotswesen', sales, 'markus.hoffmann'),
  person('Jörg Müller', 'Leiter Konstruktion', design, 'friedrich.muster', true),
  person('Katharina Weiß', 'Konstrukteurin', design, 'joerg.mueller'),
  person('Lukas Baumgärtner', 'Konstrukteur', design, 'joerg.mueller'),
  person('Nina Schröder', 'Technische Zeichnerin', design, 'joerg.mueller'),
  person('Emil Sørensen', 'CAM-Programmierer', design, 'joerg.mueller'),
  person('Bernd Köhler', 'Produktionsleiter', production, 'friedrich.muster', true),
  person('Günther Groß', 'Meister Fräserei', production, 'bernd.koehler'),
  person('Monika Schäfer', 'Meisterin Dreherei', production, 'bernd.koehler'),
  person('Mehmet Öztürk', 'Zerspanungsmechaniker', production, 'guenther.gross'),
  person('Sven Lindner', 'Zerspanungsmechaniker', production, 'guenther.gross'),
  person('Piotr Nowak', 'Zerspanungsmechaniker', production, 'monika.schaefer'),
  person('Claudia Böhm', 'Qualitätssicherung', production, 'bernd.koehler'),
  person('Ralf Zimmermann', 'Lager und Versand', production, 'bernd.koehler'),
  person('Ulrike Löwe', 'Leiterin Einkauf', purchasing, 'petra.vogelsang', true),
  person('Daniel Fuchs', 'Einkäufer', purchasing, 'ulrike.loewe'),
  person('Heike Brandt', 'Buchhalterin', accounting, 'petra.vogelsang'),
  person('Oliver Stein', 'Lohnbuchhalter', accounting, 'petra.vogelsang'),
  person('Sabine Übelacker', 'Personal und Empfang', office, 'petra.vogelsang'),
];

const clerks = membersOf(people, management, sales, purchasing, accounting, office);

/** Muster Werkzeugbau GmbH, a toolmaker of 25 people in Cologne. */
export const muster: Company = {
  tenant: 'muster',
  name: 'Muster Werkzeugbau GmbH',
  mailDomain: 'muster.example',
  phonePrefix: '+49 221 4710',
  firstEmployeeNumber: 1001,
  departmentNumbers: {
    [management]: '100',
    [sales]: '200',
    [design]: '300',
    [production]: '400',
    [purchasing]: '500',
    [accounting]: '600',
    [office]: '700',
  },
  people,
  groups: [
    { cn: 'mitarbeitende', description: 'Alle Mitarbeitenden', members: people.map((one) => one.uid) },
    { cn: 'vertrieb', description: 'Laufwerk V: und Verteiler Vertrieb', members: membersOf(people, sales) },
    { cn: 'konstruktion', description: 'CAD-Arbeitsplätze', members: membersOf(people, design) },
    { cn: 'fertigung', description: 'Maschinenterminals', members: membersOf(people, production) },
    { cn: 'erp', description: 'Nutzer der Warenwirtschaft', members: [...clerks, 'bernd.koehler', 'ralf.zimmermann'] },
    { cn: 'vpn', description: 'Fernzugang', members: people.filter((one) => one.hasMobile).map((one) => one.uid) },
    { cn: 'personal', description: 'Personalakten', members: ['petra.vogelsang', 'oliver.stein', 'sabine.uebelacker'] },
    // One member only: the case in which a group would become empty when she leaves.
    { cn: 'zeiterfassung', description: 'Pflege der Zeiterfassung', members: ['jana.keller'] },
    { cn: 'nachlass', description: 'Ablagen Ausgeschiedener', members: ['petra.vogelsang'] },
  ],
};
