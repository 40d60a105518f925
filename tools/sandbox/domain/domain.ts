import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Attribute, Change, Client } from 'ldapts';
import type { Company } from '../companies/company.model.js';
import { nordlicht } from '../companies/nordlicht.data.js';
import type { DirectoryWrite } from '../directory/access-log.js';
import { ensureTlsIdentity, type TlsIdentity } from '../directory/certificate.js';
import type { CommonAccess, RunningDirectory } from '../directory/directory.js';
import { Gate } from '../gate/gate.js';
import { ensurePasswords } from '../secrets.js';
import { noteMove, readAuditLog } from './audit-log.js';
import { domainNames, domainPassword, loadCompany } from './domain-entries.js';
import { startSamba, type SambaProcess } from './samba-process.js';

/** Where Samba and an empty domain lie, as the set-up leaves them. */
export interface SambaPlaces {
  /** Root below which Debian's Samba is unpacked. */
  sambaRoot: string;
  /** An empty domain of the company's name, to be copied. */
  sambaTemplate: string;
}

export interface DomainOptions extends SambaPlaces {
  /** Data folder; made and filled when it is new, used as it is otherwise. */
  dir: string;
  /** Whose domain it is; `nordlicht` unless told. */
  company?: Company;
  /** LDAPS port of the domain controller; 0 or none takes a free one. */
  port?: number;
  /** Port of the LDAPS gate; 0 or none takes a free one. */
  gatePort?: number;
  /** A server identity to share; otherwise one is made below `dir`. */
  tls?: TlsIdentity;
}

/** All that a client needs to use an Active Directory domain; `url` is LDAPS, too. */
export interface DomainAccess extends CommonAccess {
  dialect: 'active-directory';
}

/** A running domain controller with its gate. */
export interface Domain extends RunningDirectory {
  readonly access: DomainAccess;
  readonly samba: SambaProcess;
}

type Passwords = Record<'rootPassword' | 'bindPassword', string>;

/**
 * Starts a customer's domain controller (Samba) and its gate on 127.0.0.1.
 * @throws Error when Samba is missing or does not start.
 */
export async function startDomain(options: DomainOptions): Promise<Domain> {
  const { sambaRoot, sambaTemplate, company = nordlicht } = options;
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const dir = realpathSync(options.dir);
  const tls = options.tls ?? ensureTlsIdentity(join(dir, 'tls'));
  const passwords = domainPasswords(join(dir, 'passwords.json'));
  const domain = join(dir, 'domain');
  const isNew = !existsSync(join(domain, 'loaded'));
  // A load that was broken off leaves half a domain: it starts anew.
  if (isNew) copyTemplate(sambaTemplate, domain);
  giveCertificate(domain, tls);
  const samba = await startSamba({ sambaRoot, dir: domain, port: options.port ?? 0 });
  try {
    if (isNew) await load(domain, company, samba.port, tls, passwords);
    const gate = await openGate(domain, samba, tls, options.gatePort ?? 0);
    const access = accessOf(company, passwords, tls, samba, gate);
    return {
      access,
      gate,
      samba,
      isRunning: () => samba.isRunning(),
      writes: (which) => readWrites(domain, access, which),
      stop: () => stop(gate, samba),
    };
  } catch (error) {
    await samba.stop();
    throw error;
  }
}

/** Random ones that a domain takes: letters of both cases and digits for certain. */
function domainPasswords(file: string): Passwords {
  const { rootPassword, bindPassword } = ensurePasswords(file, ['rootPassword', 'bindPassword']);
  return { rootPassword: `Ad1-${rootPassword}`, bindPassword: `Ad1-${bindPassword}` };
}

function copyTemplate(template: string, domain: string): void {
  rmSync(domain, { recursive: true, force: true });
  // Samba's databases are files with holes: half of the bytes are none.
  execFileSync('cp', ['-a', '--sparse=always', template, domain]);
}

function giveCertificate(domain: string, { ca, cert, key }: TlsIdentity): void {
  const folder = join(domain, 'private', 'tls');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'ca.pem'), ca);
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
}

async function load(
  domain: string,
  company: Company,
  port: number,
  tls: TlsIdentity,
  { rootPassword, bindPassword }: Passwords,
): Promise<void> {
  const { rootDn } = domainNames(company);
  const first = readFileSync(join(domain, 'administrator-password'), 'utf8').trim();
  await withClient({ port, tls, dn: rootDn, password: first }, async (client) => {
    await loadCompany(client, company, bindPassword);
    const values = [domainPassword(rootPassword)];
    const modification = new Attribute({ type: 'unicodePwd', values });
    await client.modify(rootDn, new Change({ operation: 'replace', modification }));
  });
  writeFileSync(join(domain, 'loaded'), `${company.tenant}\n`);
}

function openGate(domain: string, samba: SambaProcess, tls: TlsIdentity, port: number): Promise<Gate> {
  return Gate.open({
    port,
    directoryPort: samba.port,
    directoryCa: tls.ca,
    cert: tls.cert,
    key: tls.key,
    onWrite: (write, boundAs) => write.operation === 'modifyDN' && noteMove(domain, write, boundAs),
  });
}

async function readWrites(
  domain: string,
  access: DomainAccess,
  which: { after?: string; actor?: string } = {},
): Promise<DirectoryWrite[]> {
  const known = new Map<string, string>();
  const tls = { ca: readFileSync(access.caFile, 'utf8') };
  const port = Number(new URL(access.url).port);
  return withClient({ port, tls, dn: access.rootDn, password: access.rootPassword }, (client) =>
    readAuditLog(domain, (sid) => nameOf(client, known, sid), which),
  );
}

/** The DN behind a SID; what is no SID (the gate notes DNs) and what is gone stays as it is. */
async function nameOf(client: Client, known: Map<string, string>, sid: string): Promise<string> {
  const name = known.get(sid) ?? (sid.startsWith('S-') ? await searchedName(client, sid) : sid);
  known.set(sid, name);
  return name;
}

async function searchedName(client: Client, sid: string): Promise<string> {
  const options = { scope: 'base' as const, attributes: ['distinguishedName'] };
  const { searchEntries } = await client.search(`<SID=${sid}>`, options).catch(() => ({ searchEntries: [] }));
  return searchEntries[0]?.dn ?? sid;
}

async function withClient<Result>(
  who: { port: number; tls: Pick<TlsIdentity, 'ca'>; dn: string; password: string },
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const url = `ldaps://127.0.0.1:${who.port}`;
  const client = new Client({ url, tlsOptions: { ca: who.tls.ca }, connectTimeout: 5_000, timeout: 20_000 });
  try {
    await client.bind(who.dn, who.password);
    return await work(client);
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

async function stop(gate: Gate, samba: SambaProcess): Promise<void> {
  await gate.offline();
  await samba.stop();
}

function accessOf(
  company: Company,
  passwords: Passwords,
  tls: TlsIdentity,
  samba: SambaProcess,
  gate: Gate,
): DomainAccess {
  return {
    dialect: 'active-directory',
    url: `ldaps://127.0.0.1:${samba.port}`,
    ldaps: `ldaps://127.0.0.1:${gate.port}`,
    caFile: tls.caFile,
    ...domainNames(company),
    ...passwords,
  };
}
