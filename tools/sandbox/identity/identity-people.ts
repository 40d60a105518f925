/** Somebody who can sign in at a demo issuer. All persons are made up; the customers' are those of their directories. */
export interface DemoPerson {
  readonly user: string;
  readonly name: string;
  readonly mail: string;
  /** Names the company where one issuer serves several. */
  readonly organisation: string;
  readonly groups: readonly string[];
}

/** An issuer of the demo with its people. */
export interface DemoIssuer {
  /** Names its data, its cookies and its port. */
  readonly name: 'msp' | 'muster';
  readonly title: string;
  readonly organisation: string;
  readonly people: readonly DemoPerson[];
}

function at(organisation: string, domain: string) {
  return (user: string, name: string, ...groups: string[]): DemoPerson => ({
    user,
    name,
    mail: `${user}@${domain}`,
    organisation,
    groups,
  });
}

const signalhaus = at('signalhaus', 'signalhaus.example');
const muster = at('muster', 'muster.example');
const nordlicht = at('nordlicht', 'nordlicht.example');

/** The MSP's issuer also serves nordlicht, which has none of its own; the claim `organisation` tells them apart. */
export const demoIssuers: readonly DemoIssuer[] = [
  {
    name: 'msp',
    title: 'Signalhaus IT',
    organisation: 'signalhaus',
    people: [
      signalhaus('anna.weber', 'Anna Weber', 'stellwerk-owners'),
      signalhaus('tim.kaya', 'Tim Kaya', 'stellwerk-operators'),
      signalhaus('lea.brandt', 'Lea Brandt', 'stellwerk-technicians'),
      signalhaus('ruth.simon', 'Ruth Simon', 'stellwerk-auditors'),
      signalhaus('paul.neu', 'Paul Neu', 'praktikum'),
      nordlicht('henrike.petersen', 'Henrike Petersen', 'stellwerk-admins', 'stellwerk-approvers'),
      nordlicht('william.carter', 'William Carter', 'stellwerk-approvers'),
      nordlicht('silke.boettcher', 'Silke Böttcher', 'stellwerk-requesters'),
    ],
  },
  {
    name: 'muster',
    title: 'Muster Werkzeugbau',
    organisation: 'muster',
    people: [
      muster('petra.vogelsang', 'Petra Vogelsang', 'stellwerk-admins'),
      muster('markus.hoffmann', 'Markus Hoffmann', 'stellwerk-approvers'),
      muster('sabine.uebelacker', 'Sabine Übelacker', 'stellwerk-requesters'),
      muster('oliver.stein', 'Oliver Stein', 'stellwerk-auditors'),
      muster('jana.keller', 'Jana Keller', 'vertrieb'),
    ],
  },
];

/** The organisations whose people an issuer knows: each is a tenant's. */
export const tenantOfOrganisation: Readonly<Record<string, string>> = {
  signalhaus: 'msp',
  muster: 'muster',
  nordlicht: 'nordlicht',
};
