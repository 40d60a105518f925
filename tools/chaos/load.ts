import { randomUUID } from 'node:crypto';
import { systemClock } from '#libs/kernel';
import type { Development } from '../demo/development.js';
import type { Caller } from './caller.js';
import { TENANT, type Leaver } from './leavers.js';
import type { PlannedEvent } from './schedule.js';
import { isEnded, type Watch } from './watch.js';

/** A request that was answered with `202`. */
export interface AcceptedRequest {
  readonly id: string;
  readonly leaver: Leaver;
}

/** How many requests are open at a time, at most; and when no more are to begin, whatever is left of the events. */
export interface LoadLimits {
  readonly window: number;
  readonly over?: AbortSignal;
}

export const KILLS_LOAD: LoadLimits = { window: 48 };
const ATTEMPTS = 10;

/** Off-boardings from request to end: asked for by a requester, approved by an approver as soon as their plan is there. */
export class Load {
  readonly accepted: AcceptedRequest[] = [];
  /** How many events have begun; each has to be accepted. */
  begun = 0;
  /** Answers that were neither yes nor "not now", with what they said. */
  readonly refusals: string[] = [];
  private readonly keys: Record<string, string>;

  constructor(
    private readonly development: Development,
    private readonly caller: Caller,
    private readonly watch: Watch,
  ) {
    this.keys = development.keys[TENANT]!;
  }

  /** Resolves when every event that began has been accepted and has ended, or the watch was stopped. */
  async run(
    events: readonly PlannedEvent[],
    leavers: readonly Leaver[],
    { window, over }: LoadLimits = KILLS_LOAD,
  ): Promise<void> {
    await this.liftBrake();
    await this.raiseLimits();
    const waiting = [...events];
    const next = (): PlannedEvent | undefined => (over?.aborted ? undefined : waiting.shift());
    const lane = async (): Promise<void> => {
      for (let event = next(); event; event = next()) {
        this.begun += 1;
        await this.live(event, leavers[event.number - 1]!);
      }
    };
    await Promise.all(Array.from({ length: window }, lane));
  }

  /** So many leavers within an hour would each wait for a second person. */
  private async liftBrake(): Promise<void> {
    const settings = { accountsPerHour: 100_000, lastAdministrator: 'refuse' };
    const owner = this.development.keys['msp']!['owner']!;
    const answer = await this.caller.put('/v1/settings', owner, settings, { 'stellwerk-tenant': TENANT });
    if (answer.status !== 200) throw new Error(`The brake could not be lifted: ${answer.status}`);
  }

  /** All events come from one key, faster than a customer's would. */
  private async raiseLimits(): Promise<void> {
    const rates = ['read', 'write'].flatMap((callClass) =>
      ['key', 'person', 'tenant'].map((holder) => `${callClass}.${holder}`),
    );
    const limits = [
      ...rates.map((name) => ({ name, perSecond: 1_000, most: 5_000 })),
      ...['under_way.key', 'under_way.tenant'].map((name) => ({ name, most: 500 })),
    ];
    const owner = this.development.keys['msp']!['owner']!;
    const answer = await this.caller.put('/v1/limits', owner, { limits }, { 'stellwerk-tenant': TENANT });
    if (answer.status !== 200) throw new Error(`The limits could not be raised: ${answer.status}`);
  }

  private async live(event: PlannedEvent, leaver: Leaver): Promise<void> {
    const id = await this.submit(event, leaver);
    this.accepted.push({ id, leaver });
    this.watch.follow(id);
    for (let decided: string | null = null; ;) {
      const undecided = decided;
      const state = await this.watch.until(
        id,
        (now) => isEnded(now) || (now.status === 'awaiting_approval' && now.plan_hash !== undecided),
      );
      if (!state || isEnded(state)) return;
      await this.approve(id, state.plan_hash!);
      decided = state.plan_hash;
    }
  }

  /** The same body and key until there is an answer. A last working hour that has passed meanwhile makes it a new request. */
  private async submit(event: PlannedEvent, { user, told }: Leaver): Promise<string> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const startsAt = systemClock.now().getTime() + event.leadSeconds * 1000;
      const body = {
        type: 'offboarding',
        user,
        lastWorkingAt: new Date(startsAt).toISOString(),
        reference: `CHAOS-${event.number}`,
        notify: { mail: [told], webhook: `${this.development.hooks}/chaos/${user}` },
      };
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await this.caller.call('/v1/requests', this.keys['requester']!, body, headers);
      if (answer.status === 202) return String(answer.body['id']);
      this.refusals.push(`${user}: ${answer.status} ${String(answer.body['code'])}`);
    }
    throw new Error(`The API refuses ${user} again and again: ${this.refusals.at(-1)}`);
  }

  private async approve(id: string, planHash: string): Promise<void> {
    const body = { decision: 'approve', planHash };
    const answer = await this.caller.call(`/v1/requests/${id}/decisions`, this.keys['approver']!, body);
    if (answer.status !== 200) this.refusals.push(`${id}: ${answer.status} ${String(answer.body['code'])}`);
  }
}
