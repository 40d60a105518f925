import { newId } from '#libs/kernel';
import type { ApiAnswer, ApiFixture, Who } from './api-fixture.js';

/** A week of the usual hours. */
export const OFFICE = {
  timezone: 'Europe/Berlin',
  weekly: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['08:00', '18:00']]])),
};

/** Somebody who promises and works on tickets, over the API. */
export class ServiceLevelDesk {
  constructor(private readonly fixture: ApiFixture) {}

  /** Whatever comes back. */
  ask(as: Who, method: string, path: string, body?: object, tenant = 'muster'): Promise<ApiAnswer> {
    const headers = { 'idempotency-key': newId(), ...(as.startsWith('msp/') ? { 'stellwerk-tenant': tenant } : {}) };
    return this.fixture.call(method, `/v1/${path}`, { as, headers, ...(body === undefined ? {} : { body }) });
  }

  /** A call that succeeds. */
  async call<T = Record<string, unknown>>(...args: Parameters<ServiceLevelDesk['ask']>): Promise<T> {
    const answer = await this.ask(...args);
    if (answer.status >= 300) throw new Error(`${args[1]} ${args[2]}: ${answer.status} ${answer.text}`);
    return answer.body as T;
  }

  calendar(name: string, body: object, tenant = 'msp') {
    return this.call('msp/operator', 'PUT', `sla/calendars/${name}`, body, tenant);
  }

  policy(tier: string, lines: readonly object[], tenant = 'msp', more: object = {}) {
    return this.call('msp/operator', 'PUT', `sla/policies/${tier}`, { lines, ...more }, tenant);
  }

  tier(tier: string | null, tenant = 'muster') {
    return this.call('msp/operator', 'PUT', 'sla/tier', { tier }, tenant);
  }

  async open(change: object = {}): Promise<string> {
    const wish = { type: 'incident', subject: 'No mail', impact: 'high', urgency: 'high', ...change };
    return (await this.call<{ id: string }>('muster/requester', 'POST', 'tickets', wish)).id;
  }

  work(id: string, path: string, body: object) {
    return this.call('msp/technician', 'POST', `tickets/${id}/${path}`, body);
  }

  sla(id: string, as: Who = 'muster/requester') {
    return this.call<TicketSla>(as, 'GET', `tickets/${id}/sla`);
  }
}

/** What the tests look at. */
export interface TicketSla {
  readonly state: string;
  readonly clocks: readonly SlaClock[];
  readonly without: readonly { readonly kind: string; readonly why: { readonly kind: string } }[];
  readonly lifted: readonly { readonly kind: string; readonly reason: string | null }[];
}

export interface SlaClock {
  readonly kind: string;
  readonly state: string;
  readonly targetMinutes: number | null;
  readonly timezone: string | null;
  readonly startedAt: string;
  readonly dueAt: string | null;
  readonly warnAt: string | null;
  readonly stoppedAt: string | null;
  readonly breached: boolean;
  readonly why: { readonly kind: string; readonly source: object | null; readonly beats: readonly object[] };
  readonly segments: readonly {
    readonly state: string;
    readonly status: string | null;
    readonly reason: string | null;
  }[];
}
