import { inert, type CsvFault, type CsvLine } from './csv-lines.js';

/** The types of request that can be imported. */
export const IMPORT_TYPES = ['onboarding', 'offboarding'] as const;
export type ImportType = (typeof IMPORT_TYPES)[number];

/** A column: the field of a request that it fills, and whether it holds several values. */
interface Column {
  readonly field: string;
  readonly isList?: boolean;
}

/** Between the values of one cell. */
export const LIST_SEPARATOR = '|';

/** The columns by their name in the file; for joiners those that the field's products share. */
const COLUMNS: Readonly<Record<ImportType, Readonly<Record<string, Column>>>> = {
  onboarding: {
    givenName: { field: 'givenName' },
    surName: { field: 'surname' },
    firstDayAt: { field: 'firstDayAt' },
    displayName: { field: 'displayName' },
    mailNickName: { field: 'userName' },
    domain: { field: 'domain' },
    aliases: { field: 'aliases', isList: true },
    jobTitle: { field: 'title' },
    department: { field: 'department' },
    company: { field: 'company' },
    streetAddress: { field: 'streetAddress' },
    postalCode: { field: 'postalCode' },
    city: { field: 'city' },
    state: { field: 'state' },
    usageLocation: { field: 'usageLocation' },
    mobilePhone: { field: 'mobilePhone' },
    businessPhones: { field: 'businessPhones', isList: true },
    employeeNumber: { field: 'employeeNumber' },
    manager: { field: 'manager' },
    sponsor: { field: 'sponsor' },
    copyGroupsFrom: { field: 'copyGroupsFrom' },
    groups: { field: 'groups', isList: true },
    equipment: { field: 'equipment', isList: true },
    passwordTo: { field: 'passwordTo' },
    welcomeMailTo: { field: 'welcomeMailTo' },
    reference: { field: 'reference' },
  },
  offboarding: {
    user: { field: 'user' },
    lastWorkingAt: { field: 'lastWorkingAt' },
    steps: { field: 'steps', isList: true },
    reference: { field: 'reference' },
    notifyMail: { field: 'notify.mail', isList: true },
  },
};

const NEEDED: Readonly<Record<ImportType, readonly string[]>> = {
  onboarding: ['givenName', 'surName', 'firstDayAt'],
  offboarding: ['user', 'lastWorkingAt'],
};

export function columnsOf(type: ImportType): readonly string[] {
  return Object.keys(COLUMNS[type]);
}

export function neededColumns(type: ImportType): readonly string[] {
  return NEEDED[type];
}

/** A line as the body of a request. */
export function bodyOfLine(type: ImportType, { cells }: CsvLine): Record<string, unknown> {
  const body: Record<string, unknown> = { type };
  for (const [name, cell] of Object.entries(cells)) {
    const { field, isList } = COLUMNS[type][name]!;
    const value = isList ? valuesOf(cell) : cell;
    if (field === 'notify.mail') body['notify'] = { mail: value };
    else body[field] = value;
  }
  return body;
}

/** A fault of a request's field as a fault of the column that filled it. */
export function faultOfField(
  type: ImportType,
  line: number,
  { path, code, message }: { readonly path: string; readonly code: string; readonly message: string },
): CsvFault {
  const named = Object.entries(COLUMNS[type]).find(([, { field }]) => path === field || path.startsWith(`${field}.`));
  return { line, column: named?.[0] ?? null, code, message: inert(message) };
}

function valuesOf(cell: string): readonly string[] {
  const values = cell.split(LIST_SEPARATOR).map((value) => value.trim());
  return values.filter((value) => value !== '');
}
