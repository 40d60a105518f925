import { openApiDocument } from '../../../../tools/contracts/openapi.js';

/** A field of an operation's body, e.g. `grants[].coversId`; '' is a body whose fields the description does not give. */
export interface BodyField {
  readonly operationId: string;
  readonly field: string;
}

interface Schema {
  readonly $ref?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Ids and references by their form: `id`, `siteId`, `memberIds`, `secretRef`. */
const BY_FORM = /^id$|I[dD]s?$|Refs?$/;
/** And those that are called by what they name. */
const BY_WORD: ReadonlySet<string> = new Set([
  ...['approver', 'approvers', 'contact', 'contacts', 'covers', 'customer', 'customers', 'delegate', 'delegator'],
  ...['device', 'devices', 'entry', 'group', 'member', 'members', 'onBehalfOf', 'people', 'person', 'provider', 'run'],
  ...['request', 'schedule', 'secret', 'site', 'sites', 'system', 'team', 'technicians', 'tenant', 'tenants', 'ticket'],
]);

/** Fields that look so and name nothing of a tenant, with the reason. */
export const NAMES_NOTHING: Readonly<Record<string, string>> = {
  'createTenant id': 'the name of what is made',
  'putIdentityProvider clientId': 'what the issuer calls us',
  'putMachineClient clientId': 'what the issuer calls a program',
  'putIdentityProvider roles[].group': 'what the issuer calls its group',
  'setLegalHold person': 'words about somebody, compared with what stands in the tenant of the call',
  'submitRequest confidential.technicians': 'names that see it only where they have a role in its tenant',
  'submitRequest grants[].approver': 'somebody in the customer’s own directory',
  'confirmCustomerAccess entry': 'a line of the list of the tenant in the address',
  'giveAct stepId': 'a step’s name in the plan of the run in the address',
  'createMailbox secretRef': 'a name, looked up among the secrets of the mailbox’s own tenant when it is read',
  'putMailbox secretRef': 'as createMailbox',
  'createMailbox authservId': 'what a mail server calls itself',
  'putMailbox authservId': 'as createMailbox',
  'addTicketAttachment ': 'a file',
  'putNotificationChannel secret': 'a reference, resolved for the tenant of the channel when it is used',
  'linkThing externalId': 'what something is called elsewhere',
  'assignTicket team': 'what the MSP calls its team',
  'putTemplate ': 'steps, texts and groups of the customer’s directory: libs/requests/model has its schema',
  'importRequests ': 'rows of requests as submitRequest takes them',
};

/** Every field of every body that carries an id or a name of something, drawn from the API's description. */
export async function bodiesThatName(): Promise<readonly BodyField[]> {
  const { paths, components } = (await openApiDocument()) as unknown as {
    readonly paths: Record<string, Record<string, Operation>>;
    readonly components: { readonly schemas: Record<string, Schema> };
  };
  const operations = Object.values(paths).flatMap((verbs) => Object.values(verbs));
  return operations.flatMap(({ operationId, requestBody }) => {
    const schemas = Object.values(requestBody?.content ?? {}).map(({ schema }) => schema);
    const all = schemas.flatMap((schema) => fieldsOf(schema, components.schemas));
    if (schemas.length > 0 && all.length === 0) return [{ operationId, field: '' }];
    const named = all.filter(([field, schema]) => namesSomething(field, schema)).map(([field]) => field);
    return [...new Set(named)].map((field) => ({ operationId, field }));
  });
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
}

function namesSomething(field: string, schema: Schema): boolean {
  if (schema.enum) return false;
  const name = field.replace(/\[\]/g, '').split('.').at(-1)!;
  return schema.format === 'uuid' || schema.items?.format === 'uuid' || BY_FORM.test(name) || BY_WORD.has(name);
}

function fieldsOf(
  schema: Schema,
  schemas: Record<string, Schema>,
  before = '',
  within: readonly string[] = [],
): [string, Schema][] {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)!;
    return within.includes(name) ? [] : fieldsOf(schemas[name]!, schemas, before, [...within, name]);
  }
  const deeper = (one: Schema, path: string) => fieldsOf(one, schemas, path, within);
  const { allOf = [], anyOf = [], oneOf = [], properties = {}, items, additionalProperties } = schema;
  return [
    ...[...allOf, ...anyOf, ...oneOf].flatMap((one) => deeper(one, before)),
    ...Object.entries(properties).flatMap(([name, one]): [string, Schema][] => {
      const path = before === '' ? name : `${before}.${name}`;
      return [[path, one], ...deeper(one, path)];
    }),
    ...(items ? deeper(items, `${before}[]`) : []),
    ...(typeof additionalProperties === 'object' ? deeper(additionalProperties, `${before}.*`) : []),
  ];
}

/** What stands in a body at such a place, as text. */
export function valueAt(body: unknown, field: string): string {
  const names = field.split('.').filter((name) => name !== '');
  const found = names.reduce<unknown[]>(
    (values, name) => {
      const key = name.replace('[]', '');
      return values.flatMap((value) => [(value as Record<string, unknown> | undefined)?.[key]].flat());
    },
    [body],
  );
  return JSON.stringify(found);
}
