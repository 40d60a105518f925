import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toolModule } from './tool-module.js';

interface PidfileModule {
  remember(run: string, name: string, pid: number): void;
  recall(run: string, name: string): { pid: number } | undefined;
  stopLeftovers(run: string, names: string[], log: (line: string) => void): Promise<void>;
}
interface LockModule {
  tryLock(path: string): { pid: number } | undefined;
  lockHolder(path: string): { pid: number } | undefined;
  unlock(path: string): void;
}

const { remember, recall, stopLeftovers } = await toolModule<PidfileModule>('stack/pidfile.mjs');
const { tryLock, lockHolder, unlock } = await toolModule<LockModule>('setup/lock.mjs');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stellwerk-run-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('a pid file', () => {
  it('names a process that still runs', () => {
    remember(dir, 'kafka', process.pid);
    expect(recall(dir, 'kafka')?.pid).toBe(process.pid);
  });

  it('names nobody when the id belongs to another process by now', () => {
    remember(dir, 'kafka', process.pid);
    const path = join(dir, 'kafka.pid');
    const [pid] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${pid}\nanother start\n`);
    expect(recall(dir, 'kafka')).toBeUndefined();
  });

  it('lets a left-over server be stopped and told', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    remember(dir, 'kafka', child.pid ?? 0);
    const told: string[] = [];
    await stopLeftovers(dir, ['kafka', 'never-started'], (line) => told.push(line));
    expect(await ended).toBe('SIGTERM');
    expect(told).toEqual([expect.stringContaining(`kafka (pid ${child.pid})`)]);
    expect(recall(dir, 'kafka')).toBeUndefined();
  });
});

describe('a lock', () => {
  it('is held until it is given back', () => {
    const path = join(dir, 'stack.lock');
    expect(tryLock(path)).toBeUndefined();
    expect(lockHolder(path)?.pid).toBe(process.pid);
    unlock(path);
    expect(lockHolder(path)).toBeUndefined();
  });

  it('is taken over from a process that has ended', () => {
    const path = join(dir, 'stack.lock');
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'long ago' }));
    expect(tryLock(path)).toBeUndefined();
    expect(lockHolder(path)?.pid).toBe(process.pid);
  });
});
