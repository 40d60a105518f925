import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// /proc counts in ticks; Linux fixes what it shows at 100 a second (proc(5), USER_HZ)
const MS_PER_TICK = 10;

interface ProcessTimes {
  readonly parent: number;
  /** Own time and that of children which have ended, in milliseconds. */
  readonly milliseconds: number;
}

/** CPU time that these processes and all below them have used, in milliseconds. Linux only; elsewhere 0. */
export function cpuOf(pids: readonly number[]): number {
  const all = readAll();
  const wanted = new Set(pids);
  let grew = true;
  while (grew) {
    grew = false;
    for (const [pid, { parent }] of all) {
      if (wanted.has(pid) || !wanted.has(parent)) continue;
      wanted.add(pid);
      grew = true;
    }
  }
  return [...wanted].reduce((sum, pid) => sum + (all.get(pid)?.milliseconds ?? 0), 0);
}

/** The pid of one of the stack's servers, 0 when it is not run here. */
export function serverPid(runDir: string, name: string): number {
  try {
    return Number(readFileSync(join(runDir, `${name}.pid`), 'utf8').split('\n')[0]);
  } catch {
    return 0;
  }
}

function readAll(): Map<number, ProcessTimes> {
  const all = new Map<number, ProcessTimes>();
  for (const name of entriesOf('/proc')) {
    const pid = Number(name);
    const times = Number.isInteger(pid) ? timesOf(pid) : null;
    if (times) all.set(pid, times);
  }
  return all;
}

function timesOf(pid: number): ProcessTimes | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name in parentheses may hold anything, spaces too
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), milliseconds: ticks * MS_PER_TICK };
  } catch {
    return null;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
