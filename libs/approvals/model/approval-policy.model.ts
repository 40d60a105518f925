import type { JsonSchema } from '#libs/kernel';

/** Processes that a policy can be for, and `*` for all that have none of their own. */
export const POLICY_PROCESSES = ['*', 'offboarding', 'onboarding', 'mover', 'absence', 'reinstatement'] as const;
export type PolicyProcess = (typeof POLICY_PROCESSES)[number];

/** Roles that may decide; a policy can name no other (`plan.decide` in the table of permissions). */
export const DECIDING_ROLES = {
  customer: ['customer_admin', 'approver'],
  msp: ['owner', 'operator'],
} as const;

/** Everybody with a role, at the customer or at the MSP. */
export interface RoleApprover {
  readonly kind: 'role';
  readonly at: 'customer' | 'msp';
  readonly role: string;
  /** False: may decide, but is not asked by mail. */
  readonly ask?: boolean;
}
/** Somebody with an account, by subject, e.g. `anna@muster`. */
export interface PersonApprover {
  readonly kind: 'person';
  readonly subject: string;
}
/** Somebody at the customer without an account, who decides by a link in a mail. */
export interface ContactApprover {
  readonly kind: 'contact';
  readonly mail: string;
  readonly name: string;
  readonly language: 'de' | 'en';
}
export type Approver = RoleApprover | PersonApprover | ContactApprover;

/** One stage: `needed` of its approvers; so many rejections reject the whole. */
export interface ApprovalStage {
  readonly approvers: readonly Approver[];
  readonly needed: number;
  readonly rejections: number;
}

/**
 * Who has to approve. Stages follow one another. An approval that does not come in time is rejected or left open and
 * called for; it is never taken for given.
 */
export interface ApprovalPolicy {
  readonly stages: readonly ApprovalStage[];
  /** When nobody decided by then: so long after it was asked, or so long before what is asked for begins. Null: never. */
  readonly expiry: {
    readonly afterHours?: number;
    readonly beforeStartHours?: number;
    readonly outcome: 'reject' | 'escalate';
  } | null;
  readonly reminders: { readonly everyHours: number; readonly atMost: number } | null;
  /** Who is told when it takes too long; they may decide from then on. */
  readonly escalation: { readonly afterHours: number; readonly to: readonly Approver[] } | null;
}

/** Where a policy comes from, the closest first. */
export interface PolicySource {
  /** `process`: the customer's for this process; `all`: the customer's for all; `default`: it has none. */
  readonly from: 'process' | 'all' | 'default';
  /** 0 for the default. */
  readonly version: number;
  readonly setBy: string | null;
}

/** What counts where a customer has no policy: one of those who may decide at the customer or the MSP. */
export const DEFAULT_POLICY: ApprovalPolicy = {
  stages: [
    {
      approvers: [
        { kind: 'role', at: 'customer', role: 'approver' },
        { kind: 'role', at: 'customer', role: 'customer_admin' },
        { kind: 'role', at: 'msp', role: 'owner', ask: false },
        { kind: 'role', at: 'msp', role: 'operator', ask: false },
      ],
      needed: 1,
      rejections: 1,
    },
  ],
  expiry: null,
  reminders: { everyHours: 24, atMost: 5 },
  escalation: null,
};

const MAIL = '^[^\\s@<>(),;:"\\[\\]\\\\]+@[^\\s@<>(),;:"\\[\\]\\\\]+$';
const LINE = '^[^\\r\\n]+$';
const hours = (most: number): JsonSchema => ({ type: 'integer', minimum: 1, maximum: most });

const closed = (required: readonly string[], properties: { readonly [name: string]: JsonSchema }): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: [...required],
  properties,
});

const approver: JsonSchema = {
  type: 'object',
  required: ['kind'],
  oneOf: [
    closed(['kind', 'at', 'role'], {
      kind: { const: 'role' },
      at: { enum: ['customer', 'msp'] },
      role: { enum: [...DECIDING_ROLES.customer, ...DECIDING_ROLES.msp] },
      ask: { type: 'boolean' },
    }),
    closed(['kind', 'subject'], {
      kind: { const: 'person' },
      subject: { type: 'string', minLength: 3, maxLength: 200, pattern: '^[^\\s@]+@[^\\s@]+$' },
    }),
    closed(['kind', 'mail', 'name', 'language'], {
      kind: { const: 'contact' },
      mail: { type: 'string', maxLength: 254, pattern: MAIL },
      name: { type: 'string', minLength: 1, maxLength: 200, pattern: LINE },
      language: { enum: ['de', 'en'] },
    }),
  ],
};
const approvers: JsonSchema = { type: 'array', minItems: 1, maxItems: 20, items: approver };

/** The JSON Schema (draft 2020-12) of a policy. What a schema cannot say is in `policyFaults`. */
export const approvalPolicySchema: JsonSchema = closed(['stages', 'expiry', 'reminders', 'escalation'], {
  stages: {
    type: 'array',
    minItems: 1,
    maxItems: 5,
    items: closed(['approvers', 'needed', 'rejections'], {
      approvers,
      needed: { type: 'integer', minimum: 1, maximum: 20 },
      rejections: { type: 'integer', minimum: 1, maximum: 20 },
    }),
  },
  expiry: {
    oneOf: [
      { type: 'null' },
      closed(['afterHours', 'outcome'], { afterHours: hours(8784), outcome: { enum: ['reject', 'escalate'] } }),
      closed(['beforeStartHours', 'outcome'], {
        beforeStartHours: hours(8784),
        outcome: { enum: ['reject', 'escalate'] },
      }),
    ],
  },
  reminders: {
    oneOf: [
      { type: 'null' },
      closed(['everyHours', 'atMost'], {
        everyHours: hours(744),
        atMost: { type: 'integer', minimum: 1, maximum: 30 },
      }),
    ],
  },
  escalation: { oneOf: [{ type: 'null' }, closed(['afterHours', 'to'], { afterHours: hours(8784), to: approvers })] },
});
