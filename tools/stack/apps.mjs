// @ts-check
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { tryLock, unlock } from '../setup/lock.mjs';
import { root } from '../setup/places.mjs';
import { keptSecret, writePrivate } from './files.mjs';
import { checkHttp } from './health.mjs';
import { appsLock } from './owners.mjs';
import { appNames, instancesOf, portOf } from './instances.mjs';
import { stopLeftovers } from './pidfile.mjs';
import { assertFree } from './ports.mjs';
import { Supervisor } from './supervisor.mjs';

/** @typedef {import('./stack.mjs').Stack} Stack */
/** @typedef {import('./managed-server.mjs').ServerSpec} ServerSpec */

/** @typedef {import('./instances.mjs').Instance} Instance */
/** @typedef {import('./instances.mjs').AppName} AppName */

/** Heap limits in MB: the whole stack must stay under 2.5 GB. */
const HEAP_MB = { api: 256, bridge: 256, worker: 512, sandbox: 192, identity: 96 };

/**
 * @typedef {object} Applications
 * @property {{ api: string, apis: string[], sandbox: string, issuers: string[], devJson: string }} addresses
 * @property {(options?: { force?: boolean }) => Promise<void>} stop
 * @property {(count: number) => Promise<void>} grow starts further instances until there are so many of each program
 */

/**
 * Migrates the database, starts the sandbox, loads the demo customers and starts worker, bridge and api on a running
 * stack; with `instances: 2` two of each, side by side.
 * @param {{ stack: Stack, progress: import('../setup/progress.mjs').Progress, log: (line: string) => void, signal?: AbortSignal, portBase: number, instances?: number }} options
 * @returns {Promise<Applications>}
 */
