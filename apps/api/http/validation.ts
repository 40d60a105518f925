import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import type { AppErrorOptions, FieldProblem } from '#libs/kernel';
import { isPrototypeKey } from './body-parser.js';
import { InvalidQuery, RequestInvalid } from './http.errors.js';

/** What each rule of class-validator is called in our answers. */
const CODES: Readonly<Record<string, string>> = {
  whitelistValidation: 'unknown_field',
  isIn: 'not_allowed',
  isText: 'not_text',
  isLine: 'not_text',
  isArray: 'not_a_list',
  arrayMaxSize: 'too_many',
  arrayUnique: 'duplicate',
  isObject: 'not_an_object',
  nestedValidation: 'not_an_object',
  isEmail: 'not_a_mail_address',
  isUrl: 'not_a_url',
  isLastWorkingAt: 'not_a_date_time',
  isLocalTime: 'not_a_date_time',
  isInstant: 'not_a_date_time',
  isAction: 'not_an_action',
  isDays: 'not_days_by_step',
  isDomain: 'not_a_domain',
  isCountry: 'not_a_country',
  isInt: 'not_a_whole_number',
  min: 'too_small',
  max: 'too_large',
  isRate: 'not_a_rate',
  isHash: 'not_a_hash',
  isTimeZone: 'not_a_time_zone',
  isPhone: 'not_a_phone_number',
  isReferences: 'not_references',
  isDay: 'not_a_date',
  isISO31661Alpha2: 'not_a_country',
  isUuid: 'not_an_id',
  isMailboxSecret: 'not_a_secret_of_a_mailbox',
  isPem: 'not_a_certificate',
  arrayMinSize: 'too_few',
  isPlace: 'not_a_place',
  isHost: 'not_a_host',
  isFingerprint: 'not_a_fingerprint',
  isWebhookUrl: 'not_a_url',
  isFilled: 'empty',
  isReturnPath: 'not_a_path',
  isWeek: 'not_a_week',
  isHours: 'not_hours',
  isTargets: 'not_targets',
  isProposal: 'not_a_proposal',
  isState: 'not_a_state',
  isName: 'not_a_name',
  isBoolean: 'not_true_or_false',
  isHoursByDate: 'not_hours_by_date',
  isNumber: 'not_a_number',
};

/** Rules on what a value is at all: when one is broken, the other rules have nothing to judge. */
const KIND_RULES = ['isArray', 'isObject', 'isInt', 'isNumber'] as const;

type Fault = new (message: string, options: AppErrorOptions) => RequestInvalid | InvalidQuery;

/** Parses bodies and queries once, at the edge, into instances of their classes. Unknown fields are refused. */
export class ParseInput implements PipeTransform {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (metatype === undefined || metatype === Object) return value;
    // no body at all has the same faults as an empty one
    if (type === 'body') return parse(value === undefined ? {} : value, metatype, RequestInvalid);
    return type === 'query' ? parse(value, metatype, InvalidQuery) : value;
  }
}

/** A body whose class depends on its field `type`. Throws `RequestInvalid`; with an unknown type only that is judged. */
export class ParseByType<Body extends object> implements PipeTransform {
  constructor(private readonly classes: Readonly<Record<string, new () => Body>>) {}

  async transform(value: unknown, { type: place }: ArgumentMetadata): Promise<unknown> {
    if (place !== 'body') return value;
    const asked = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
    if (asked === null && value !== undefined) return parse(value, Object, RequestInvalid);
    const type = (asked as { readonly type?: unknown } | null)?.type;
    if (typeof type === 'string' && Object.hasOwn(this.classes, type))
      return parse(asked, this.classes[type]!, RequestInvalid);
    const code = type === undefined ? 'missing' : 'not_allowed';
    const message = `type must be one of ${Object.keys(this.classes).join(', ')}.`;
    throw new RequestInvalid(message, { errors: [{ path: 'type', code, message }] });
  }
}

/** A value as an instance of its class, or what is wrong with its fields. */
export async function checkFields<Body extends object>(
  value: unknown,
  Class: new () => Body,
): Promise<{ readonly body: Body } | { readonly errors: readonly FieldProblem[] }> {
  try {
    return { body: (await parse(value, Class, RequestInvalid)) as Body };
  } catch (error) {
    if (error instanceof RequestInvalid) return { errors: error.errors ?? [] };
    throw error;
  }
}

async function parse(value: unknown, Class: new () => object, FaultClass: Fault): Promise<object> {
  const refuse = (errors: readonly FieldProblem[]): never => {
    throw new FaultClass(errors.map((error) => error.message).join(' '), { errors });
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse([{ path: '', code: 'not_an_object', message: 'Send an object.' }]);
  }
  const forbidden = Object.keys(value).find(isPrototypeKey);
  if (forbidden) return refuse([{ path: forbidden, code: 'unknown_field', message: `${forbidden} is not known.` }]);
  const instance = plainToInstance(Class, value);
  const errors = await validate(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: false },
  });
  return errors.length > 0 ? refuse(errors.flatMap((error) => fieldProblems(error, ''))) : instance;
}

function fieldProblems(error: ValidationError, parent: string): FieldProblem[] {
  const path = parent + error.property;
  const isUnknown = error.constraints?.['whitelistValidation'] !== undefined;
  const own = brokenRules(error).map(([rule, text]) => fieldProblem(path, rule, text));
  const deeper = (error.children ?? []).flatMap((child) => fieldProblems(child, `${path}.`));
  if (error.value === undefined && own.length > 0 && !isUnknown)
    return [{ path, code: 'missing', message: `${path} is missing.` }];
  return [...own, ...deeper];
}

function brokenRules({ constraints = {} }: ValidationError): [rule: string, text: string][] {
  const kind = KIND_RULES.find((rule) => constraints[rule] !== undefined);
  return kind ? [[kind, constraints[kind]!]] : Object.entries(constraints);
}

function fieldProblem(path: string, rule: string, text: string): FieldProblem {
  if (rule === 'whitelistValidation') return { path, code: 'unknown_field', message: `${path} is not known.` };
  return { path, code: CODES[rule] ?? rule, message: `${text}.` };
}
