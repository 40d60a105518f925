/** The present instant. Code outside the kernel takes a clock instead of asking the machine, so that tests can set it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
