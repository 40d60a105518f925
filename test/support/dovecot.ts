import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTlsIdentity } from '../../tools/sandbox/directory/certificate.js';
import { freePort } from '../../tools/sandbox/directory/free-port.js';
import { eventually } from './eventually.js';
import { testStack } from './test-stack.js';

/** Whom it runs as within its namespace: the one user that every system has. */
const NOBODY = 65534;

/** Puts the unpacked packages over /usr, for this process alone: the server's paths are compiled in. */
const INSIDE =
  'mount -t overlay overlay -o "lowerdir=$1/usr:/usr,userxattr" /usr; shift; exec setpriv --ambient-caps=-all --inh-caps=-all "$@"';

/** A real IMAP server with TLS. Every user's password is `password`. */
export class Dovecot {
  readonly password = 'Imap-Kennwort-1';
  private delivered = 0;

  private constructor(
    private readonly dir: string,
    private readonly child: ChildProcess,
    readonly port: number,
    /** PEM of the CA that its certificate is signed by. */
    readonly ca: string,
  ) {}

  static async start(): Promise<Dovecot> {
    const dir = mkdtempSync(join(tmpdir(), 'imap-'));
    for (const name of ['run', 'state', 'mail', 'tls']) mkdirSync(join(dir, name));
    const tls = ensureTlsIdentity(join(dir, 'tls'));
    const port = await freePort();
    const config = join(dir, 'dovecot.conf');
    writeFileSync(config, configOf(dir, port, tls));
    const options = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--keep-caps', '--mount'];
    const inside = ['bash', '-euc', INSIDE, 'imap', testStack().dovecotRoot, '/usr/sbin/dovecot', '-F', '-c', config];
    const child = spawn('unshare', [...options, ...inside], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const server = new Dovecot(dir, child, port, tls.ca);
    await eventually('the IMAP server answers', () =>
      child.exitCode === null
        ? server.answers()
        : Promise.reject(new Error(`it ended: ${said} ${server.log()} (it needs user namespaces)`)),
    );
    return server;
  }

  /** Puts a mail into somebody's inbox, as a mail server does that delivers. */
  deliver(user: string, mail: string): void {
    const folder = join(this.dir, 'mail', user);
    for (const name of ['new', 'cur', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
    this.delivered += 1;
    writeFileSync(join(folder, 'new', `${this.delivered}.test.example`), mail);
  }

  /** Names of the mails in a folder of somebody, with their flags behind `:2,`; `.Done` is the folder `Done`. */
  mails(user: string, folder = ''): readonly string[] {
    const at = join(this.dir, 'mail', user, folder);
    return ['new', 'cur'].flatMap((name) => {
      try {
        return readdirSync(join(at, name));
      } catch {
        return [];
      }
    });
  }

  log(): string {
    try {
      return readFileSync(join(this.dir, 'log'), 'utf8');
    } catch {
      return '';
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await ended;
    rmSync(this.dir, { recursive: true, force: true });
  }

  private answers(): Promise<boolean | null> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(null));
      socket.once('connect', () => socket.destroy());
    });
  }
}

function configOf(dir: string, port: number, { certFile, keyFile }: { certFile: string; keyFile: string }): string {
  const lines = [
    `base_dir=${dir}/run`,
    `state_dir=${dir}/state`,
    `log_path=${dir}/log`,
    'default_internal_user=nobody',
    'default_internal_group=nogroup',
    'default_login_user=nobody',
    'protocols=imap',
    'listen=127.0.0.1',
    'ssl=required',
    `ssl_cert=<${certFile}`,
    `ssl_key=<${keyFile}`,
    'libexec_dir=/usr/lib/dovecot',
    'mail_plugin_dir=/usr/lib/dovecot/modules',
    `mail_location=maildir:${dir}/mail/%u`,
    'first_valid_uid=1',
    'auth_mechanisms=plain',
    // one wrong password must not make the tests wait
    'auth_failure_delay=0',
    `passdb {\n driver=static\n args=password=Imap-Kennwort-1\n}`,
    `userdb {\n driver=static\n args=uid=${NOBODY} gid=${NOBODY} home=${dir}/mail/%u\n}`,
    `service imap-login {\n chroot=\n inet_listener imap {\n port=0\n }\n inet_listener imaps {\n port=${port}\n ssl=yes\n }\n}`,
    'service anvil {\n chroot=\n}',
    'service stats {\n chroot=\n}',
  ];
  return `${lines.join('\n')}\n`;
}