export async function startApplications({ stack, progress, log, signal, portBase, instances = 1 }) {
  const { places, ports } = stack;
  const lock = appsLock(places);
  const owner = tryLock(lock);
  if (owner)
    throw new Error(
      `The programs of this clone already run (npm start, pid ${owner.pid}). Stop them by Ctrl-C there, or: npm run stack -- down`,
    );
  const supervisor = new Supervisor({
    places,
    stateFile: join(places.base, 'apps.json'),
    state: { owner: process.pid, portBase },
    log,
  });
  const stop = async (/** @type {{ force?: boolean }} */ options = {}) => {
    await supervisor.stop(options);
    unlock(lock);
  };
  signal?.addEventListener('abort', () => void supervisor.stop(), { once: true });
  try {
    await clearApplications({ places, ports, portBase, log });
    const env = environments(stack, instances);
    const once = async (/** @type {string} */ name, /** @type {string} */ script) => {
      signal?.throwIfAborted();
      await run(process.execPath, ['--enable-source-maps', script], {
        cwd: root,
        env: env.setup,
        log: join(places.logs, `${name}.log`),
      });
    };
    await Promise.all([
      progress.step('database', () => once('database', 'dist/tools/database/main.js')),
      progress.step('sandbox', () => supervisor.start(sandboxServer(stack, env.setup))),
      progress.step('issuers', () => supervisor.start(identityServer(stack, env.setup))),
    ]);
    await progress.step('demo customers', () => once('seed', 'dist/tools/sandbox/seed.js'));
    signal?.throwIfAborted();
    let running = 0;
    const grow = async (/** @type {number} */ count) => {
      const further = instancesOf(count).filter(({ number }) => number > running);
      running = Math.max(running, count);
      await startAll(
        supervisor,
        further.reverse().map((instance) => appServer(instance, stack, env[instance.app])),
      );
    };
    await progress.step('api, bridge, worker', () => grow(instances));
    signal?.throwIfAborted();
    return { addresses: addressesOf(stack, instances), stop, grow };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Stops programs that a killed run left over, and checks that their ports are free.
 * @param {Pick<Stack, 'places' | 'ports'> & { portBase: number, log: (line: string) => void }} options
 */
export async function clearApplications({ places, ports, portBase, log }) {
  await stopLeftovers(places.run, [...appNames(), 'sandbox', 'identity'], log);
  await assertFree(applicationPorts(ports), portBase);
}

/** @param {Supervisor} supervisor @param {ServerSpec[]} specs */
async function startAll(supervisor, specs) {
  const results = await Promise.allSettled(specs.map((spec) => supervisor.start(spec)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw new Error(failures.map((failure) => failure.message).join('\n\n'));
}

/** @param {Stack} stack @param {number} instances */
function addressesOf({ ports, places }, instances) {
  return {
    api: `http://127.0.0.1:${ports.api}`,
    apis: apiAddresses(ports, instances),
    sandbox: `http://127.0.0.1:${ports.sandbox}`,
    issuers: [ports.identityMsp, ports.identityMuster].map((port) => `http://127.0.0.1:${port}`),
    devJson: join(places.base, 'dev.json'),
  };
}

/** Where callers find the API: any of them answers. @param {import('./ports.mjs').Ports} ports @param {number} instances */
function apiAddresses(ports, instances) {
  const apis = instancesOf(instances).filter(({ app }) => app === 'api');
  return apis.map((instance) => `http://127.0.0.1:${portOf(instance, ports)}`);
}

/** @param {import('./ports.mjs').Ports} ports */
function applicationPorts(ports) {
  const {
    api,
    bridge,
    worker,
    api2,
    bridge2,
    worker2,
    ldapMuster,
    ldapsMuster,
    ldapNordlicht,
    ldapsNordlicht,
    smtp,
    sandbox,
    identityMsp,
    identityMuster,
  } = ports;
  return {
    api,
    bridge,
    worker,
    api2,
    bridge2,
    worker2,
    ldapMuster,
    ldapsMuster,
    ldapNordlicht,
    ldapsNordlicht,
    smtp,
    sandbox,
    identityMsp,
    identityMuster,
  };
}

/** @param {Stack} stack @param {NodeJS.ProcessEnv} env @returns {ServerSpec} */
function sandboxServer({ ports }, env) {
  return {
    name: 'sandbox',
    ...nodeProgram('dist/tools/sandbox/main.js', HEAP_MB.sandbox),
    env,
    port: ports.sandbox,
    ready: () => checkHttp(`http://127.0.0.1:${ports.sandbox}/health`, 'The sandbox'),
  };
}

/** @param {Stack} stack @param {NodeJS.ProcessEnv} env @returns {ServerSpec} */
function identityServer({ ports }, env) {
  return {
    name: 'identity',
    ...nodeProgram('dist/tools/sandbox/identity/main.js', HEAP_MB.identity),
    env,
    port: ports.identityMsp,
    ready: () => checkHttp(`http://127.0.0.1:${ports.identityMuster}/health`, 'The issuers'),
  };
}

/** @param {Instance} instance @param {Stack} stack @param {NodeJS.ProcessEnv} env @returns {ServerSpec} */
function appServer(instance, { ports }, env) {
  const { app, name } = instance;
  const port = portOf(instance, ports);
  return {
    name,
    ...nodeProgram(`dist/apps/${app}/main.js`, HEAP_MB[app]),
    env: { ...env, STELLWERK_HTTP_PORT: String(port) },
    port,
    ready: () => checkHttp(`http://127.0.0.1:${port}/health/ready`, name),
    // A worker finishes the activities it is in.
    graceMs: 30_000,
    background: app !== 'api',
  };
}

/** @param {string} script @param {number} heapMb */
function nodeProgram(script, heapMb) {
  return {
    command: process.execPath,
    args: ['--enable-source-maps', `--max-old-space-size=${heapMb}`, script],
    cwd: root,
  };
}

/**
 * The environment of each program, from the stack's addresses and secrets that are kept in `.stellwerk/`.
 * @param {Stack} stack
 * @param {number} [instances]
 * @returns {Record<'setup' | AppName, NodeJS.ProcessEnv>}
 */
export function environments({ addresses, places, ports, caches }, instances = 1) {
  const { postgresUrl, kafkaBrokers, kafkaSecurity } = addresses;
  const { temporalAddress, temporalNamespace, temporalApiKey, temporalTls, temporalUi } = addresses;
  const database = process.env.STELLWERK_DATABASE_NAME || 'stellwerk';
  const rolePassword = keptSecret(places.secrets, 'databaseRoles');
  const shared = {
    ...process.env,
    STELLWERK_KAFKA_BROKERS: kafkaBrokers.join(','),
    // What the environment says is about a Kafka given by address; undefined leaves a variable out.
    STELLWERK_KAFKA_TLS: String(kafkaSecurity?.tls ?? false),
    STELLWERK_KAFKA_USERNAME: kafkaSecurity?.login?.username,
    STELLWERK_KAFKA_PASSWORD: kafkaSecurity?.login?.password,
    STELLWERK_KAFKA_SASL_MECHANISM: kafkaSecurity?.login?.mechanism,
    STELLWERK_TEMPORAL_ADDRESS: temporalAddress,
    STELLWERK_TEMPORAL_NAMESPACE: temporalNamespace,
    STELLWERK_TEMPORAL_TLS: String(temporalTls),
    // Undefined leaves a variable out; an empty one would count as a key.
    STELLWERK_TEMPORAL_API_KEY: temporalApiKey,
    STELLWERK_SECRETS_FILE: join(places.base, 'secrets.json'),
    STELLWERK_MASTER_KEY_FILE: masterKey(join(places.base, 'master.key')),
    STELLWERK_SIGNING_KEY_FILE: signingKey(join(places.base, 'signing.pem')),
    STELLWERK_TEMPORAL_UI_ORIGIN: process.env.STELLWERK_TEMPORAL_UI_ORIGIN ?? temporalUi ?? undefined,
    STELLWERK_PUBLIC_URL: process.env.STELLWERK_PUBLIC_URL ?? `http://127.0.0.1:${ports.api}`,
    STELLWERK_HTTP_HOST: '127.0.0.1',
  };
  const app = (/** @type {AppName} */ name) => ({
    ...shared,
    // An administrator's address is none of the programs' business.
    STELLWERK_POSTGRES_URL: undefined,
    STELLWERK_DATABASE_URL: roleUrl(postgresUrl, `stellwerk_${name}`, rolePassword, database),
  });
  const base = {
    api: `http://127.0.0.1:${ports.api}`,
    apis: apiAddresses(ports, instances),
    temporalUi: temporalUi ?? null,
    kafka: kafkaBrokers.join(','),
    // Scripts see every tenant: the administrator's right, in development only.
    database: databaseUrl(postgresUrl, database),
  };
  return {
    setup: {
      ...shared,
      STELLWERK_DATABASE_ADMIN_URL: postgresUrl,
      STELLWERK_DATABASE_NAME: database,
      STELLWERK_DATABASE_ROLE_PASSWORD: rolePassword,
      STELLWERK_SANDBOX_DIR: join(places.base, 'sandbox'),
      STELLWERK_SANDBOX_PORT: String(ports.ldapMuster),
      STELLWERK_SLAPD_ROOT: caches.slapdRoot,
      STELLWERK_SAMBA_ROOT: caches.sambaRoot,
      STELLWERK_SAMBA_TEMPLATE: caches.sambaTemplate,
      STELLWERK_IDENTITY_DIR: join(places.base, 'identity'),
      STELLWERK_IDENTITY_PORT: String(ports.identityMsp),
      STELLWERK_DEV_JSON: join(places.base, 'dev.json'),
      STELLWERK_DEV_JSON_BASE: JSON.stringify(base),
    },
    api: app('api'),
    bridge: app('bridge'),
    worker: app('worker'),
  };
}

/**
 * The address of our database for one of its roles.
 * @param {string} adminUrl
 * @param {string} role
 * @param {string} password
 * @param {string} database
 */
export function roleUrl(adminUrl, role, password, database) {
  const url = new URL(adminUrl);
  Object.assign(url, { username: role, password, pathname: `/${database}` });
  return url.href;
}

/** @param {string} adminUrl @param {string} database */
function databaseUrl(adminUrl, database) {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Makes the key that wraps the data keys, once: sealed values are lost with it. @param {string} file */
function masterKey(file) {
  if (!existsSync(file)) writePrivate(file, `${randomBytes(32).toString('base64')}\n`);
  return file;
}

/** Makes the key that signs certificates, once. @param {string} file */
function signingKey(file) {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writePrivate(file, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }
  return file;
}
