import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SignedIn } from './sign-in.js';

/** An answer that was not expected, with the problem's code. */
export class UnexpectedAnswer extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    call: string,
  ) {
    super(`${call} answered ${status}: ${JSON.stringify(body)}`);
  }
}

export interface RequestView {
  readonly id: string;
  readonly status: string;
  readonly planHash?: string;
  readonly revision?: number;
  readonly runId?: string;
  readonly problem?: { readonly code: string; readonly detail: string };
  readonly waitingFor?: unknown;
}

export interface ChangeView {
  readonly target: string;
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface PlanView {
  readonly planHash: string;
  /** Whom it is about; of a joiner the user name that was chosen. */
  readonly user?: string;
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly changes: readonly ChangeView[];
    readonly irreversible: boolean;
    readonly irreversibleReason: string | null;
  }[];
  readonly remarks: readonly { readonly stepId: string; readonly code: string; readonly text: string }[];
}

export interface RunView {
  readonly id: string;
  readonly status: string;
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: string;
    readonly outcome: string | null;
    readonly attempt: number;
    readonly reason?: string | null;
    readonly problem?: { code: string } | null;
  }[];
  readonly timeline: readonly {
    readonly seq: number;
    readonly at: string;
    readonly kind: string;
    readonly step?: string | null;
    readonly stepId?: string | null;
    readonly attempt?: number | null;
    readonly who: string;
    readonly seconds?: number | null;
    readonly data?: unknown;
  }[];
}

const POLL_MS = 150;

/** Stellwerk's REST interface as one person uses it: with an API key, or signed in. */
export class StellwerkClient {
  constructor(
    private readonly api: string,
    private readonly proof: string | SignedIn,
    private readonly tenant?: string,
  ) {}

  async call<T>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const named = { ...(this.tenant ? { 'stellwerk-tenant': this.tenant } : {}), ...headers };
    const { status, text } = await this.send(method, path, body, named);
    const answer: unknown = text === '' ? null : JSON.parse(text);
    if (status >= 300) throw new UnexpectedAnswer(status, answer, `${method} ${path}`);
    return answer as T;
  }

  private async send(method: string, path: string, body: unknown, headers: Record<string, string>) {
    if (typeof this.proof !== 'string') return this.proof.call(method, path, body, headers);
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.proof}`, ...type, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  submit(body: unknown): Promise<RequestView> {
    return this.call('POST', '/v1/requests', body, { 'idempotency-key': randomUUID() });
  }

  reinstate(runId: string, body: unknown = {}): Promise<RequestView> {
    return this.call('POST', `/v1/runs/${runId}/reinstate`, body, { 'idempotency-key': randomUUID() });
  }

  request(id: string): Promise<RequestView> {
    return this.call('GET', `/v1/requests/${id}`);
  }

  plan(id: string): Promise<PlanView> {
    return this.call('GET', `/v1/requests/${id}/plan`);
  }

  decide(id: string, decision: 'approve' | 'reject', planHash: string, reason?: string): Promise<RequestView> {
    return this.call('POST', `/v1/requests/${id}/decisions`, { decision, planHash, ...(reason ? { reason } : {}) });
  }

  /** A person's intervention in a request or its run. */
  act(id: string, act: { readonly act: string; readonly reason: string; readonly stepId?: string }): Promise<unknown> {
    return this.call('POST', `/v1/requests/${id}/acts`, act, { 'idempotency-key': randomUUID() });
  }

  approvalPolicy(process: string): Promise<{ readonly policy: unknown }> {
    return this.call('GET', `/v1/approval-policies/${process}`);
  }

  putApprovalPolicy(process: string, policy: unknown): Promise<unknown> {
    return this.call('PUT', `/v1/approval-policies/${process}`, policy);
  }

  me(): Promise<{ readonly subject: string; readonly roles: readonly { readonly role: string }[] }> {
    return this.call('GET', '/v1/me');
  }

  run(id: string): Promise<RunView> {
    return this.call('GET', `/v1/runs/${id}`);
  }

  /** Waits until the request has one of these statuses; any other final one is an error. */
  async untilStatus(id: string, statuses: readonly string[], seconds = 60): Promise<RequestView> {
    const final = ['closed', 'refused', 'rejected'];
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const request = await this.request(id);
      if (statuses.includes(request.status)) return request;
      if (final.includes(request.status))
        throw new Error(`request ${id} is ${request.status}: ${JSON.stringify(request.problem)}`);
      if (performance.now() > deadline)
        throw new Error(`request ${id} is still ${request.status} after ${seconds} s: ${JSON.stringify(request)}`);
      await pause(POLL_MS);
    }
  }
}
