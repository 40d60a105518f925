import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { FieldProblem } from '#libs/kernel';
import type { Transaction } from '#libs/platform/database';
import { goneOf } from '../store/excluded.store.js';
import { listRoleHolders } from '../store/people.store.js';
import {
  approvalPolicySchema,
  matches,
  namesOf,
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
export async function readPolicyWish(tx: Transaction, tenant: string, value: unknown): Promise<ApprovalPolicy> {
  const policy = parsePolicy(value, await listRoleHolders(tx, tenant));
  const gone = await goneOf(tx, tenant, policy);
  const named = [...policy.stages.flatMap(({ approvers }) => approvers), ...(policy.escalation?.to ?? [])];
  const closed = named.find((approver) => gone.some((subject) => matches(approver, { subject, roles: [] })));
  if (closed)
    throw invalid([{ path: 'stages', code: 'closed', message: `The access of ${namesOf([closed])[0]} is closed.` }]);
  return policy;
}

function parsePolicy(value: unknown, holders: readonly RoleHolder[]): ApprovalPolicy {
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
