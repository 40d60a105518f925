/** A subscription as far as matching goes. */
export interface Subscriber {
  readonly tenant: string;
  readonly id: string;
  readonly eventTypes: readonly string[];
  /** Milliseconds since 1970: what happened before is not told. */
  readonly createdAt: number;
}

export interface HappenedEvent {
  readonly tenant: string;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Who is told of an event: subscriptions of its own tenant that ask for its type and were there when it happened. */
export function matching<One extends Subscriber>(subscribers: readonly One[], event: HappenedEvent): readonly One[] {
  return subscribers.filter(
    ({ tenant, eventTypes, createdAt }) =>
      tenant === event.tenant && eventTypes.includes(event.type) && createdAt <= event.time,
  );
}
