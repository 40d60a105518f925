// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A command that ended badly; `output` holds the end of what it printed. */
export class CommandFailed extends Error {
  /**
   * @param {string} command
   * @param {string} how
   * @param {string} output
   * @param {string} [log]
   */
  constructor(command, how, output, log) {
    super(`${command} ${how}${log ? ` (log: ${log})` : ''}\n${output.trimEnd()}`);
    this.name = 'CommandFailed';
    this.output = output;
  }
}

/** How much of a command's output is kept in memory, in characters. */
const KEEP = 4_000_000;

/** Commands under way, so that Ctrl-C during a set-up step ends them too. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends every command that `run` started and that still runs. */
export function stopCommands() {
  for (const child of running) killGroup(child, 'SIGTERM');
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function killGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    // Its own group, because go, mvn and npm start children of their own.
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * Runs a command to its end and gives its standard output. Standard input is closed: no step may ask anything.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, log?: string, onLine?: (line: string) => void, echo?: boolean, timeoutMs?: number }} [options]
 *   `log` receives all output; `onLine` sees each line of both streams; `echo` passes both streams through; after
 *   `timeoutMs` the command and its children are ended.
 * @returns {Promise<string>} standard output
 * @throws {CommandFailed} when it cannot be started or does not end with 0
 */
export async function run(command, args, options = {}) {
  const { status, stdout, tail, how } = await attempt(command, args, options);
  if (status !== 0) throw new CommandFailed([command, ...args].join(' '), how, tail, options.log);
  return stdout;
}

/**
 * As `run`, but a bad end is an answer, not an error.
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 * @returns {Promise<{ status: number, stdout: string, stderr: string, output: string, tail: string, how: string }>}
 */
export function attempt(command, args, options = {}) {
  const { cwd, env, log, onLine, echo, timeoutMs } = options;
  return new Promise((settle) => {
    const file = log ? openLog(log) : undefined;
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => killGroup(child, 'SIGKILL'), timeoutMs);
    let stdout = '';
    let stderr = '';
    let output = '';
    /** @param {boolean} isStdout */
    const collect = (isStdout) => {
      let rest = '';
      return (/** @type {string} */ text) => {
        file?.write(text);
        if (echo) process.stdout.write(text);
        output = (output + text).slice(-KEEP);
        if (isStdout) stdout = (stdout + text).slice(-KEEP);
        else stderr = (stderr + text).slice(-KEEP);
        if (!onLine) return;
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
      };
    };
    child.stdout.setEncoding('utf8').on('data', collect(true));
    child.stderr.setEncoding('utf8').on('data', collect(false));
    const finish = (/** @type {number} */ status, /** @type {string} */ how) => {
      clearTimeout(timer);
      running.delete(child);
      file?.end();
      settle({ status, stdout, stderr, output, tail: output.slice(-3000), how });
    };
    child.on('error', (error) => finish(127, `could not be started: ${error.message}`));
    child.on('close', (code, signal) => finish(code ?? 128, signal ? `was ended by ${signal}` : `ended with ${code}`));
  });
}

/** @param {string} path */
function openLog(path) {
  mkdirSync(dirname(path), { recursive: true });
  return createWriteStream(path);
}
