// @ts-check
import { join } from 'node:path';
import { attempt, run } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';
import { keptSecret } from './files.mjs';

const SERVICES = ['postgres', 'kafka', 'temporal', 'temporal-ui'];

/**
 * @typedef {{ places: import('../setup/places.mjs').ProfilePlaces, ports: import('./ports.mjs').Ports }} ComposeOptions
 */

/**
 * Brings up the servers of `docker-compose.yml` with their ports on this machine's loopback. Only for `STELLWERK_STACK=docker`.
 * @param {ComposeOptions & { progress: import('../setup/progress.mjs').Progress }} options
 * @returns {Promise<import('../setup/external.mjs').ExternalServers>}
 */
export async function composeStack({ places, ports, progress }) {
  if ((await attempt('docker', ['compose', 'version'])).status !== 0) {
    throw new Error(
      'STELLWERK_STACK=docker needs Docker with its compose plugin (docker compose version failed). Unset it to run the servers natively.',
    );
  }
  const log = join(places.logs, 'compose.log');
  await progress.step('docker compose up', () =>
    run('docker', composeArgs(['up', '--detach', '--wait', ...SERVICES]), { env: composeEnv({ places, ports }), log }),
  );
  return {
    postgres: {
      url: `postgres://postgres:${keptSecret(places.secrets, 'postgres')}@127.0.0.1:${ports.postgres}/postgres`,
    },
    kafka: { brokers: [`127.0.0.1:${ports.kafka}`] },
    temporal: { address: `127.0.0.1:${ports.temporalFrontend}`, apiKey: undefined, tls: false },
  };
}

/** Stops the containers; the volumes go only with `reset`. @param {ComposeOptions & { volumes: boolean }} options */
export async function composeDown({ places, ports, volumes }) {
  await run('docker', composeArgs(['down', ...(volumes ? ['--volumes'] : [])]), {
    env: composeEnv({ places, ports }),
    echo: true,
  });
}

/** @param {string[]} args */
function composeArgs(args) {
  // The override publishes the servers' ports; the production file itself publishes the API and the UI only.
  return [
    'compose',
    '--project-directory',
    root,
    '-f',
    join(root, 'docker-compose.yml'),
    '-f',
    join(root, 'tools', 'stack', 'docker-compose.local.yml'),
    ...args,
  ];
}

/** @param {ComposeOptions} options */
function composeEnv({ places, ports }) {
  return {
    ...process.env,
    STELLWERK_POSTGRES_PASSWORD: keptSecret(places.secrets, 'postgres'),
    STELLWERK_TEMPORAL_PASSWORD: keptSecret(places.secrets, 'temporal'),
    STELLWERK_DATABASE_ROLE_PASSWORD: keptSecret(places.secrets, 'databaseRoles'),
    STELLWERK_LOCAL_POSTGRES_PORT: String(ports.postgres),
    STELLWERK_LOCAL_KAFKA_PORT: String(ports.kafka),
    STELLWERK_LOCAL_TEMPORAL_PORT: String(ports.temporalFrontend),
    STELLWERK_TEMPORAL_UI_PORT: String(ports.temporalUi),
    COMPOSE_PROJECT_NAME: `stellwerk-${ports.api}`,
  };
}
