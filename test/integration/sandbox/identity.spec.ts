import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startIdentity, type Identity } from '../../../tools/sandbox/identity/index.js';

const CALLBACK = 'http://127.0.0.1:3000/v1/sign-in/callback/muster/demo';

let identity: Identity;
const dir = mkdtempSync(join(tmpdir(), 'stellwerk-identity-'));

beforeAll(async () => {
  identity = await startIdentity({ dir, ports: { msp: 0, muster: 0 }, apiUrl: 'http://127.0.0.1:3000' });
});
afterAll(async () => {
  await identity.stop();
  rmSync(dir, { recursive: true, force: true });
});

function authorize(more: Record<string, string>): Promise<Response> {
  const query = { client_id: 'stellwerk', response_type: 'code', redirect_uri: CALLBACK, scope: 'openid', ...more };
  const url = `${identity.issuers.muster.url}/auth?${new URLSearchParams(query).toString()}`;
  return fetch(url, { redirect: 'manual' });
}

describe('a demo issuer', () => {
  it('refuses a sign-in without PKCE, or with a challenge in the clear', async () => {
    for (const query of [{}, { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }]) {
      const target = (await authorize(query)).headers.get('location');
      expect(new URL(target!).searchParams.get('error')).toBe('invalid_request');
    }
  });

  it('asks in the reader’s language who somebody is', async () => {
    const answer = await authorize({ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' });
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const ask = (language: string): Promise<string> =>
      fetch(new URL(answer.headers.get('location')!, identity.issuers.muster.url), {
        headers: { cookie, 'accept-language': language },
      }).then((response) => response.text());
    expect(await ask('de-DE,de;q=0.9')).toContain('Mit zweitem Faktor');
    expect(await ask('fr')).toContain('With a second factor');
  });

  it('says what it can, each under a name of its own', async () => {
    for (const { url } of Object.values(identity.issuers)) {
      const told = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
      expect(told).toMatchObject({
        issuer: url,
        code_challenge_methods_supported: ['S256'],
        backchannel_logout_session_supported: true,
        authorization_response_iss_parameter_supported: true,
      });
    }
  });
});
