import { DEFAULT_POLICY, openRound, type ApprovalPolicy, type Approver } from '#libs/approvals';
import { systemClock } from '#libs/kernel';
import { fresh, type ApiAnswer, type ApiFixture, type Who } from './api-fixture.js';
import { RequestFactory } from './request.factory.js';

const HOUR_MS = 3_600_000;

/** A plan that waits for its approvers. */
export interface AskedPlan {
  readonly id: string;
  readonly planHash: string;
  readonly approvalId: string;
}

export const person = (subject: string) => ({ kind: 'person', subject }) as const;
export const role = (at: 'customer' | 'msp', name: string) => ({ kind: 'role', at, role: name }) as const;
export const contact = (mail: string) => ({ kind: 'contact', mail, name: 'Anna', language: 'de' }) as const;
export const stage = (needed: number, approvers: readonly Approver[], rejections = 1) => ({
  needed,
  approvers,
  rejections,
});
export const policyOf = (...stages: ApprovalPolicy['stages'][number][]): ApprovalPolicy => ({
  ...DEFAULT_POLICY,
  stages,
});

/** Puts plans of the customer `muster` to approvers, and votes on them over the API. */
export class ApprovalDesk {
  constructor(private readonly fixture: ApiFixture) {}

  save(policy: ApprovalPolicy): Promise<ApiAnswer> {
    return this.fixture.call('PUT', '/v1/approval-policies/offboarding', {
      as: 'muster/customer_admin',
      body: policy,
    });
  }

  /** A plan that waits under the customer's policy of this moment. */
  async asked(factory = RequestFactory.of('muster'), startsAt: string | null = null): Promise<AskedPlan> {
    const { admin } = this.fixture.database;
    const { id, planHash } = await factory.planned().in(admin);
    const subject = { tenant: 'muster', kind: 'plan', id, revision: 1, hash: planHash, requestId: id };
    const approvalId = await admin
      .transaction()
      .execute((tx) => openRound(tx, { ...subject, process: 'offboarding', startsAt }));
    return { id, planHash, approvalId };
  }

  vote({ id, planHash }: AskedPlan, as: Who, decision = 'approve', more: object = {}): Promise<ApiAnswer> {
    const body = { decision, planHash, ...more };
    return this.fixture.call('POST', `/v1/requests/${id}/decisions`, { as, headers: forMuster(as), body });
  }

  confirm({ id, planHash }: AskedPlan, as: Who): Promise<ApiAnswer> {
    return this.fixture.call('POST', `/v1/requests/${id}/confirmations`, {
      as,
      headers: forMuster(as),
      body: { planHash },
    });
  }

  /** From an hour ago for a day, unless `body` says otherwise. */
  delegate(body: object, as: Who = 'muster/customer_admin'): Promise<ApiAnswer> {
    const now = systemClock.now().getTime();
    const times = {
      from: new Date(now - HOUR_MS).toISOString(),
      until: new Date(now + 24 * HOUR_MS).toISOString(),
    };
    return this.fixture.call('POST', '/v1/delegations', {
      as,
      headers: { ...fresh(), ...forMuster(as) },
      body: { ...times, ...body },
    });
  }
}

function forMuster(as: Who): Record<string, string> {
  return as.startsWith('msp/') ? { 'stellwerk-tenant': 'muster' } : {};
}
