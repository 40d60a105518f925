import type { Database } from '#libs/platform/database';
import { newId } from '#libs/kernel';
import { examplesOf, type ExampleCall } from './example.js';
import { routeExamples } from './examples/index.js';
import type { Things } from './things.js';
import { onCallSchedule } from './service-things.js';

/** What a body can name of a tenant. */
export interface Names {
  readonly tenant: string;
  readonly site: string;
  readonly provider: string;
  readonly person: string;
  readonly contact: string;
  readonly onCallSchedule: string;
  readonly ticket: string;
  readonly run: string;
  /** A reference, as bodies write it. */
  readonly secret: string;
}

/** Names of what a tenant has. */
export async function namesOf(admin: Database, things: Things): Promise<Names> {
  const { tenant } = things;
  const site = { tenant_id: tenant, id: newId(), name: `N ${newId()}`, street: 'Am Kai 1', time_zone: 'UTC' };
  await admin
    .insertInto('sites')
    .values({ ...site, changed_by: 'x' })
    .execute();
  const secret = `sign-in-${newId()}`;
  const value = {
    id: newId(),
    version: 1,
    key_id: 'k',
    wrapped_key: Buffer.alloc(1),
    ciphertext: Buffer.alloc(1),
    set_by: 'test',
  };
  await admin
    .insertInto('secrets')
    .values({ tenant_id: tenant, name: secret, ...value })
    .execute();
  const names = { tenant, site: site.id, person: `approver@${tenant}`, secret: `secret://${secret}` };
  const made = { provider: await things.identityProvider(), contact: await things.contact() };
  const tickets = { ticket: await things.ticket(), run: (await things.openRun()).runId };
  return { ...names, ...made, ...tickets, onCallSchedule: await onCallSchedule(things) };
}

/** Names of nothing: what is another's has to be answered like this. */
export function namesOfNothing(): Names {
  return {
    tenant: `c${newId().slice(-12)}`,
    site: newId(),
    provider: `p${newId().slice(-12)}`,
    person: `a.b@${newId()}`,
    contact: newId(),
    onCallSchedule: newId(),
    ticket: newId(),
    run: newId(),
    secret: `secret://sign-in-${newId()}`,
  };
}

type MakeBody = (own: Things, names: Names) => ExampleCall | Promise<ExampleCall>;

const reason = 'As agreed on the phone.';
const FROM = { from: '2030-01-01T00:00:00Z', until: '2030-01-08T00:00:00Z' };

function contact(siteId: string) {
  return { name: 'Ina Koch', role: 'technical', mail: 'ina@example.org', siteId };
}

function policyOf(subject: string) {
  const stage = { needed: 1, rejections: 1, approvers: [{ kind: 'person', subject }] };
  return { stages: [stage], expiry: null, reminders: null, escalation: null };
}

function group(members: readonly string[]) {
  return { name: `N ${newId()}`, members };
}

/** A call in somebody's own tenant whose body names what may be another's. */
export interface ForeignBody {
  readonly operationId: string;
  /** Tells an operation's bodies apart: the field that names something. */
  readonly field: string;
  /**
   * Why nobody at one customer gets it written with names of its own either: `msp`, because it is a row of the MSP's that names
   * customers, or what else is missing. Else somebody does.
   */
  readonly refusedAnyway?: string;
  readonly make: MakeBody;
}

const MSP = 'a row of the MSP’s, which nobody with one customer writes';
const WORK = 'people of the MSP work on tickets';
const provider = () => {
  const name = `p${newId().slice(-12)}`;
  return { path: { name }, body: { issuer: `https://${name}.example`, clientId: 'stellwerk', enabled: false } };
};

/** An operation's own example with something more in its body. */
async function exampleWith(operationId: string, own: Things, more: object): Promise<ExampleCall> {
  const call = await examplesOf(operationId, routeExamples)[0]!.make(own);
  return { ...call, body: { ...(call.body as object), ...more } };
}

