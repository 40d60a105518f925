// @ts-check
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { keptSecret, writeJson, writePrivate } from './files.mjs';
import { checkHttp, checkTemporalFrontend, checkTemporalNamespace, queryPostgres, withTemporal } from './health.mjs';

/** @typedef {import('../setup/places.mjs').ProfilePlaces} ProfilePlaces */
/** @typedef {import('./ports.mjs').Ports} Ports */
/** @typedef {{ main: string, visibility: string }} DatabaseNames */
/**
 * @typedef {object} TemporalOptions
 * @property {ProfilePlaces} places
 * @property {string} programs the directory of the built programs
 * @property {string} adminUrl a PostgreSQL superuser's address
 * @property {DatabaseNames} databases
 * @property {Ports} ports
 */

const ROLE = 'stellwerk_temporal';
const RETENTION_SECONDS = 3 * 24 * 3600;
/** Written into the database at the first start; Temporal can never change it afterwards. */
const HISTORY_SHARDS = 8;

/**
 * Creates role and databases when they are missing and brings their schema to this version's.
 * @param {TemporalOptions} options
 */
export async function prepareTemporalDatabases({ places, programs, adminUrl, databases }) {
  const password = keptSecret(places.secrets, 'temporal');
  const [role] = await queryPostgres(adminUrl, 'select 1 from pg_roles where rolname = $1', [ROLE]);
  // The password is hexadecimal, so quoting is safe; a role statement takes no parameters.
  await queryPostgres(adminUrl, `${role ? 'alter' : 'create'} role ${ROLE} login password '${password}'`);
  for (const [schema, database] of /** @type {const} */ ([
    ['temporal', databases.main],
    ['visibility', databases.visibility],
  ])) {
    await createDatabase(adminUrl, database);
    await updateSchema({
      programs,
      adminUrl,
      database,
      schema,
      password,
      log: join(places.logs, `temporal-schema-${schema}.log`),
    });
  }
}

/** @param {string} adminUrl @param {string} database */
async function createDatabase(adminUrl, database) {
  const found = await queryPostgres(adminUrl, 'select 1 from pg_database where datname = $1', [database]);
  if (found.length === 0) await queryPostgres(adminUrl, `create database "${database}" owner ${ROLE}`);
}

/**
 * @param {{ programs: string, adminUrl: string, database: string, schema: string, password: string, log: string }} options
 */
async function updateSchema({ programs, adminUrl, database, schema, password, log }) {
  const server = new URL(adminUrl);
  const tool = join(programs, 'temporal-sql-tool');
  const target = [
    '--plugin',
    'postgres12',
    '--ep',
    server.hostname,
    '--port',
    server.port || '5432',
    '--user',
    ROLE,
    '--database',
    database,
  ];
  const env = { ...process.env, SQL_PASSWORD: password, ...(usesTls(server) ? { SQL_TLS: 'true' } : {}) };
  const own = new URL(adminUrl);
  Object.assign(own, { username: ROLE, password, pathname: `/${database}` });
  const [prepared] = await queryPostgres(own.href, "select to_regclass('schema_version') as name");
  if (!prepared?.name) await run(tool, [...target, 'setup-schema', '--version', '0.0'], { env, log });
  await run(tool, [...target, 'update-schema', '--schema-name', `postgresql/v12/${schema}`], { env, log });
}

/** @param {URL} server */
function usesTls(server) {
  return ['require', 'verify-ca', 'verify-full'].includes(server.searchParams.get('sslmode') ?? '');
}

/**
 * @param {TemporalOptions} options
 * @returns {import('./managed-server.mjs').ServerSpec}
 */
export function temporalServer(options) {
  const { places, programs, ports } = options;
  const config = join(places.config, 'temporal.yaml');
  const dynamicConfig = join(places.config, 'temporal-dynamic.yaml');
  // JSON is YAML, and needs no library to be written rightly.
  writeJson(config, serverConfig(options, dynamicConfig));
  writePrivate(dynamicConfig, dynamicConfigText());
  return {
    name: 'temporal',
    command: join(programs, 'temporal-server'),
    args: ['--config-file', config, '--allow-no-auth', 'start'],
    // Soft limit and a tighter collector: 2.5 GB must hold everything.
    env: { ...process.env, GOMEMLIMIT: '320MiB', GOGC: '60' },
    cwd: places.data,
    port: ports.temporalFrontend,
    ready: () => checkTemporalFrontend({ address: `127.0.0.1:${ports.temporalFrontend}`, namespace: '' }),
    readyWithinMs: 90_000,
    graceMs: 20_000,
    background: true,
  };
}

