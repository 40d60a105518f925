import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Config } from '#libs/platform/config';
import { startApi } from '../../../apps/api/create-api.js';
import { startBridge } from '../../../apps/bridge/create-bridge.js';
import { testMasterKeys } from '../../support/master-keys.js';

const dir = mkdtempSync(join(tmpdir(), 'stellwerk-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const logger = pino({ level: 'silent' });
const NOBODY = { url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1 };

function configWith(signingKeyFile: string | null): Config {
  return {
    database: NOBODY,
    kafka: { brokers: ['127.0.0.1:1'], prefix: '' },
    temporal: { address: '127.0.0.1:1', namespace: 'none', tls: false, apiKey: null, taskQueue: 'none' },
    http: { host: '127.0.0.1', port: 0, bodyLimitBytes: 1_024 },
    ...{ secretsFile: null, masterKeys: testMasterKeys(), temporalUiOrigin: null, signingKeyFile },
    ...{ publicUrl: 'http://127.0.0.1:1', cores: 1, reconcileSeconds: 30, watchdogSeconds: 60, logLevel: 'silent' },
  };
}

const missing = join(dir, 'not-there.pem');
const empty = join(dir, 'empty.pem');
writeFileSync(empty, '');

describe('an audit that would go unsigned', () => {
  it.each([
    ['no file is set', null, 'config.signing_keys_missing', /STELLWERK_SIGNING_KEY_FILE is not set.*openssl genpkey/],
    ['the file is not there', missing, 'config.signing_keys_missing', /cannot be read \(ENOENT\).*openssl genpkey/],
    ['a folder is in its place', dir, 'config.signing_keys_missing', /cannot be read \(EISDIR\)/],
    ['the file holds no key', empty, 'config.signing_keys_invalid', /openssl genpkey/],
  ])('keeps the bridge from starting when %s, and says what to do', async (_why, file, code, message) => {
    const starting = startBridge(configWith(file), { logger });
    await expect(starting).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('ends the bridge’s process with the exit code of a configuration to be mended, and one line that says so', () => {
    const env = {
      ...{ PATH: process.env['PATH'], STELLWERK_DATABASE_URL: NOBODY.url, STELLWERK_KAFKA_BROKERS: '127.0.0.1:1' },
      ...{
        STELLWERK_TEMPORAL_ADDRESS: '127.0.0.1:1',
        STELLWERK_MASTER_KEY: testMasterKeys().text!,
        STELLWERK_HTTP_PORT: '0',
      },
    };
    const { status, stdout } = spawnSync(process.execPath, ['dist/apps/bridge/main.js'], { env, encoding: 'utf8' });
    expect(status).toBe(78);
    expect(JSON.parse(stdout.trim())).toMatchObject({ level: 60, code: 'config.signing_keys_missing' });
  });

  it('does not start the api either when the file that is set cannot be read', async () => {
    await expect(startApi(configWith(missing), { logger })).rejects.toMatchObject({
      code: 'config.signing_keys_missing',
    });
  });
});
