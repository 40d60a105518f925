import { Type, type TObject, type TProperties, type TSchema } from '@sinclair/typebox';
import { ABSENCE_STEPS } from './absence-steps.js';
import { MOST_DUE_DAYS, MOST_MANUAL_STEPS } from './manual-steps.js';
import { MOVER_STEPS } from './mover-steps.js';
import { ACCESS_CRITICAL_STEPS, OFFBOARDING_STEPS } from './offboarding-steps.js';
import { OBLIGATORY_ONBOARDING_STEPS, ONBOARDING_STEPS } from './onboarding-steps.js';
import { DUPLICATE_ACTIONS, type DuplicateAction } from './user-name.js';

/** The processes that a customer can have a template of. */
export const TEMPLATE_PROCESSES = ['onboarding', 'offboarding', 'mover', 'absence'] as const;
export type TemplateProcess = (typeof TEMPLATE_PROCESSES)[number];

const closed = { additionalProperties: false } as const;
const line = (maxLength: number): TSchema =>
  Type.String({ minLength: 1, maxLength, pattern: '^\\S([^\\u0000-\\u001f\\u007f]*\\S)?$' });
const lines = (maxLength: number): TSchema => Type.String({ minLength: 1, maxLength });
const listOf = (items: TSchema, maxItems: number): TSchema => Type.Array(items, { maxItems, uniqueItems: true });
const domain = Type.String({ maxLength: 253, pattern: '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9-]{2,}$' });
const country = Type.String({ pattern: '^[A-Z]{2}$' });
const mail = Type.String({ maxLength: 254, format: 'email' });
const notify = Type.Object(
  { mail: Type.Optional(listOf(mail, 20)), webhook: Type.Optional(Type.String({ format: 'uri', maxLength: 2000 })) },
  closed,
);

const manualStep = Type.Object(
  {
    title: line(200),
    instructions: Type.Optional(lines(4000)),
    assignee: Type.Optional(line(200)),
    offsetDays: Type.Optional(Type.Integer({ minimum: -7, maximum: 30 })),
    dueDays: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST_DUE_DAYS })),
  },
  closed,
);

/** The fields of a request that a template can rule, each with what a default has to be; null: it can have none. */
const FIELDS: Readonly<Record<TemplateProcess, Readonly<Record<string, TSchema | null>>>> = {
  onboarding: {
    displayName: null,
    userName: null,
    domain,
    aliases: null,
    title: line(128),
    department: line(64),
    company: line(64),
    streetAddress: line(256),
    postalCode: line(40),
    city: line(128),
    state: line(128),
    usageLocation: country,
    businessPhones: null,
    mobilePhone: null,
    employeeNumber: null,
    manager: line(256),
    sponsor: line(256),
    copyGroupsFrom: line(256),
    groups: listOf(line(256), 100),
    equipment: listOf(line(200), MOST_MANUAL_STEPS),
    passwordTo: mail,
    welcomeMailTo: mail,
    reference: null,
    notify,
  },
  offboarding: { grants: null, reference: null, notify },
  mover: {
    title: line(128),
    department: line(64),
    company: line(64),
    streetAddress: line(256),
    postalCode: line(40),
    city: line(128),
    state: line(128),
    businessPhones: null,
    mobilePhone: null,
    manager: line(256),
    groups: null,
    reference: null,
    notify,
  },
  absence: { grants: null, reference: null, notify },
};

const STEPS: Readonly<Record<TemplateProcess, readonly string[]>> = {
  onboarding: ONBOARDING_STEPS,
  offboarding: OFFBOARDING_STEPS,
  mover: MOVER_STEPS,
  absence: ABSENCE_STEPS,
};

/** What a mover's request does follows from what it names, and a joiner always gets an entry: no choice there. */
const WITHOUT_CHOICE: readonly string[] = [...OBLIGATORY_ONBOARDING_STEPS, ...MOVER_STEPS];

const formats = Type.Object(
  {
    userName: Type.Optional(line(100)),
    displayName: Type.Optional(line(200)),
    mailDomain: Type.Optional(domain),
    onDuplicate: Type.Optional(Type.Union(DUPLICATE_ACTIONS.map((action) => Type.Literal(action)))),
    maxLength: Type.Optional(Type.Integer({ minimum: 3, maximum: 64 })),
    separators: Type.Optional(Type.String({ maxLength: 3, pattern: '^[._-]*$' })),
  },
  closed,
);

function fieldsSchema(process: TemplateProcess): TObject {
  const rules = Object.entries(FIELDS[process]).map(([name, value]) => {
    const use = Type.Optional(Type.Union(['required', 'optional', 'hidden'].map((one) => Type.Literal(one))));
    return [name, Type.Optional(Type.Object({ use, ...(value ? { default: Type.Optional(value) } : {}) }, closed))];
  });
  return Type.Object(Object.fromEntries(rules) as TProperties, closed);
}

function stepsSchema(process: TemplateProcess): TObject {
  const rules = STEPS[process].map((id) => {
    const offsetDays = Type.Optional(Type.Integer({ minimum: -7, maximum: 30 }));
    const hasChoice = !WITHOUT_CHOICE.includes(id);
    const hasDeadline = process === 'offboarding' && (ACCESS_CRITICAL_STEPS as readonly string[]).includes(id);
    const rule = {
      offsetDays,
      ...(hasChoice ? { selected: Type.Optional(Type.Boolean()) } : {}),
      ...(hasDeadline ? { deadlineMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })) } : {}),
    };
    return [id, Type.Optional(Type.Object(rule, closed))];
  });
  return Type.Object(Object.fromEntries(rules) as TProperties, closed);
}

/** The JSON Schema (draft 2020-12) of a process's template. */
export function templateSchema(process: TemplateProcess): TObject {
  return Type.Object(
    {
      fields: Type.Optional(fieldsSchema(process)),
      steps: Type.Optional(stepsSchema(process)),
      manualSteps: Type.Optional(Type.Array(manualStep, { maxItems: MOST_MANUAL_STEPS })),
      ...(process === 'onboarding' ? { formats: Type.Optional(formats) } : {}),
    },
    { ...closed, title: `Template of ${process}` },
  );
}

/** How names are formed; of user names see `UserNameRule`. */
export interface TemplateFormats {
  readonly userName?: string;
  readonly displayName?: string;
  readonly mailDomain?: string;
  readonly onDuplicate?: DuplicateAction;
  readonly maxLength?: number;
  readonly separators?: string;
}
export type TemplateManualStep = {
  readonly title: string;
  readonly instructions?: string;
  readonly assignee?: string;
  readonly offsetDays?: number;
  readonly dueDays?: number;
};

export interface FieldRule {
  readonly use?: 'required' | 'optional' | 'hidden';
  readonly default?: unknown;
}

export interface StepRule {
  readonly selected?: boolean;
  readonly offsetDays?: number;
  readonly deadlineMinutes?: number;
}

/** A customer's template of a process, as it is stored. What it leaves out is as without a template. */
export interface ProcessTemplate {
  readonly fields?: Readonly<Record<string, FieldRule>>;
  readonly steps?: Readonly<Record<string, StepRule>>;
  readonly manualSteps?: readonly TemplateManualStep[];
  readonly formats?: TemplateFormats;
}
