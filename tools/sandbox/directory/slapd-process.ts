import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'ldapts';
import type { SlapdInstallation } from './slapd-config.js';

/** A running slapd that belongs to this process. */
export interface SlapdProcess {
  readonly pid: number;
  readonly port: number;
  isRunning(): boolean;
  /** Ends slapd and resolves when it is gone; killed after five seconds. */
  stop(): Promise<void>;
}

export interface SlapdLaunch {
  installation: SlapdInstallation;
  dir: string;
  port: number;
  rootDn: string;
  rootPassword: string;
}

const startTimeoutMs = 10_000;
const stopTimeoutMs = 5_000;
const setpriv = '/usr/bin/setpriv';

export const configFile = (dir: string): string => join(dir, 'slapd.conf');

/** Loads LDIF into the empty database of `dir`; slapd must not be running. */
export async function loadLdif(
  { slapadd, environment }: SlapdInstallation,
  dir: string,
  baseDn: string,
  ldif: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // -q leaves out consistency checks and the fsync per entry: the data is ours and can be made again.
    const child = execFile(
      slapadd,
      ['-q', '-b', baseDn, '-f', configFile(dir)],
      { env: environment },
      (error, _out, stderr) => (error ? reject(new Error(`slapadd failed: ${stderr || error.message}`)) : resolve()),
    );
    // slapadd may fail before it has read its input; the callback above then says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(ldif);
  });
}

/**
 * Starts slapd on `127.0.0.1:port` and waits until the root DN can bind, which proves that it is ours that listens.
 * @throws Error with the end of slapd's own log when it ends early.
 */
export async function startSlapd(launch: SlapdLaunch): Promise<SlapdProcess> {
  const log = join(launch.dir, 'slapd.log');
  const child = spawnSlapd(launch, log);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = (): Promise<void> => stopChild(child, exited, isRunning);
  try {
    await spawned(child);
    await waitUntilReady(launch, isRunning);
  } catch (cause) {
    await stop();
    throw new Error(`slapd did not start in ${launch.dir}: ${lastLines(log)}`, { cause });
  }
  return { pid: child.pid ?? 0, port: launch.port, isRunning, stop };
}

/**
 * Stops a slapd that an earlier, killed sandbox has left behind in `dir`. Only a process whose command line names the
 * configuration of this folder is touched: a pid file alone may name a stranger by now.
 */
export async function stopLeftOver(dir: string): Promise<boolean> {
  const pidFile = join(dir, 'run', 'slapd.pid');
  if (!existsSync(pidFile)) return false;
  const pid = Number(readFileSync(pidFile, 'utf8').trim());
  const found = isSlapdOf(pid, dir);
  const killAt = performance.now() + stopTimeoutMs;
  if (found) process.kill(pid, 'SIGTERM');
  while (isSlapdOf(pid, dir)) {
    if (performance.now() > killAt) process.kill(pid, 'SIGKILL');
    await delay(20);
  }
  rmSync(pidFile, { force: true });
  return found;
}

function spawnSlapd({ installation, dir, port }: SlapdLaunch, log: string): ChildProcess {
  // `-d none` keeps slapd in the foreground and prints only what it cannot leave unsaid.
  const command = [installation.slapd, '-d', 'none', '-f', configFile(dir), '-h', `ldap://127.0.0.1:${port}`];
  // slapd shall not outlive a killed parent; without setpriv the next start clears it up (stopLeftOver).
  if (existsSync(setpriv)) command.unshift(setpriv, '--pdeathsig', 'TERM', '--');
  const [file = '', ...args] = command;
  const logFile = openSync(log, 'w', 0o600);
  try {
    return spawn(file, args, { env: installation.environment, stdio: ['ignore', logFile, logFile] });
  } finally {
    closeSync(logFile);
  }
}

const spawned = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });

async function waitUntilReady({ port, rootDn, rootPassword }: SlapdLaunch, isRunning: () => boolean): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const client = new Client({ url: `ldap://127.0.0.1:${port}`, connectTimeout: 1_000, timeout: 1_000 });
    try {
      await client.bind(rootDn, rootPassword);
      return;
    } catch (error) {
      if (!isRunning() || performance.now() > deadline) throw error;
      await delay(10);
    } finally {
      await client.unbind().catch(() => undefined);
    }
  }
}

async function stopChild(child: ChildProcess, exited: Promise<void>, isRunning: () => boolean): Promise<void> {
  if (!isRunning()) return;
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await exited;
  clearTimeout(kill);
}

function isSlapdOf(pid: number, dir: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return command.some((part) => part.endsWith('/slapd')) && command.includes(configFile(dir));
  } catch {
    return false;
  }
}

function lastLines(file: string): string {
  if (!existsSync(file)) return 'no log was written';
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join(' | ') || 'its log is empty';
}
