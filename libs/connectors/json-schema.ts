import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FieldProblem, JsonObject, JsonSchema } from '#libs/kernel';
import type { SystemConnection } from './block.js';
import { SystemConfigInvalid } from './errors.js';

// a rule may require a property of the object around it, which a strict check within the rule cannot see
const ajv = formats.default(
  new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true }),
);
const compiled = new WeakMap<JsonSchema, ValidateFunction>();

/** What a value has against a schema; an empty list when it matches. Throws when the schema itself is not valid. */
export function schemaProblems(schema: JsonSchema, value: unknown): readonly FieldProblem[] {
  let validate = compiled.get(schema);
  if (!validate) compiled.set(schema, (validate = ajv.compile(schema)));
  return validate(value) ? [] : (validate.errors ?? []).map(fieldProblem);
}

/** One of several alternatives in a schema: this property is there. */
export function given(property: string): JsonSchema {
  return { required: [property], properties: { [property]: true } };
}

/**
 * A system's `config` as the type that its kind works with. Throws `SystemConfigInvalid` with the fields at fault; their
 * values are left out, because a password may have been put there by mistake.
 */
export function parseSystemConfig<Config>(system: SystemConnection, schema: JsonSchema): Config {
  const errors = schemaProblems(schema, system.config);
  if (errors.length > 0) {
    throw new SystemConfigInvalid(`Mend the configuration of the system ${system.name}.`, { errors });
  }
  return system.config as JsonObject as Config;
}

function fieldProblem({ instancePath, keyword, message, params }: ErrorObject): FieldProblem {
  const missing: unknown = params['missingProperty'] ?? params['additionalProperty'];
  const path = [...instancePath.split('/').slice(1), ...(typeof missing === 'string' ? [missing] : [])].join('.');
  return { path, code: keyword, message: message ?? 'is not valid' };
}
