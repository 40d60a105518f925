import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;

export interface ProgramOptions {
  readonly name: string;
  /** Below `dist/`, e.g. `apps/api/main.js`. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder for its log. */
  readonly logs: string;
  /** Where it answers once it is ready; the port comes from `env`. */
  readonly readyPath: string;
  /** More words for Node, e.g. `--cpu-prof`. */
  readonly nodeWords?: readonly string[];
  /** It steps back for the others, as `npm start` has it. */
  readonly background?: boolean;
}

/** The stack's own, which is no part of the build. */
function priority(): Promise<{ stepBack(pid: number): void }> {
  return import(pathToFileURL('tools/stack/priority.mjs').href) as Promise<{ stepBack(pid: number): void }>;
}

const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** A program of the build in a process of its own; it does not outlive ours. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Starts it on a free port and waits until it is ready. Throws with the end of its log. */
  static async start({ name, script, env, logs, readyPath, ...more }: ProgramOptions): Promise<Program> {
    const port = await freePort();
    const log = join(logs, `${name}.log`);
    const out = openSync(log, 'a', 0o600);
    const words = ['--enable-source-maps', ...(more.nodeWords ?? []), join('dist', script)];
    // a session of its own, as `npm start` has it: Linux shares processor time among sessions first
    const child = spawn(process.execPath, words, {
      detached: true,
      env: { ...env, STELLWERK_HTTP_PORT: String(port) },
      stdio: ['ignore', out, out, 'ipc'],
    });
    closeSync(out);
    living.add(child);
    child.once('exit', () => living.delete(child));
    if (more.background && child.pid !== undefined) (await priority()).stepBack(child.pid);
    const program = new Program(child, `http://127.0.0.1:${port}`);
    try {
      await program.untilReady(readyPath, log);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return program;
  }

  /** Sends a question and gives the answer. */
  ask<Answer>(question: object | string): Promise<Answer> {
    return new Promise((resolve) => {
      this.child.once('message', (answer) => resolve(answer as Answer));
      this.child.send(question);
    });
  }

  /** Asks it to stop and waits for its end. */
  async stop(): Promise<void> {
    if (this.hasEnded()) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async untilReady(path: string, log: string): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadline) {
      if (this.hasEnded()) throw new Error(`A program ended while it started.\n${tailOf(log)}`);
      const ready = await fetch(this.url + path).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      await wait(50);
    }
    throw new Error(`A program was not ready within ${READY_WITHIN_MS / 1000} s.\n${tailOf(log)}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function tailOf(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
}
