import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { load, YAML11_SCHEMA } from 'js-yaml';

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  ports?: string[];
  volumes?: string[];
  user?: string;
  restart?: string;
  healthcheck?: { test: string[]; interval: string; retries: number };
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  cpu_shares?: number;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

// There is no Docker engine where these tests run: they check what the file says, not what containers do.
const root = new URL('../../../', import.meta.url);
const compose = load(readFileSync(new URL('docker-compose.yml', root), 'utf8'), { schema: YAML11_SCHEMA }) as Compose;
const dockerfile = readFileSync(new URL('Dockerfile', root), 'utf8');
const services = Object.entries(compose.services);
const longRunning = ['postgres', 'kafka', 'temporal', 'temporal-ui', 'api', 'bridge', 'worker'];
const service = (name: string): Service => compose.services[name] ?? {};

describe('docker-compose.yml', () => {
  it('holds the production shape', () => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(longRunning));
  });

  it.each(longRunning)('gives %s a health check that is a list of words, and restarts it', (name) => {
    const { healthcheck, restart } = service(name);
    expect(healthcheck?.test.every((word) => typeof word === 'string')).toBe(true);
    expect(restart).toBe('unless-stopped');
  });

  it('pins every image to a full version', () => {
    for (const [, { image }] of services) expect(image).toMatch(/:(\d+\.\d+|\$\{STELLWERK_VERSION:-\d+\.\d+\.\d+\})/);
  });

  it('publishes ports on the loopback only', () => {
    for (const port of services.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('waits for services that exist, in the way they can be waited for', () => {
    for (const [, { depends_on: needs = {} }] of services) {
      for (const [name, { condition }] of Object.entries(needs)) {
        const expected = longRunning.includes(name) ? 'service_healthy' : 'service_completed_successfully';
        expect({ name, condition }).toEqual({ name, condition: expected });
      }
    }
  });

  it('lets those step back that nobody waits for', () => {
    const background = services.filter(([, one]) => one.cpu_shares !== undefined).map(([name]) => name);
    expect(background.sort()).toEqual(['bridge', 'kafka', 'temporal', 'worker']);
  });

  it('keeps the servers’ data in named volumes', () => {
    for (const name of ['postgres', 'kafka']) {
      const [volume = ''] = service(name).volumes ?? [];
      expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  it('runs api, bridge, worker and the migration from one image', () => {
    const images = ['api', 'bridge', 'worker', 'migrate'].map((name) => service(name).image);
    expect(new Set(images).size).toBe(1);
    expect(service('api').build).toBe('.');
  });

  it('starts programs whose sources exist', () => {
    for (const name of ['api', 'bridge', 'worker', 'migrate']) {
      const script = service(name).command?.at(-1) ?? '';
      expect(existsSync(new URL(script.replace(/^dist\//, '').replace(/\.js$/, '.ts'), root))).toBe(true);
    }
  });

  it('names no password', () => {
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|PWD/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?\}$/);
      }
    }
  });
});

describe('the Dockerfile', () => {
  it('builds in stages from one pinned base and runs as an ordinary user', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-/m);
    expect(dockerfile.match(/^FROM /gm)?.length).toBeGreaterThan(1);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('copies no test, tool or secret into the image', () => {
    const ignored = readFileSync(new URL('.dockerignore', root), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.stellwerk', 'secrets', 'node_modules', '.git']));
  });
});