/** Each field of a body that names something of a tenant: `bodiesThatName` finds them in the API's description. */
export const FOREIGN_BODIES: readonly ForeignBody[] = [
  {
    ...{ operationId: 'openTicket', field: 'contactId' },
    make: (own, { contact: contactId }) => exampleWith('openTicket', own, { contactId }),
  },
  {
    ...{ operationId: 'submitRequest', field: 'ticketId' },
    make: (own, { ticket: ticketId }) => exampleWith('submitRequest', own, { ticketId }),
  },
  {
    ...{ operationId: 'linkTicket', field: 'ticketId', refusedAnyway: WORK },
    make: (own, { ticket: ticketId }) => exampleWith('linkTicket', own, { ticketId }),
  },
  {
    ...{ operationId: 'linkRun', field: 'runId', refusedAnyway: WORK },
    make: (own, { run: runId }) => exampleWith('linkRun', own, { runId }),
  },
  {
    ...{ operationId: 'mergeTicket', field: 'ticketId', refusedAnyway: WORK },
    make: (own, { ticket: ticketId }) => exampleWith('mergeTicket', own, { ticketId }),
  },
  {
    ...{ operationId: 'createContact', field: 'siteId' },
    make: ({ tenant }, { site }) => ({ path: { tenant }, body: contact(site) }),
  },
  {
    ...{ operationId: 'replaceContact', field: 'siteId' },
    make: (own, { site }) => exampleWith('replaceContact', own, { siteId: site }),
  },
  {
    ...{ operationId: 'createTenantGroup', field: 'members', refusedAnyway: MSP },
    make: (_own, { tenant }) => ({ body: group([tenant]) }),
  },
  {
    ...{ operationId: 'replaceTenantGroup', field: 'members', refusedAnyway: MSP },
    make: (own, { tenant }) => exampleWith('replaceTenantGroup', own, { members: [tenant] }),
  },
  {
    ...{ operationId: 'createApiKey', field: 'customers', refusedAnyway: MSP },
    make: (_own, { tenant }) => ({ body: { name: 'a script', role: 'auditor', customers: [tenant] } }),
  },
  {
    ...{ operationId: 'giveGrant', field: 'coversId', refusedAnyway: MSP },
    make: async (own, { tenant }) => ({
      path: { id: (await own.person()).id },
      body: { role: 'auditor', covers: 'tenant', coversId: tenant, reason },
    }),
  },
  {
    ...{ operationId: 'invite', field: 'grants[].coversId', refusedAnyway: MSP },
    make: (own, { tenant }) => ({
      body: {
        ...{ mail: `${own.user()}@firma.example`, name: 'Gerda Gast', language: 'de', reason },
        grants: [{ role: 'auditor', covers: 'tenant', coversId: tenant }],
      },
    }),
  },
  {
    ...{ operationId: 'putMachineClient', field: 'provider' },
    make: (_own, names) => ({
      path: { name: `m${newId().slice(-12)}` },
      body: { provider: names.provider, clientId: newId(), role: 'auditor' },
    }),
  },
  {
    ...{ operationId: 'putMachineClient', field: 'covers', refusedAnyway: MSP },
    make: async (own, { tenant }) => ({
      path: { name: `m${newId().slice(-12)}` },
      body: { provider: await own.identityProvider(), clientId: newId(), role: 'auditor', covers: [tenant] },
    }),
  },
  {
    ...{ operationId: 'putIdentityProvider', field: 'roles[].coversId', refusedAnyway: MSP },
    make: (_own, { tenant }) => {
      const { path, body } = provider();
      const roles = [{ group: 'g', role: 'auditor', covers: 'tenant', coversId: tenant }];
      return { path, body: { ...body, roles } };
    },
  },
  {
    ...{ operationId: 'putIdentityProvider', field: 'secretRef', refusedAnyway: 'its issuer does not answer' },
    make: (_own, { secret }) => {
      const { path, body } = provider();
      return { path, body: { ...body, secretRef: secret } };
    },
  },
  {
    ...{ operationId: 'setDelegation', field: 'delegate' },
    make: (own, { person }) => ({
      body: { delegator: `customer_admin@${own.tenant}`, delegate: person, ...FROM },
    }),
  },
  {
    ...{ operationId: 'setDelegation', field: 'delegator' },
    make: (own, { person }) => ({
      body: { delegator: person, delegate: `customer_admin@${own.tenant}`, ...FROM },
    }),
  },
  {
    ...{ operationId: 'decide', field: 'onBehalfOf', refusedAnyway: 'nobody stands in for whom it names' },
    make: (own, { person }) => exampleWith('decide', own, { onBehalfOf: person }),
  },
  {
    ...{ operationId: 'putApprovalPolicy', field: '' },
    make: (_own, { person }) => ({ path: { process: 'absence' }, body: policyOf(person) }),
  },
  ...(['createOnCallSchedule', 'putOnCallSchedule'] as const).map((operationId) => ({
    ...{ operationId, field: 'layers[].people', refusedAnyway: MSP },
    make: async (own: Things, { person }: Names) => {
      const call = await exampleWith(operationId, own, {});
      const [layer] = (call.body as { readonly layers: readonly object[] }).layers;
      return { ...call, body: { ...(call.body as object), layers: [{ ...layer, people: [person] }] } };
    },
  })),
  {
    ...{ operationId: 'enterOnCallOverride', field: 'person', refusedAnyway: MSP },
    make: (own, { person }) => exampleWith('enterOnCallOverride', own, { person }),
  },
  ...(['createTeam', 'putTeam'] as const).map((operationId) => ({
    ...{ operationId, field: 'members', refusedAnyway: MSP },
    make: (own: Things, { person }: Names) => exampleWith(operationId, own, { members: [person] }),
  })),
  {
    ...{ operationId: 'createCalendarFeed', field: 'schedule', refusedAnyway: MSP },
    make: (own, { onCallSchedule: schedule }) => exampleWith('createCalendarFeed', own, { schedule }),
  },
];
