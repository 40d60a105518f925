// @ts-check
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A third of the processor time of a program with the usual priority, when both want it. */
const BEHIND = 5;

/**
 * Lets a program that was started a moment ago, in a session of its own, step back for those that people wait for. Where
 * Linux shares processor time among sessions first (`sched_autogroup`), a process's own priority counts within its
 * session only, so the session's is lowered too.
 * @param {number} pid
 */
export function stepBack(pid) {
  for (const lower of [() => setPriority(pid, BEHIND), () => writeFileSync(`/proc/${pid}/autogroup`, String(BEHIND))]) {
    try {
      lower();
    } catch {
      // it has ended already, or this system knows no such thing: nothing depends on it
    }
  }
}