/** @param {TemporalOptions} options @param {string} dynamicConfig */
export function serverConfig({ places, adminUrl, databases, ports }, dynamicConfig) {
  const server = new URL(adminUrl);
  const sql = (/** @type {string} */ databaseName, /** @type {number} */ maxConns) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `${server.hostname}:${server.port || '5432'}`,
      connectProtocol: 'tcp',
      user: ROLE,
      password: keptSecret(places.secrets, 'temporal'),
      maxConns,
      maxIdleConns: maxConns,
      maxConnLifetime: '1h',
      ...(usesTls(server)
        ? { tls: { enabled: true, enableHostVerification: server.searchParams.get('sslmode') === 'verify-full' } }
        : {}),
    },
  });
  const service = (/** @type {number} */ grpcPort, /** @type {number} */ membershipPort, more = {}) => ({
    rpc: { grpcPort, membershipPort, bindOnLocalHost: true, ...more },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { default: sql(databases.main, 20), visibility: sql(databases.visibility, 5) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: service(ports.temporalFrontend, ports.temporalFrontendMembership, { httpPort: ports.temporalHttp }),
      matching: service(ports.temporalMatching, ports.temporalMatchingMembership),
      history: service(ports.temporalHistory, ports.temporalHistoryMembership),
      worker: service(ports.temporalWorker, ports.temporalWorkerMembership),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.temporalFrontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '60s' },
  };
}

/** In this namespace, which only tests use, Temporal takes a history for long after few events instead of 4,096. */
const SHORT_HISTORIES = 'stellwerk-short-histories';

function dynamicConfigText() {
  const everywhere = (/** @type {unknown} */ value) => [{ value }];
  const settings = {
    // One partition: with a handful of workers, four (the default) only mean idle polls and detours.
    'matching.numTaskqueueReadPartitions': everywhere(1),
    'matching.numTaskqueueWritePartitions': everywhere(1),
    // Tenants are served in turn (ADR 34). Tasks that wait already are served first, also when it is switched on later.
    'matching.enableFairness': everywhere(true),
    // A history is deleted once the queues say that its end was worked on: every few seconds instead of every 30.
    'history.transferProcessorUpdateAckInterval': everywhere('3s'),
    'history.visibilityProcessorUpdateAckInterval': everywhere('3s'),
    // A namespace made a moment ago is found at once, not after the cache's next refresh.
    'system.forceSearchAttributesCacheRefreshOnRead': everywhere(true),
    'limit.historyCount.suggestContinueAsNew': [{ value: 60, constraints: { namespace: SHORT_HISTORIES } }],
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/**
 * Creates the namespace when it is missing and waits until it can be worked in.
 * @param {import('./health.mjs').TemporalAddress} temporal
 */
export async function ensureNamespace(temporal) {
  await withTemporal(temporal, async ({ workflowService }) => {
    try {
      await workflowService.registerNamespace({
        namespace: temporal.namespace,
        description: 'Stellwerk: local development',
        workflowExecutionRetentionPeriod: { seconds: /** @type {any} */ (RETENTION_SECONDS) },
      });
    } catch (error) {
      const ALREADY_EXISTS = 6;
      if (/** @type {{ code?: number }} */ (error).code !== ALREADY_EXISTS) throw error;
    }
  });
  await until(() => checkTemporalNamespace(temporal), 60_000);
}

/** @param {() => Promise<void>} check @param {number} limitMs */
async function until(check, limitMs) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

/**
 * @param {{ places: ProfilePlaces, programs: string, port: number, api: number, temporal: import('./health.mjs').TemporalAddress }} options `api`: the port of ours, which decodes payloads
 * @returns {import('./managed-server.mjs').ServerSpec}
 */
export function temporalUiServer({ places, programs, port, api, temporal }) {
  const config = join(places.config, 'temporal-ui');
  writeJson(join(config, 'base.yaml'), {
    temporalGrpcAddress: temporal.address,
    host: '127.0.0.1',
    port,
    enableUi: true,
    defaultNamespace: temporal.namespace,
    disableNewsFetch: true,
    notifyOnNewVersion: false,
    cors: { allowOrigins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`] },
    // payloads are encrypted: our API decodes them for whoever is signed in there and may see them
    codec: {
      endpoint: `http://127.0.0.1:${api}/v1/temporal/codec`,
      passAccessToken: false,
      includeCredentials: true,
      defaultErrorMessage: 'Payloads are shown to whoever is signed in to Stellwerk and may see them.',
      defaultErrorLink: `http://127.0.0.1:${api}/`,
    },
    refreshInterval: '0s',
  });
  return {
    name: 'temporal-ui',
    command: join(programs, 'temporal-ui'),
    args: ['--root', places.config, '--config', 'temporal-ui', '--env', 'local', 'start'],
    env: { ...process.env, GOMEMLIMIT: '64MiB' },
    port,
    ready: () => checkHttp(`http://127.0.0.1:${port}/`, 'The Temporal UI'),
  };
}
