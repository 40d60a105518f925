import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readPid } from '../demo/development.js';

interface ServerState {
  readonly condition: string;
  readonly restarts: number;
  readonly pid: number | null;
  readonly port: number | null;
}

const LOOK_MS = 100;
const BACK_WITHIN_MS = 120_000;

/** The processes of a running system, as their supervisors describe them in `state.json` and `apps.json`. */
export class Processes {
  private readonly stateFiles: readonly string[];

  constructor(
    developmentFile: string,
    private readonly runDir: string,
  ) {
    this.stateFiles = ['state.json', 'apps.json'].map((name) => join(dirname(developmentFile), name));
  }

  /** Where the API listens: one address per instance. */
  apis(): string[] {
    return Object.entries(this.servers())
      .filter(([name]) => name === 'api' || name.startsWith('api-'))
      .map(([, { port }]) => `http://127.0.0.1:${port}`)
      .sort();
  }

  /** Waits until the supervisor finds the process ready, and gives its id. */
  async untilReady(name: string): Promise<number> {
    const deadline = performance.now() + BACK_WITHIN_MS;
    for (;;) {
      const server = this.servers()[name];
      if (server?.condition === 'ready' && server.pid !== null) return server.pid;
      if (performance.now() > deadline)
        throw new Error(`${name} was not ready within ${BACK_WITHIN_MS / 1000} s (${server?.condition ?? 'unknown'})`);
      await pause(LOOK_MS);
    }
  }

  /** Kills as a crash does; the supervisor starts the process again. Gives the id that it had. */
  kill(name: string): number {
    const pid = readPid(this.runDir, name);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Ends a program as a deployment does, after what it is in; resolves when its supervisor has started it again. */
  async restart(name: string): Promise<void> {
    const before = this.servers()[name]?.restarts ?? 0;
    process.kill(readPid(this.runDir, name), 'SIGTERM');
    const deadline = performance.now() + BACK_WITHIN_MS;
    while ((this.servers()[name]?.restarts ?? 0) <= before) {
      if (performance.now() > deadline)
        throw new Error(`${name} was not started again within ${BACK_WITHIN_MS / 1000} s`);
      await pause(LOOK_MS);
    }
    await this.untilReady(name);
  }

  /** Which of these processes has the TCP connection whose own port this is. */
  ownerOfPort(names: readonly string[], port: number): string | undefined {
    const inode = inodeOf(port);
    return inode === undefined ? undefined : names.find((name) => holdsSocket(readPid(this.runDir, name), inode));
  }

  private servers(): Record<string, ServerState> {
    const parsed = this.stateFiles.map(
      (file) => JSON.parse(readFileSync(file, 'utf8')) as { servers?: Record<string, ServerState> },
    );
    return Object.assign({}, ...parsed.map((state) => state.servers)) as Record<string, ServerState>;
  }
}

/** From the kernel's table (proc_net(5)): `sl local_address rem_address st … inode`, addresses in hexadecimal. */
function inodeOf(port: number): string | undefined {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return fields.find(([, local]) => local?.endsWith(`:${hexadecimal}`))?.[9];
}

function holdsSocket(pid: number, inode: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => linkOf(join(folder, name)) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}

/** Empty for a descriptor that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
