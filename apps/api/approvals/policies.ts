import {
  approvalPolicySchema,
  DEFAULT_POLICY,
  findPolicy,
  insertPolicy,
  listPolicies,
  POLICY_PROCESSES,
  PolicyProcessUnknown,
  PolicyVersionNotFound,
  readPolicyWish,
  type PolicyProcess,
} from '#libs/approvals';
import type { Json } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants, type Writer } from '../access/caller.js';
import { policyView, type PoliciesView, type PolicyView } from './policy.view.js';

/** Who has to approve what at each customer, as rows of versions. */
export class ApprovalPolicies {
  constructor(private readonly database: Database) {}

  /** The newest version of each. Throws `TenantNotFound`. */
  async list(actor: Actor, tenant: string | undefined): Promise<PoliciesView> {
    const tenants = listedTenants(actor, tenant);
    const rows = await inTenants(this.database, tenants, (tx) => listPolicies(tx, tenants));
    return { items: rows.map(policyView) };
  }

  /** A version, without one the newest. Throws `PolicyProcessUnknown` or `PolicyVersionNotFound`. */
  async one(tenant: string, name: string, version: number | undefined): Promise<PolicyView> {
    const process = knownProcess(name);
    const row = await inTenants(this.database, [tenant], (tx) => findPolicy(tx, tenant, process, version ?? null));
    if (row) return policyView(row);
    if (version !== undefined) throw new PolicyVersionNotFound(`The policy for ${name} has no version ${version}.`);
    return { tenant, process: name, version: 0, policy: DEFAULT_POLICY, createdBy: null, createdAt: null };
  }

  /** The JSON Schema (draft 2020-12) of every process's policy. Throws `PolicyProcessUnknown`. */
  schema(name: string): object {
    knownProcess(name);
    return approvalPolicySchema;
  }

  /**
   * Saves the next version; whoever is asked from now on is asked by it. Throws `PolicyProcessUnknown` or `PolicyInvalid`:
   * what cannot be enforced with the people there are is refused.
   */
  async save({ actor, tenant }: Writer, name: string, value: unknown): Promise<PolicyView> {
    const process = knownProcess(name);
    return inTenants(this.database, [tenant], async (tx) => {
      const policy = await readPolicyWish(tx, tenant, value);
      const before = await findPolicy(tx, tenant, process, null);
      const row = await insertPolicy(tx, { tenant, process, body: policy, createdBy: actor.subject });
      await appendAudit(tx, tenant, {
        action: 'approval_policy.saved',
        actor: actor.subject,
        object: { kind: 'approval_policy', id: name },
        before: (before?.body ?? null) as Json,
        after: { version: row.version, policy: policy as unknown as Json },
      });
      return policyView(row);
    });
  }
}

/** In an address `all` stands for every process without a policy of its own. Throws `PolicyProcessUnknown`. */
function knownProcess(name: string): PolicyProcess {
  const process = name === 'all' ? '*' : name;
  const known = POLICY_PROCESSES.find((one) => one === process && name !== '*');
  if (known) return known;
  const names = POLICY_PROCESSES.map((one) => (one === '*' ? 'all' : one));
  throw new PolicyProcessUnknown(`There is a policy for each of ${names.join(', ')}.`);
}
