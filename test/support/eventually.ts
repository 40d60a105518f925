import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 25;

/**
 * Waits until `look` gives something other than false, null or undefined, and gives that. Throws after `seconds` with
 * what was waited for and the last error of `look`. The limit is for machines that do many other things as well: nothing
 * that comes is waited for any longer by it.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  seconds = 45,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown = 'it was not there';
  for (;;) {
    try {
      const found = await look();
      if (found !== false && found !== null && found !== undefined) return found as NonNullable<Exclude<T, false>>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${seconds} s (${last instanceof Error ? last.message : String(last)})`);
    await pause(LOOK_EVERY_MS);
  }
}
