import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../tools/sandbox/directory/free-port.js';
import { eventually } from './eventually.js';
import { testStack } from './test-stack.js';

const NOBODY = 65_534;
const UNSHARE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];

/** A real OpenSSH server of this machine, which lets one key in. */
export class SshServer {
  private constructor(
    private readonly dir: string,
    private readonly child: ChildProcess,
    readonly port: number,
    readonly user: string,
  ) {}

  /** `hostKey` is the kind of its key: `ed25519`, `rsa`, `ecdsa`. */
  static async start({ port, hostKey = 'ed25519' }: { port?: number; hostKey?: string } = {}): Promise<SshServer> {
    const dir = mkdtempSync(join(tmpdir(), 'stellwerk-sshd-'));
    for (const [name, kind] of Object.entries({ hostkey: hostKey, id: 'ed25519' }))
      execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', join(dir, name)]);
    const listening = port ?? (await freePort());
    writeFileSync(join(dir, 'config'), configOf(dir, listening));
    // sshd serves nobody but its own user, and as root it needs an account that only an installation makes
    const isRoot = process.getuid?.() === 0;
    const [program, ...args] = [...(isRoot ? UNSHARE : []), sshd(), '-D', '-e', '-f', join(dir, 'config')];
    const child = spawn(program!, args, { env: { ...process.env, ...libraries() }, stdio: 'ignore' });
    const server = new SshServer(dir, child, listening, isRoot ? 'nobody' : userInfo().username);
    await eventually('sshd listens', () => answers(listening));
    return server;
  }

  get privateKey(): string {
    return readFileSync(join(this.dir, 'id'), 'utf8');
  }

  /** As a person reads it at the server. */
  get fingerprint(): string {
    return execFileSync('ssh-keygen', ['-lf', join(this.dir, 'hostkey.pub')], { encoding: 'utf8' }).split(' ')[1]!;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    await gone;
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function configOf(dir: string, port: number): string {
  return [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${dir}/hostkey`, 'PidFile none'],
    ...[`AuthorizedKeysFile ${dir}/id.pub`, 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', ''],
  ].join('\n');
}

function sshd(): string {
  const path = join(testStack().slapdRoot, 'usr', 'sbin', 'sshd');
  if (!existsSync(path)) throw new Error(`${path} is missing. Unpack Debian's openssh-server there, or run: npm start`);
  return path;
}

function libraries(): { LD_LIBRARY_PATH: string } {
  const lib = join(testStack().slapdRoot, 'usr', 'lib');
  const dirs = readdirSync(lib).filter((name) => name.endsWith('-linux-gnu'));
  return { LD_LIBRARY_PATH: dirs.map((name) => join(lib, name)).join(':') };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('data', () => socket.destroy() && resolve(true)).once('error', () => resolve(false));
  });
}
