import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTlsIdentity, type TlsIdentity } from './directory/certificate.js';
import { startDirectory, type Directory } from './directory/directory.js';
import { startDomain, type Domain, type SambaPlaces } from './domain/domain.js';
import { ControlServer } from './http/control-server.js';
import { HookReceiver } from './http/hook-receiver.js';
import { MailReceiver } from './mail/mail-receiver.js';
import type { DemoDirectories, SandboxDescription, SandboxParts } from './sandbox-parts.js';
import { ensurePasswords } from './secrets.js';

export interface SandboxOptions {
  /** Data folder, kept between starts. */
  dir: string;
  /**
   * First of six ports on 127.0.0.1: muster's LDAP and gate, nordlicht's LDAPS and gate, SMTP, HTTP. With 0 each of
   * them is a free one.
   */
  port: number;
  /** Root below which Debian's slapd is unpacked. */
  slapdRoot: string;
  /** Samba for the second customer's domain; without it there is the first customer only. */
  samba?: SambaPlaces | undefined;
}

/** The running systems of the demo customers. */
export interface Sandbox extends SandboxParts {
  stop(): Promise<void>;
}

const mailUser = 'stellwerk';

/**
 * Starts the demo customers' systems: a directory with gate for each, a mail server and the HTTP receiver.
 * @throws Error when a port is taken or a directory does not start; what has been started is stopped by then.
 */
export async function startSandbox({ dir, port, slapdRoot, samba }: SandboxOptions): Promise<Sandbox> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const folder = realpathSync(dir);
  const portAt = (offset: number): number => (port === 0 ? 0 : port + offset);
  // The HTTP port comes first: it keeps a second sandbox from touching the first one's slapd.
  const control = await ControlServer.listen(portAt(5));
  const stops: (() => Promise<void>)[] = [() => control.stop()];
  try {
    const tls = ensureTlsIdentity(join(folder, 'tls'));
    const owned = async <Running extends Directory | Domain>(starting: Promise<Running>): Promise<Running> => {
      const directory = await starting;
      stops.unshift(() => directory.stop());
      return directory;
    };
    const place = (tenant: string, offset: number) => ({
      dir: join(folder, tenant),
      port: portAt(offset),
      gatePort: portAt(offset + 1),
      tls,
    });
    const directories = await startAll(
      owned(startDirectory({ ...place('muster', 0), slapdRoot })),
      samba && owned(startDomain({ ...place('nordlicht', 2), ...samba })),
    );
    const { mailPassword } = ensurePasswords(join(folder, 'passwords.json'), ['mailPassword']);
    const mailOptions = { dir: join(folder, 'mail'), tls, user: mailUser, password: mailPassword };
    const mail = await MailReceiver.open({ ...mailOptions, port: portAt(4) });
    stops.unshift(() => mail.offline());
    const description = describe(directories, mail, mailPassword, tls, control);
    const parts: SandboxParts = { description, directories, mail, hooks: new HookReceiver() };
    control.serve(parts);
    return { ...parts, stop: () => stopAll(stops) };
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** All of them, or the first failure once every one has come to its end, so that none starts behind our back. */
async function startAll(muster: Promise<Directory>, nordlicht?: Promise<Domain>): Promise<DemoDirectories> {
  const outcomes = await Promise.allSettled([muster, nordlicht]);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
  const domain = await nordlicht;
  return { muster: await muster, ...(domain ? { nordlicht: domain } : {}) };
}

async function stopAll(stops: readonly (() => Promise<void>)[]): Promise<void> {
  await Promise.all(stops.map((stop) => stop()));
}

function describe(
  { muster, nordlicht }: DemoDirectories,
  mail: MailReceiver,
  mailPassword: string,
  tls: TlsIdentity,
  control: ControlServer,
): SandboxDescription {
  const url = `http://127.0.0.1:${control.port}`;
  return {
    tenants: { muster: muster.access, ...(nordlicht ? { nordlicht: nordlicht.access } : {}) },
    mail: {
      url: `smtp://127.0.0.1:${mail.port}`,
      host: '127.0.0.1',
      port: mail.port,
      user: mailUser,
      password: mailPassword,
      caFile: tls.caFile,
    },
    http: { url, hooksUrl: `${url}/hooks` },
  };
}
