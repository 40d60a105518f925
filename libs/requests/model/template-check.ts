import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FieldProblem } from '#libs/kernel';
import { displayNameFormatProblem } from './user-name-display.js';
import { templateSchema, type ProcessTemplate, type TemplateProcess } from './template-schema.js';
import { TemplateInvalid } from './template.errors.js';
import { DEFAULT_USER_NAME_RULE, userNameFormatProblem } from './user-name.js';

// Not part of the model's index: schemas are compiled here, which a workflow must not do.

const ajv = formats.default(new Ajv2020({ allErrors: true, strict: true }));
const validators = new Map<TemplateProcess, ValidateFunction>();

/** A template that is accepted is enforced: what cannot be is refused here. Throws `TemplateInvalid` with every fault. */
export function parseTemplate(process: TemplateProcess, value: unknown): ProcessTemplate {
  const validate = validatorOf(process);
  if (!validate(value)) throw invalid((validate.errors ?? []).map(schemaFault));
  const template = value as ProcessTemplate;
  const faults = [...fieldFaults(template), ...formatFaults(template)];
  if (faults.length > 0) throw invalid(faults);
  return template;
}

/** Compiled when a template of the process first comes. */
function validatorOf(process: TemplateProcess): ValidateFunction {
  let validate = validators.get(process);
  if (!validate) validators.set(process, (validate = ajv.compile(templateSchema(process))));
  return validate;
}

function invalid(errors: readonly FieldProblem[]): TemplateInvalid {
  const paths = [...new Set(errors.map((error) => error.path || 'the template'))];
  return new TemplateInvalid(`Mend ${paths.join(', ')}; the schema says what is allowed.`, { errors });
}

function schemaFault({ instancePath, keyword, message, params }: ErrorObject): FieldProblem {
  const named: unknown = params['missingProperty'] ?? params['additionalProperty'];
  const path = [...instancePath.split('/').slice(1), ...(typeof named === 'string' ? [named] : [])].join('.');
  const code = keyword === 'additionalProperties' ? 'unknown_field' : 'not_allowed';
  return { path, code, message: message ?? 'is not allowed' };
}

/** A field that nobody sees has its default or nothing: demanding it as well would refuse every request. */
function fieldFaults({ fields = {} }: ProcessTemplate): FieldProblem[] {
  return Object.entries(fields).flatMap(([name, rule]) =>
    rule.use === undefined && rule.default === undefined
      ? [{ path: `fields.${name}`, code: 'missing', message: 'Say how it is used, or give a default.' }]
      : [],
  );
}

function formatFaults({ formats: chosen = {} }: ProcessTemplate): FieldProblem[] {
  const separators = chosen.separators ?? DEFAULT_USER_NAME_RULE.separators;
  // also the format that counts when none is given has to fit the separators
  const userName = userNameFormatProblem(chosen.userName ?? DEFAULT_USER_NAME_RULE.format, separators);
  const displayName = chosen.displayName === undefined ? null : displayNameFormatProblem(chosen.displayName);
  return [
    ...(userName === null ? [] : [{ path: 'formats.userName', code: 'not_a_format', message: userName }]),
    ...(displayName === null ? [] : [{ path: 'formats.displayName', code: 'not_a_format', message: displayName }]),
  ];
}
