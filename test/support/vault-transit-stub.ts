import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** One call as the stub got it. */
export interface VaultCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

interface TransitKey {
  readonly versions: Buffer[];
  readonly derived: boolean;
  minDecryptionVersion: number;
}

/** What the stub can be told to do instead of answering well. */
export type VaultMood = 'well' | 'sealed' | 'limited' | 'failing' | 'hanging' | 'standby';

/**
 * A stub of HashiCorp Vault's transit secrets engine, by its documented HTTP API (Vault itself was not to be had): keys with
 * versions, encrypt, decrypt and rewrap with `context` for derived keys and `associated_data` for AEAD (which rewrap does not
 * take), tokens, and the error form `{"errors": […]}`.
 */
export interface VaultTransitStub {
  readonly address: string;
  readonly token: string;
  readonly calls: readonly VaultCall[];
  mood: VaultMood;
  createKey(name: string, options?: { readonly derived?: boolean }): void;
  setMinDecryptionVersion(name: string, version: number): void;
  stop(): Promise<void>;
}

export interface VaultTransitStubOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Answers under `/v1/<mount>`. */
  readonly mount?: string;
}

/** Starts the stub on a free port of the loopback. */
export async function startVaultTransitStub(options: VaultTransitStubOptions = {}): Promise<VaultTransitStub> {
  const engine = new TransitEngine(options.mount ?? 'transit');
  const listener: RequestListener = (request, response) => void engine.handle(request, response);
  const server = options.tls ? createHttpsServer(options.tls, listener) : createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(engine, {
    address: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** An answer that is an error of Vault's. */
class VaultFault extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

class TransitEngine {
  readonly token = `hvs.${randomBytes(18).toString('base64url')}`;
  readonly calls: VaultCall[] = [];
  mood: VaultMood = 'well';
  private readonly keys = new Map<string, TransitKey>();

  constructor(private readonly mount: string) {}

  createKey(name: string, { derived = true } = {}): void {
    this.keys.set(name, { versions: [randomBytes(32)], derived, minDecryptionVersion: 1 });
  }

  setMinDecryptionVersion(name: string, version: number): void {
    this.keys.get(name)!.minDecryptionVersion = version;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    this.calls.push(call);
    if (this.mood === 'hanging') return;
    const send = (status: number, answer: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    };
    try {
      send(200, { request_id: 'stub', lease_id: '', renewable: false, lease_duration: 0, data: this.answer(call) });
    } catch (error) {
      if (!(error instanceof VaultFault)) throw error;
      send(error.status, { errors: [error.message] });
    }
  }

  private answer({ method, path, headers, body }: VaultCall): Record<string, unknown> {
    if (this.mood === 'sealed') throw new VaultFault(503, 'Vault is sealed');
    if (this.mood === 'failing') throw new VaultFault(500, 'internal error');
    if (this.mood === 'limited') throw new VaultFault(429, 'request path "transit": rate limit quota exceeded');
    if (this.mood === 'standby') throw new VaultFault(473, '');
    if (headers['x-vault-token'] !== this.token) throw new VaultFault(403, 'permission denied');
    const begin = `/v1/${this.mount}/`;
    if (!path.startsWith(begin)) throw new VaultFault(404, `no handler for route "${path.slice(4)}"`);
    const [verb = '', name = '', more] = path.slice(begin.length).split('/');
    const key = this.keys.get(name);
    if (verb === 'keys' && method === 'GET' && more === undefined) return this.describe(name, key);
    if (method !== 'POST') throw new VaultFault(405, 'unsupported operation');
    if (!key) throw new VaultFault(400, 'encryption key not found');
    if (verb === 'keys' && more === 'rotate') return { ...this.rotate(name, key) };
    if (verb === 'encrypt') return this.encrypt(key, textOf(body, 'plaintext'), body);
    if (verb === 'decrypt') return { plaintext: this.decrypt(key, textOf(body, 'ciphertext'), body) };
    if (verb === 'rewrap') {
      // rewrap knows no associated_data: what was encrypted with it does not open here
      const context = body['context'];
      return this.encrypt(key, this.decrypt(key, textOf(body, 'ciphertext'), { context }), { context });
    }
    throw new VaultFault(404, `no handler for route "${path.slice(4)}"`);
  }

  private describe(name: string, key: TransitKey | undefined): Record<string, unknown> {
    if (!key) throw new VaultFault(404, '');
    return {
      type: 'aes256-gcm96',
      name,
      derived: key.derived,
      latest_version: key.versions.length,
      min_available_version: 0,
      min_decryption_version: key.minDecryptionVersion,
      min_encryption_version: 0,
      keys: Object.fromEntries(key.versions.map((_bytes, index) => [String(index + 1), 1_750_000_000])),
    };
  }

  private rotate(name: string, key: TransitKey): Record<string, unknown> {
    key.versions.push(randomBytes(32));
    return this.describe(name, key);
  }

  private encrypt(
    key: TransitKey,
    plaintext: string,
    body: Readonly<Record<string, unknown>>,
  ): Record<string, unknown> {
    const version = key.versions.length;
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', cipherKey(key, version, body), nonce).setAAD(associated(body));
    const text = Buffer.concat([cipher.update(Buffer.from(plaintext, 'base64')), cipher.final()]);
    const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64');
    return { ciphertext: `vault:v${version}:${sealed}`, key_version: version };
  }

  private decrypt(key: TransitKey, ciphertext: string, body: Readonly<Record<string, unknown>>): string {
    const [, digits, base64] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    if (digits === undefined || base64 === undefined) throw new VaultFault(400, 'invalid ciphertext: no prefix');
    const version = Number(digits);
    if (version > key.versions.length) throw new VaultFault(400, 'invalid ciphertext: version is too new');
    if (version < key.minDecryptionVersion)
      throw new VaultFault(400, 'ciphertext or signature version is disallowed by policy (too old)');
    const sealed = Buffer.from(base64, 'base64');
    try {
      const nonce = sealed.subarray(0, 12);
      const decipher = createDecipheriv('aes-256-gcm', cipherKey(key, version, body), nonce).setAAD(associated(body));
      decipher.setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('base64');
    } catch {
      throw new VaultFault(400, 'cipher: message authentication failed');
    }
  }
}

function cipherKey(
  { versions, derived }: TransitKey,
  version: number,
  body: Readonly<Record<string, unknown>>,
): Buffer {
  const key = versions[version - 1]!;
  // a key that is not derived takes no notice of a context
  if (!derived) return key;
  const { context } = body;
  if (typeof context !== 'string' || context === '')
    throw new VaultFault(400, "missing 'context' for key derivation; the key was created using a derived key");
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), Buffer.from(context, 'base64'), 32));
}

function associated({ associated_data: data }: Readonly<Record<string, unknown>>): Buffer {
  return typeof data === 'string' ? Buffer.from(data, 'base64') : Buffer.alloc(0);
}

function textOf(body: Readonly<Record<string, unknown>>, field: string): string {
  const text = body[field];
  if (typeof text !== 'string') throw new VaultFault(400, `missing ${field} to process`);
  return text;
}
