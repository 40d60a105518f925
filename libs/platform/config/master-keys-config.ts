/** Where master keys come from: a file or a text, Vault, or both; at least one. */
export interface MasterKeysConfig {
  /** File with keys as `parseMasterKeys` reads them. */
  readonly file: string | null;
  /** The same text out of the environment. Not together with a file. */
  readonly text: string | null;
  readonly vault: VaultConfig | null;
}

/** HashiCorp Vault's transit secrets engine. */
export interface VaultConfig {
  /** Without a slash at its end; https, unless on the loopback. */
  readonly address: string;
  /** Mount path of the engine. */
  readonly mount: string;
  /** Name of a derived key. */
  readonly key: string;
  readonly token: string | null;
  /** File with the token, read at each call. Exactly one of the two is given. */
  readonly tokenFile: string | null;
  /** Vault Enterprise: the namespace. */
  readonly namespace: string | null;
  /** PEM file of the authorities that Vault's certificate may be of; those that Node knows when left out. */
  readonly caFile: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const PATH = /^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)*$/;

/** Reads the settings of master keys; what is wrong goes to `faults`, without values. */
export function readMasterKeysConfig(environment: Environment, faults: string[]): MasterKeysConfig {
  const file = environment['STELLWERK_MASTER_KEY_FILE'] || null;
  const text = environment['STELLWERK_MASTER_KEY'] || null;
  const vault = vaultConfig(environment, faults);
  if (file !== null && text !== null)
    faults.push('STELLWERK_MASTER_KEY_FILE and STELLWERK_MASTER_KEY are both set: keep one');
  if (file === null && text === null && vault === null)
    faults.push('STELLWERK_MASTER_KEY_FILE is not set (nor STELLWERK_MASTER_KEY or STELLWERK_VAULT_ADDRESS)');
  return { file, text, vault };
}

function vaultConfig(environment: Environment, faults: string[]): VaultConfig | null {
  const setting = (name: string): string | null => environment[name] || null;
  const text = setting('STELLWERK_VAULT_ADDRESS');
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBare = url !== null && url.search + url.hash + url.username + url.password === '';
  if (!isBare || !(url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))))
    faults.push('STELLWERK_VAULT_ADDRESS must be an https address without query or login (http on the loopback only)');
  const mount = setting('STELLWERK_VAULT_TRANSIT_MOUNT') ?? 'transit';
  const key = setting('STELLWERK_VAULT_TRANSIT_KEY') ?? 'stellwerk';
  if (!PATH.test(mount)) faults.push('STELLWERK_VAULT_TRANSIT_MOUNT must be a mount path');
  if (!PATH.test(key) || key.includes('/')) faults.push('STELLWERK_VAULT_TRANSIT_KEY must be the name of a key');
  const token = setting('STELLWERK_VAULT_TOKEN');
  const tokenFile = setting('STELLWERK_VAULT_TOKEN_FILE');
  if ((token === null) === (tokenFile === null))
    faults.push('STELLWERK_VAULT_TOKEN_FILE or STELLWERK_VAULT_TOKEN must be set, one of them');
  const address = text.replace(/\/+$/, '');
  return {
    address,
    mount,
    key,
    token,
    tokenFile,
    namespace: setting('STELLWERK_VAULT_NAMESPACE'),
    caFile: setting('STELLWERK_VAULT_CA_FILE'),
  };
}
