import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

/** How the address of the keys behaves. */
export type KeysBehaviour = 'well' | 'hanging' | 'endless' | 'away' | 'redirecting';

/** An issuer whose tokens a test makes itself: it serves its description and keys, as well or as badly as it is told. */
export class TokenIssuer {
  behaviour: KeysBehaviour = 'well';
  /** How often the keys were asked for. */
  asked = 0;
  readonly url: string;
  /** What it calls itself in its description; its address unless it pretends to be another. */
  name: string | null = null;
  /** The ID token that it gives for any code. */
  idToken = '';
  /** Where it sends browsers, when that is another's page. */
  authorizationEndpoint: string | null = null;
  /** What was posted to its token endpoint: how often. */
  codes = 0;
  private published: JWK[] = [];
  private signing!: { readonly key: CryptoKey; readonly kid: string; readonly alg: string };

  private constructor(private readonly server: Server) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<TokenIssuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = new TokenIssuer(server);
    await issuer.rotate();
    server.on('request', (request, response) => {
      request.resume();
      issuer.answer(request.url ?? '', response);
    });
    return issuer;
  }

  /** Signs by another key from now on; with `keep` the older ones are published still. */
  async rotate({ keep = false, alg = 'RS256' } = {}): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const kid = crypto.randomUUID();
    this.signing = { key: privateKey, kid, alg };
    const key = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    this.published = keep ? [...this.published, key] : [key];
  }

  /** A token by this issuer's key: for an hour, as access tokens are written, unless something else is said. */
  sign(claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
    const { key, kid, alg } = this.signing;
    const now = Math.floor(performance.timeOrigin / 1000 + performance.now() / 1000);
    return new SignJWT({ iss: this.url, iat: now, exp: now + 3600, ...claims })
      .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
      .sign(key, { crit: { exp2: true } });
  }

  /** The public key that tokens are checked by now. */
  get publicKey(): JWK {
    return this.published.at(-1)!;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string, response: ServerResponse): void {
    if (path === '/.well-known/openid-configuration') return send(response, this.description());
    if (path === '/token') {
      this.codes += 1;
      return send(response, { access_token: 'opaque', token_type: 'Bearer', id_token: this.idToken });
    }
    if (path !== '/keys') return void response.writeHead(404).end();
    this.asked += 1;
    switch (this.behaviour) {
      case 'well':
        return send(response, { keys: this.published });
      case 'hanging':
        return;
      case 'endless':
        return pour(response);
      case 'away':
        return void response.destroy();
      case 'redirecting':
        return void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
    }
  }

  private description(): object {
    return {
      issuer: this.name ?? this.url,
      authorization_endpoint: this.authorizationEndpoint ?? `${this.url}/auth`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Bytes without end, as fast as they are taken. */
function pour(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
  };
  response.on('drain', more);
  more();
}
