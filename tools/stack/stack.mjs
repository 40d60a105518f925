// @ts-check
import { externalServers, fromDocker, temporalNamespace } from '../setup/external.mjs';
import { tryLock, unlock } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { Progress } from '../setup/progress.mjs';
import { ensureTools } from '../setup/steps.mjs';
import { composeStack } from './compose.mjs';
import { checkKafka, checkPostgres, checkTemporalFrontend, checkTemporalNamespace } from './health.mjs';
import { joinStack } from './join.mjs';
import { kafkaServer } from './kafka.mjs';
import { stackLock } from './owners.mjs';
import { stopLeftovers } from './pidfile.mjs';
import { assertFree, portsFrom, profileBase } from './ports.mjs';
import { postgresServer, postgresUrl } from './postgres.mjs';
import { Supervisor } from './supervisor.mjs';
import { ensureNamespace, prepareTemporalDatabases, temporalServer, temporalUiServer } from './temporal.mjs';

/** Started last, stopped first. */
export const stackServers = ['temporal-ui', 'temporal', 'kafka', 'postgres'];

/**
 * @typedef {object} Addresses
 * @property {string} postgresUrl a superuser's or administrator's address, ending in the database to connect to first
 * @property {string[]} kafkaBrokers
 * @property {import('./health.mjs').KafkaSecurity | undefined} kafkaSecurity undefined where Kafka runs here
 * @property {string} temporalAddress
 * @property {string} temporalNamespace
 * @property {string | undefined} temporalApiKey
 * @property {boolean} temporalTls
 * @property {string | undefined} temporalUi undefined where Temporal is given by address: its UI is elsewhere
 */
/**
 * @typedef {object} Stack
 * @property {Addresses} addresses
 * @property {{ slapdRoot: string, timeSkippingServer: string, chromium?: string, dovecotRoot?: string, sambaRoot?: string, sambaTemplate?: string }} caches
 * @property {import('../setup/places.mjs').ProfilePlaces} places
 * @property {import('./ports.mjs').Ports} ports
 * @property {boolean} attached whether another process owns the servers, so that `stop` leaves them alone
 * @property {(options?: { force?: boolean }) => Promise<void>} stop
 * @property {{ restart(name: string): Promise<void>, kill(name: string, signal?: NodeJS.Signals): Promise<void>, pid(name: string): number | undefined }} servers
 */

/**
 * Brings up PostgreSQL, Kafka, Temporal and its UI: from addresses in the environment, from Docker when asked, else
 * natively. Joins a stack of the same profile that already runs.
 * @param {object} [options]
 * @param {string} [options.profile] names the directories under `.stellwerk/`
 * @param {number} [options.portBase]
 * @param {(line: string) => void} [options.log] receives what happens to the servers later
 * @param {Progress} [options.progress]
 * @param {AbortSignal} [options.signal] ends the start; what was started is stopped
 * @returns {Promise<Stack>}
 * @throws PortsTaken, or an Error that says which server did not start and why
 */
