import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A running domain controller that belongs to this process. */
export interface SambaProcess {
  readonly pid: number;
  /** LDAPS on 127.0.0.1. */
  readonly port: number;
  isRunning(): boolean;
  /** Lets connections end for a second, ends Samba, and resolves when it is gone; killed after five more. */
  stop(): Promise<void>;
}

export interface SambaLaunch {
  /** Root below which Debian's Samba is unpacked. */
  readonly sambaRoot: string;
  /** The domain's folder. */
  readonly dir: string;
  /** LDAPS port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
}

const LDAPS = 636;
const KILL_MS = 6_000;
const INSIDE = fileURLToPath(new URL('./samba-inside.mjs', import.meta.url));
/** $1 Samba's root, $2 the domain's folder; Samba's files appear over the system's, for this process alone. */
const ENTER =
  'mount -t overlay overlay -o "lowerdir=$1/usr:/usr,userxattr" /usr; mount --bind "$2" /usr/ad; ip link set lo up; shift 2; exec "$@"';

/** Where Samba writes what it has to say, and each write to the directory. */
export const sambaLog = (dir: string): string => join(dir, 'samba.log');

/**
 * Starts a domain controller in namespaces of its own; nothing of it can be reached but the given port of 127.0.0.1. It
 * ends with this process, however that ends. Needs no root.
 * @throws Error with the end of its log when it does not start.
 */
export async function startSamba({ sambaRoot, dir, port }: SambaLaunch): Promise<SambaProcess> {
  const listener = await listen(port);
  const taken = (listener.address() as AddressInfo).port;
  const child = spawnInside(sambaRoot, dir);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = (): Promise<void> => stopInside(child, exited, isRunning);
  try {
    await whenReady(child, listener);
  } catch (cause) {
    listener.close();
    await stop();
    throw new Error(`Samba did not start in ${dir}: ${lastLines(sambaLog(dir))}`, { cause });
  }
  return { pid: child.pid ?? 0, port: taken, isRunning, stop };
}

async function listen(port: number): Promise<Server> {
  // Paused: a connection that comes before the hand-over is read by the one who gets it.
  const server = createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function spawnInside(sambaRoot: string, dir: string): ChildProcess {
  const namespaces = JSON.parse(readFileSync(join(dir, 'namespaces.json'), 'utf8')) as string[];
  // --kill-child: what runs in there dies with `unshare`, and so does every process of its process namespace.
  const options = [...namespaces, '--mount', '--net', '--pid', '--fork', '--kill-child', '--'];
  const program = [process.execPath, '--max-old-space-size=64', INSIDE, '/usr/ad'];
  const log = openSync(sambaLog(dir), 'a', 0o600);
  try {
    return spawn('unshare', [...options, 'bash', '-euc', ENTER, 'samba', sambaRoot, dir, ...program], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
  } finally {
    closeSync(log);
  }
}

function whenReady(child: ChildProcess, listener: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code ?? 'a signal'}`)));
    child.once('message', (message) => (message === 'ready' ? resolve() : reject(new Error(JSON.stringify(message)))));
    // Once it is handed over, this process must not accept from it any more.
    child.once('spawn', () => child.send(String(LDAPS), listener, () => listener.close()));
  });
}

async function stopInside(child: ChildProcess, exited: Promise<void>, isRunning: () => boolean): Promise<void> {
  if (!isRunning()) return;
  if (child.connected) child.send('drain');
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
  await exited;
  clearTimeout(kill);
}

function lastLines(file: string): string {
  if (!existsSync(file)) return 'no log was written';
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return (
    lines
      .filter((line) => !line.startsWith('{'))
      .slice(-5)
      .join(' | ') || 'its log is empty'
  );
}
