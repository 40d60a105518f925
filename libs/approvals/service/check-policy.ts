import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { FieldProblem } from '#libs/kernel';
import {
  approvalPolicySchema,
  PolicyInvalid,
  policyFaults,
  type ApprovalPolicy,
  type RoleHolder,
} from '../model/index.js';

const ajv = new Ajv2020({ allErrors: false, strict: true, strictRequired: false });
const validate = ajv.compile(approvalPolicySchema);

/**
 * A policy that is accepted is enforced: what cannot be, given who holds which role now, is refused. Throws `PolicyInvalid`
 * with every fault.
 */
export function parsePolicy(value: unknown, holders: readonly RoleHolder[]): ApprovalPolicy {
  if (!validate(value)) throw invalid(schemaFaults(validate.errors ?? []));
  const policy = value as ApprovalPolicy;
  const faults = policyFaults(policy, holders);
  if (faults.length > 0) throw invalid(faults);
  return policy;
}

function invalid(errors: readonly FieldProblem[]): PolicyInvalid {
  const message = errors.map(({ path, message: text }) => `${path || 'the policy'}: ${text}`).join(' ');
  return new PolicyInvalid(message, { errors });
}

/** Of a choice that nothing fits, the deepest faults say most. */
function schemaFaults(errors: readonly ErrorObject[]): FieldProblem[] {
  const told = errors.filter(({ keyword }) => keyword !== 'oneOf');
  const faults = (told.length > 0 ? told : errors).map(({ instancePath, keyword, message, params }): FieldProblem => {
    const named: unknown = params['missingProperty'] ?? params['additionalProperty'];
    const path = [...instancePath.split('/').slice(1), ...(typeof named === 'string' ? [named] : [])].join('.');
    const code =
      keyword === 'required' ? 'missing' : keyword === 'additionalProperties' ? 'unknown_field' : 'not_allowed';
    return { path, code, message: message ?? 'is not allowed' };
  });
  return [...new Map(faults.map((fault) => [fault.path, fault])).values()];
}
