import { Temporal } from 'temporal-polyfill';

const ZONE = 'Europe/Berlin';

/** Local time in the test customers' zone, so many days from now, to the minute. */
export function localIn(days: number): string {
  return Temporal.Now.zonedDateTimeISO(ZONE).add({ days }).toPlainDateTime().toString({ smallestUnit: 'minute' });
}

/** Local times around the next changes of the clock: one that does not exist, and one that occurs twice. */
export function clockChanges(): { nonexistent: string; twice: { local: string; earlier: string } } {
  const now = Temporal.Now.zonedDateTimeISO(ZONE);
  const first = now.getTimeZoneTransition('next')!;
  const changes = [first, first.getTimeZoneTransition('next')!];
  const isForward = (at: Temporal.ZonedDateTime): boolean =>
    at.offsetNanoseconds > at.subtract({ seconds: 1 }).offsetNanoseconds;
  const forward = changes.find(isForward)!;
  const back = changes.find((at) => !isForward(at))!;
  return {
    nonexistent: forward.toPlainDateTime().subtract({ minutes: 30 }).toString({ smallestUnit: 'minute' }),
    twice: {
      local: back.toPlainDateTime().add({ minutes: 30 }).toString({ smallestUnit: 'minute' }),
      earlier: new Date(back.subtract({ minutes: 30 }).epochMilliseconds).toISOString(),
    },
  };
}
