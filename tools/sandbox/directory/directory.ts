import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#libs/kernel';
import { directoryEntries, directoryNames, toLdif, type DirectoryNames } from '../companies/company-directory.js';
import type { Company } from '../companies/company.model.js';
import { muster } from '../companies/muster.data.js';
import { Gate } from '../gate/gate.js';
import { ensurePasswords } from '../secrets.js';
import { readWrites, type DirectoryWrite } from './access-log.js';
import { ensureTlsIdentity, type TlsIdentity } from './certificate.js';
import { freePort } from './free-port.js';
import { configFile, loadLdif, startSlapd, stopLeftOver, type SlapdProcess } from './slapd-process.js';
import { findSlapd, slapdConfig, type SlapdInstallation } from './slapd-config.js';

export interface DirectoryOptions {
  /** Data folder; made and filled when it is new, used as it is otherwise. */
  dir: string;
  /** Root below which Debian's slapd is unpacked. */
  slapdRoot: string;
  /** Whose directory it is; `muster` unless told. */
  company?: Company;
  /** Port of plain LDAP; 0 or none takes a free one. */
  port?: number;
  /** Port of the LDAPS gate; 0 or none takes a free one. */
  gatePort?: number;
  /** A server identity to share; otherwise one is made below `dir`. */
  tls?: TlsIdentity;
}

/** What a client needs to use a customer's directory, of whatever kind it is. */
export interface CommonAccess {
  /** Past the gate, for reading back: plain LDAP, StartTLS included; of a domain LDAPS. */
  url: string;
  /** LDAPS through the gate: the customer's address of the directory. */
  ldaps: string;
  caFile: string;
  baseDn: string;
  rootDn: string;
  rootPassword: string;
  bindDn: string;
  bindPassword: string;
  peopleOu: string;
  leaversOu: string;
  groupsOu: string;
}

/** All that a client needs to use an OpenLDAP directory. */
export interface DirectoryAccess extends CommonAccess {
  dialect: 'openldap';
  standInMember: string;
}

/** What every running directory can do, of whatever kind it is. */
export interface RunningDirectory {
  readonly access: CommonAccess;
  readonly gate: Gate;
  isRunning(): boolean;
  /** The successful writes of clients, counted by the directory itself; of them those after a key, or by an actor. */
  writes(which?: { after?: string; actor?: string }): Promise<DirectoryWrite[]>;
  stop(): Promise<void>;
}

/** A running OpenLDAP directory with its gate. */
export interface Directory extends RunningDirectory {
  readonly access: DirectoryAccess;
  readonly slapd: SlapdProcess;
}

type Passwords = Record<'rootPassword' | 'bindPassword', string>;

const portAttempts = 5;

/**
 * Starts a customer's directory and its gate on 127.0.0.1. A slapd that an earlier process left in the same folder is
 * stopped first.
 * @throws Error when slapd is missing or does not start.
 */
export async function startDirectory(options: DirectoryOptions): Promise<Directory> {
  const installation = findSlapd(options.slapdRoot);
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const dir = realpathSync(options.dir);
  const company = options.company ?? muster;
  const names = directoryNames(company);
  const tls = options.tls ?? ensureTlsIdentity(join(dir, 'tls'));
  const passwords = ensurePasswords(join(dir, 'passwords.json'), ['rootPassword', 'bindPassword']);
  await stopLeftOver(dir);
  const settings = { dir, names, tls, rootPassword: passwords.rootPassword };
  writeFileSync(configFile(dir), slapdConfig(installation, settings), { mode: 0o600 });
  await loadOnce(installation, dir, company, passwords);
  const slapd = await startOnPort(installation, dir, names, passwords, options.port ?? 0);
  try {
    const gate = await Gate.open({
      port: options.gatePort ?? 0,
      directoryPort: slapd.port,
      cert: tls.cert,
      key: tls.key,
    });
    const access = accessOf(names, passwords, tls, slapd, gate);
    return {
      access,
      gate,
      slapd,
      isRunning: () => slapd.isRunning(),
      writes: (which) => readWrites(access, which),
      stop: () => stop(gate, slapd),
    };
  } catch (error) {
    await slapd.stop();
    throw error;
  }
}

async function loadOnce(
  installation: SlapdInstallation,
  dir: string,
  company: Company,
  { bindPassword }: Passwords,
): Promise<void> {
  const loaded = join(dir, 'loaded');
  if (existsSync(loaded)) return;
  // A load that was broken off leaves half a database: it starts anew.
  for (const folder of ['data', 'accesslog', 'run']) {
    rmSync(join(dir, folder), { recursive: true, force: true });
    mkdirSync(join(dir, folder), { mode: 0o700 });
  }
  await loadLdif(installation, dir, directoryNames(company).baseDn, toLdif(directoryEntries(company, bindPassword)));
  writeFileSync(loaded, `${systemClock.now().toISOString()}\n`);
}

async function startOnPort(
  installation: SlapdInstallation,
  dir: string,
  { rootDn }: DirectoryNames,
  { rootPassword }: Passwords,
  port: number,
): Promise<SlapdProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startSlapd({ installation, dir, port: port || (await freePort()), rootDn, rootPassword });
    } catch (error) {
      // A port found free may be taken by a neighbour before slapd has it; a given port is not ours to change.
      if (port !== 0 || attempt === portAttempts) throw error;
    }
  }
}

async function stop(gate: Gate, slapd: SlapdProcess): Promise<void> {
  await gate.offline();
  await slapd.stop();
}

function accessOf(
  names: DirectoryNames,
  passwords: Passwords,
  tls: TlsIdentity,
  slapd: SlapdProcess,
  gate: Gate,
): DirectoryAccess {
  const { baseDn, rootDn, bindDn, standInMember, peopleOu, leaversOu, groupsOu } = names;
  return {
    dialect: 'openldap',
    url: `ldap://127.0.0.1:${slapd.port}`,
    ldaps: `ldaps://127.0.0.1:${gate.port}`,
    caFile: tls.caFile,
    baseDn,
    rootDn,
    rootPassword: passwords.rootPassword,
    bindDn,
    bindPassword: passwords.bindPassword,
    standInMember,
    peopleOu,
    leaversOu,
    groupsOu,
  };
}