export async function startStack({
  profile = 'dev',
  portBase = profileBase(profile),
  log = console.log,
  progress = new Progress(),
  signal,
} = {}) {
  const places = profilePlaces(profile);
  const ports = portsFrom(portBase);
  // Only tests use the time-skipping server; npm start need not fetch it.
  const tools = await ensureTools(progress, { testServer: profile !== 'dev' });
  const { slapdRoot, timeSkippingServer, chromium, dovecotRoot, samba } = tools;
  const caches = { slapdRoot, timeSkippingServer, chromium, dovecotRoot, ...samba };
  const lock = stackLock(places);
  const owner = tryLock(lock);
  if (owner) return { ...(await joinStack(places, owner.pid, portBase)), caches, places };
  const external = fromDocker() ? await composeStack({ places, ports, progress }) : externalServers();
  const supervisor = new Supervisor({
    places,
    stateFile: places.state,
    state: { profile, portBase, owner: process.pid },
    log,
  });
  const stop = async (/** @type {{ force?: boolean }} */ options = {}) => {
    await supervisor.stop(options);
    unlock(lock);
  };
  // Whoever waits for a server to become ready then fails at once instead of waiting on.
  signal?.addEventListener('abort', () => void supervisor.stop(), { once: true });
  try {
    await stopLeftovers(places.run, stackServers, log);
    const addresses = addressesOf(external, ports, places);
    await assertFree(neededPorts(external, ports), portBase);
    await startServers({ supervisor, progress, places, ports, tools, external, addresses, signal });
    supervisor.describe({ addresses });
    return { addresses, caches, places, ports, attached: false, stop, servers: controls(supervisor) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @typedef {object} StartOptions
 * @property {Supervisor} supervisor
 * @property {Progress} progress
 * @property {import('../setup/places.mjs').ProfilePlaces} places
 * @property {import('./ports.mjs').Ports} ports
 * @property {import('../setup/steps.mjs').Tools} tools
 * @property {import('../setup/external.mjs').ExternalServers} external
 * @property {Addresses} addresses
 * @property {AbortSignal | undefined} signal
 */

/** @param {StartOptions} options */
async function startServers(options) {
  /** @type {unknown[]} */
  const failures = [];
  const failed = async (/** @type {unknown} */ error) => {
    failures.push(error);
    // The other line then fails at once, instead of starting on unseen; the first failure is the one to tell.
    await options.supervisor.stop();
  };
  await Promise.all([startPostgresAndTemporal(options).catch(failed), startKafka(options).catch(failed)]);
  if (failures.length > 0) throw failures[0];
  options.signal?.throwIfAborted();
}

/** @param {StartOptions} options */
async function startKafka({ supervisor, progress, places, ports, tools, external, addresses }) {
  if (external.kafka) {
    await progress.step(`Kafka at ${addresses.kafkaBrokers.join(', ')}`, () =>
      given('STELLWERK_KAFKA_BROKERS', checkKafka(addresses.kafkaBrokers, addresses.kafkaSecurity)),
    );
    return;
  }
  await progress.step('Kafka', async () => {
    const jars = /** @type {string} */ (tools.kafka);
    await supervisor.start(
      await kafkaServer({ places, jars, port: ports.kafka, controllerPort: ports.kafkaController }),
    );
  });
}

/** @param {StartOptions} options */
async function startPostgresAndTemporal(options) {
  const { supervisor, progress, places, ports, external, addresses, signal } = options;
  if (external.postgres)
    await progress.step('PostgreSQL, given by address', () =>
      given('STELLWERK_POSTGRES_URL', checkPostgres(addresses.postgresUrl)),
    );
  else
    await progress.step('PostgreSQL', async () =>
      supervisor.start(await postgresServer({ places, port: ports.postgres })),
    );
  signal?.throwIfAborted();
  if (external.temporal)
    await progress.step(`Temporal at ${addresses.temporalAddress}`, () =>
      given('STELLWERK_TEMPORAL_ADDRESS', checkTemporal(temporalOf(addresses))),
    );
  else await startTemporal(options);
}

/** @param {StartOptions} options */
async function startTemporal({ supervisor, progress, places, ports, tools, external, addresses, signal }) {
  const programs = /** @type {string} */ (tools.temporal);
  const options = {
    places,
    programs,
    ports,
    adminUrl: addresses.postgresUrl,
    databases: databaseNames(external, ports),
  };
  const temporal = temporalOf(addresses);
  await progress.step("Temporal's database", () => prepareTemporalDatabases(options));
  signal?.throwIfAborted();
  await progress.step('Temporal', async () => {
    await supervisor.start(temporalServer(options));
    await supervisor.start(temporalUiServer({ places, programs, port: ports.temporalUi, temporal, api: ports.api }));
    await ensureNamespace(temporal);
  });
}

/**
 * @param {string} variable names the address in the error
 * @param {Promise<void>} check
 */
async function given(variable, check) {
  try {
    await check;
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new Error(`The server given in ${variable} does not answer as it should: ${reason}`, { cause: error });
  }
}

/** @param {import('./health.mjs').TemporalAddress} temporal */
async function checkTemporal(temporal) {
  // Temporal Cloud's namespaces are made there; a server of one's own may get ours.
  if (temporal.apiKey) return checkTemporalNamespace(temporal);
  await checkTemporalFrontend(temporal);
  await ensureNamespace(temporal);
}

/**
 * Two clones may share a PostgreSQL that was given by address, but two Temporal clusters must never share a database.
 * @param {import('../setup/external.mjs').ExternalServers} external
 * @param {import('./ports.mjs').Ports} ports
 */
function databaseNames(external, ports) {
  const suffix = external.postgres ? `_${ports.api}` : '';
  return { main: `temporal${suffix}`, visibility: `temporal_visibility${suffix}` };
}

/** @param {Addresses} addresses @returns {import('./health.mjs').TemporalAddress} */
function temporalOf({ temporalAddress, temporalNamespace: namespace, temporalApiKey, temporalTls }) {
  return { address: temporalAddress, namespace, apiKey: temporalApiKey, tls: temporalTls };
}

/**
 * @param {import('../setup/external.mjs').ExternalServers} external
 * @param {import('./ports.mjs').Ports} ports
 * @param {import('../setup/places.mjs').ProfilePlaces} places
 * @returns {Addresses}
 */
function addressesOf(external, ports, places) {
  return {
    postgresUrl: external.postgres?.url ?? postgresUrl({ places, port: ports.postgres }),
    kafkaBrokers: external.kafka?.brokers ?? [`127.0.0.1:${ports.kafka}`],
    kafkaSecurity: external.kafka && !fromDocker() ? kafkaSecurity() : undefined,
    temporalAddress: external.temporal?.address ?? `127.0.0.1:${ports.temporalFrontend}`,
    temporalNamespace: temporalNamespace(),
    temporalApiKey: external.temporal?.apiKey,
    temporalTls: external.temporal?.tls ?? false,
    temporalUi: external.temporal && !fromDocker() ? undefined : `http://127.0.0.1:${ports.temporalUi}`,
  };
}

/**
 * As the programs read it (`libs/platform/config`).
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {import('./health.mjs').KafkaSecurity}
 */
function kafkaSecurity(env = process.env) {
  const tls = env.STELLWERK_KAFKA_TLS ?? '';
  // A misspelt "on" must not send the login in the clear.
  if (!/^(true|1|false|0|)$/.test(tls)) throw new Error(`STELLWERK_KAFKA_TLS must be true or false, but is "${tls}".`);
  const username = env.STELLWERK_KAFKA_USERNAME;
  const login = username && {
    mechanism: env.STELLWERK_KAFKA_SASL_MECHANISM ?? 'scram-sha-512',
    username,
    password: env.STELLWERK_KAFKA_PASSWORD ?? '',
  };
  return { tls: tls === 'true' || tls === '1', login: login || undefined };
}

/**
 * @param {import('../setup/external.mjs').ExternalServers} external
 * @param {import('./ports.mjs').Ports} ports
 */
function neededPorts(external, ports) {
  const own = Object.entries(ports).filter(([name]) => {
    if (name === 'postgres') return !external.postgres;
    if (name.startsWith('kafka')) return !external.kafka;
    return name.startsWith('temporal') && !external.temporal;
  });
  return Object.fromEntries(own);
}

/** @param {Supervisor} supervisor @returns {Stack['servers']} */
function controls(supervisor) {
  return {
    restart: (name) => supervisor.server(name).restart(),
    kill: (name, signal = 'SIGKILL') => supervisor.server(name).kill(signal),
    pid: (name) => supervisor.server(name).pid,
  };
}
