import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectoryNames } from '../companies/company-directory.js';
import type { TlsIdentity } from './certificate.js';
import { mailboxSchema } from './mailbox-schema.js';

/** Where slapd and what it needs lie below an unpacked (or installed: `/`) Debian root. */
export interface SlapdInstallation {
  slapd: string;
  slapadd: string;
  modules: string;
  schemas: string;
  environment: NodeJS.ProcessEnv;
}

/**
 * Finds slapd below `root`.
 * @throws Error naming the missing file, with the way to get it.
 */
export function findSlapd(root: string): SlapdInstallation {
  const slapd = join(root, 'usr/sbin/slapd');
  if (!existsSync(slapd)) {
    throw new Error(`${slapd} is missing: unpack the Debian packages slapd, libltdl7 and libwrap0 there (dpkg-deb -x)`);
  }
  const libraries = readdirSync(join(root, 'usr/lib'))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(root, 'usr/lib', name));
  return {
    slapd,
    slapadd: join(root, 'usr/sbin/slapadd'),
    modules: join(root, 'usr/lib/ldap'),
    schemas: join(root, 'etc/ldap/schema'),
    environment: { PATH: process.env['PATH'] ?? '', LD_LIBRARY_PATH: libraries.join(':') },
  };
}

export interface SlapdSettings {
  dir: string;
  names: DirectoryNames;
  rootPassword: string;
  tls: TlsIdentity;
}

/** The text of `slapd.conf` for one customer's directory with its access log. */
export function slapdConfig(installation: SlapdInstallation, settings: SlapdSettings): string {
  return [
    globalSection(installation, settings),
    accessLogDatabase(settings),
    mainDatabase(settings),
    overlays(settings.names),
    accessRules(settings.names),
  ].join('\n');
}

function globalSection({ schemas, modules }: SlapdInstallation, { dir, tls }: SlapdSettings): string {
  const include = (name: string): string => `include "${join(schemas, `${name}.schema`)}"`;
  return `${['core', 'cosine', 'inetorgperson', 'nis'].map(include).join('\n')}
${mailboxSchema}pidfile "${join(dir, 'run', 'slapd.pid')}"
argsfile "${join(dir, 'run', 'slapd.args')}"
loglevel 0
modulepath "${modules}"
moduleload back_mdb
moduleload accesslog
moduleload memberof
moduleload refint
moduleload ppolicy
sizelimit unlimited
TLSCACertificateFile "${tls.caFile}"
TLSCertificateFile "${tls.certFile}"
TLSCertificateKeyFile "${tls.keyFile}"
TLSVerifyClient never
`;
}

// dbnosync: the data survives slapd's death, not the machine's. That is enough here and makes writes quick.
function accessLogDatabase({ dir, names }: SlapdSettings): string {
  return `database mdb
maxsize 268435456
dbnosync
suffix cn=accesslog
rootdn "${names.rootDn}"
directory "${join(dir, 'accesslog')}"
index reqStart,reqType,reqDN eq
access to * by * none
`;
}

function mainDatabase({ dir, names, rootPassword }: SlapdSettings): string {
  return `database mdb
maxsize 268435456
dbnosync
suffix "${names.baseDn}"
rootdn "${names.rootDn}"
rootpw "${rootPassword}"
directory "${join(dir, 'data')}"
index objectClass,entryUUID,entryCSN eq
index cn,uid,mail,employeeNumber,member,memberOf,manager eq
`;
}

// The order is OpenLDAP's: the last overlay sees an operation first.
function overlays(names: DirectoryNames): string {
  return `overlay memberof
memberof-group-oc groupOfNames
memberof-member-ad member
memberof-memberof-ad memberOf
memberof-refint TRUE
overlay refint
refint_attributes member manager sponsor
refint_nothing "${names.standInMember}"
overlay ppolicy
ppolicy_default "${names.defaultPolicy}"
ppolicy_hash_cleartext
overlay accesslog
logdb cn=accesslog
logops writes
logsuccess TRUE
logpurge 30+00:00 1+00:00
`;
}

/**
 * The service account writes people, leavers and groups and reads the rest; nobody reads password hashes, the history
 * of them included. Only the children of the three units are open to it, the units themselves stay.
 */
function accessRules({ bindDn, peopleOu, leaversOu, groupsOu }: DirectoryNames): string {
  const service = `dn.exact="${bindDn}"`;
  const unit = (dn: string): string => `access to dn.exact="${dn}" attrs=children by ${service} write by * none
access to dn.children="${dn}" by ${service} write by users read by * none`;
  return `access to attrs=userPassword by ${service} =w by self =xw by anonymous auth by * none
access to attrs=pwdHistory by * none
${[peopleOu, leaversOu, groupsOu].map(unit).join('\n')}
access to * by users read by * none
`;
}
