import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { ConfigInvalid, loadConfig } from './config.js';

const complete = {
  STELLWERK_DATABASE_URL: 'postgres://x',
  STELLWERK_KAFKA_BROKERS: 'a:1, b:2',
  STELLWERK_TEMPORAL_ADDRESS: 't:3',
  STELLWERK_SECRETS_FILE: 's.json',
  STELLWERK_MASTER_KEY_FILE: 'm.key',
};

describe('the configuration', () => {
  it('is read at once, with defaults', () => {
    const config = loadConfig(complete);
    expect(config.kafka).toMatchObject({ brokers: ['a:1', 'b:2'], prefix: '', tls: false, login: null });
    expect(config.temporal).toEqual({
      address: 't:3',
      namespace: 'stellwerk',
      tls: false,
      apiKey: null,
      taskQueue: 'stellwerk',
    });
  });

  it.each([
    [undefined, 'http://127.0.0.1:20000'],
    ['https://stellwerk.example/', 'https://stellwerk.example'],
    ['https://msp.example/portal', 'https://msp.example/portal'],
    ['http://localhost:8080', 'http://localhost:8080'],
  ])('takes the public address %p', (text, address) => {
    expect(loadConfig({ ...complete, STELLWERK_PUBLIC_URL: text }).publicUrl).toBe(address);
  });

  it.each([
    [undefined, false],
    ['http://localhost:8080', false],
    ['https://stellwerk.example', true],
  ])('knows by the public address %p whether answers travel by TLS', (text, behindTls) => {
    expect(loadConfig({ ...complete, STELLWERK_PUBLIC_URL: text }).http).toMatchObject({ behindTls });
  });

  it.each(['http://stellwerk.example', 'https://a:b@x.example', 'https://x.example/?a', 'ftp://x.example', 'x', ''])(
    'refuses the public address %p, by which a link could be read on its way or would not work',
    (text) => {
      expect(() => loadConfig({ ...complete, STELLWERK_PUBLIC_URL: text })).toThrow(/STELLWERK_PUBLIC_URL/);
    },
  );

  it('believes X-Forwarded-For of the proxies that are named, of no others', () => {
    const of = (text?: string) => loadConfig({ ...complete, STELLWERK_TRUSTED_PROXIES: text }).http.trustedProxies;
    expect(of()).toEqual([]);
    expect(of('10.0.0.1, 192.168.0.0/16,fd00::/8')).toEqual(['10.0.0.1', '192.168.0.0/16', 'fd00::/8']);
    for (const text of ['everybody', '0.0.0.0/0', '10.0.0.1;10.0.0.2', '::/0'])
      expect(() => of(text)).toThrow(/STELLWERK_TRUSTED_PROXIES/);
  });

  it('takes the cores of the whole installation, at least one', () => {
    expect(loadConfig({ ...complete, STELLWERK_CORES: '12' }).cores).toBe(12);
    expect(loadConfig(complete).cores).toBe(availableParallelism());
    expect(() => loadConfig({ ...complete, STELLWERK_CORES: '0' })).toThrow(/STELLWERK_CORES/);
  });

  it('names every variable that is missing or wrong in one error', () => {
    const broken = {
      ...complete,
      STELLWERK_DATABASE_URL: undefined,
      STELLWERK_HTTP_PORT: 'x',
      STELLWERK_TEMPORAL_TLS: 'yes',
      STELLWERK_LOG_LEVEL: 'loud',
      STELLWERK_KAFKA_USERNAME: 'me',
      STELLWERK_KAFKA_SASL_MECHANISM: 'md5',
    };
    const load = (): unknown => loadConfig(broken);
    expect(load).toThrow(ConfigInvalid);
    for (const name of [
      'STELLWERK_DATABASE_URL',
      'STELLWERK_HTTP_PORT',
      'STELLWERK_TEMPORAL_TLS',
      'STELLWERK_LOG_LEVEL',
      'STELLWERK_KAFKA_PASSWORD',
      'STELLWERK_KAFKA_SASL_MECHANISM',
    ])
      expect(load).toThrow(name);
  });

  it('takes master keys from a file, a text or Vault, and not from two local places', () => {
    const vault = { STELLWERK_VAULT_ADDRESS: 'https://vault.example:8200/', STELLWERK_VAULT_TOKEN_FILE: '/run/token' };
    const without = { ...complete, STELLWERK_MASTER_KEY_FILE: undefined };
    expect(loadConfig(complete).masterKeys).toEqual({ file: 'm.key', text: null, vault: null });
    expect(loadConfig({ ...without, STELLWERK_MASTER_KEY: 'x' }).masterKeys).toMatchObject({ file: null, text: 'x' });
    expect(loadConfig({ ...without, ...vault }).masterKeys.vault).toMatchObject({
      address: 'https://vault.example:8200',
      mount: 'transit',
      key: 'stellwerk',
      tokenFile: '/run/token',
    });
    const refused: Record<string, string>[] = [
      { STELLWERK_MASTER_KEY_FILE: 'm.key', STELLWERK_MASTER_KEY: 'x' },
      { ...vault, STELLWERK_VAULT_ADDRESS: 'http://vault.example' },
      { ...vault, STELLWERK_VAULT_TOKEN: 'two of them' },
      { STELLWERK_VAULT_ADDRESS: vault.STELLWERK_VAULT_ADDRESS },
      { ...vault, STELLWERK_VAULT_TRANSIT_KEY: '../sys' },
      {},
    ];
    for (const settings of refused) expect(() => loadConfig({ ...without, ...settings })).toThrow(ConfigInvalid);
  });

  it('uses TLS for Temporal Cloud’s API keys', () => {
    expect(loadConfig({ ...complete, STELLWERK_TEMPORAL_API_KEY: 'key' }).temporal).toMatchObject({
      tls: true,
      apiKey: 'key',
    });
  });
});
