// @ts-check
import { chownSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { findPostgres, prepareDataDir } from '../setup/postgres-binaries.mjs';
import { keptSecret, writePrivate } from './files.mjs';
import { checkPostgres } from './health.mjs';

/** @typedef {import('./managed-server.mjs').ServerSpec} ServerSpec */

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  fsync: 'on',
  password_encryption: 'scram-sha-256',
  log_timezone: 'UTC',
  timezone: 'UTC',
  // Enough to follow a stuck start or a slow query, without a line per connection.
  log_min_duration_statement: '2s',
};

/**
 * The superuser's address of a natively run PostgreSQL.
 * @param {{ places: import('../setup/places.mjs').ProfilePlaces, port: number }} options
 */
export function postgresUrl({ places, port }) {
  return `postgres://postgres:${keptSecret(places.secrets, 'postgres')}@127.0.0.1:${port}/postgres`;
}

/**
 * Creates the data directory when there is none, and describes how the server is started.
 * @param {{ places: import('../setup/places.mjs').ProfilePlaces, port: number }} options
 * @returns {Promise<ServerSpec>}
 */
export async function postgresServer({ places, port }) {
  const binaries = await findPostgres();
  const data = join(places.data, 'postgres');
  const [command = '', ...args] = [
    ...binaries.prefix,
    join(binaries.dir, 'bin', 'postgres'),
    '-D',
    data,
    '-p',
    String(port),
  ];
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(data, binaries, places);
  return {
    name: 'postgres',
    command,
    args: [...args, ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    port,
    ready: () => checkPostgres(postgresUrl({ places, port })),
    // "Fast": ends sessions instead of waiting for them.
    stopSignal: 'SIGINT',
    graceMs: 20_000,
  };
}

/**
 * @param {string} data
 * @param {import('../setup/postgres-binaries.mjs').PostgresBinaries} binaries
 * @param {import('../setup/places.mjs').ProfilePlaces} places
 */
async function initialise(data, binaries, places) {
  // Left by an initialisation that was broken off; it never held anything.
  rmSync(data, { recursive: true, force: true });
  await prepareDataDir(data, binaries);
  // Beside the data, not in `config`: as root, initdb can run as another user, who may not enter there.
  const passwordFile = join(places.data, 'postgres.password');
  writePrivate(passwordFile, `${keptSecret(places.secrets, 'postgres')}\n`);
  const [command = '', ...args] = [...binaries.prefix, join(binaries.dir, 'bin', 'initdb')];
  const options = ['-D', data, '-U', 'postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8'];
  try {
    if (binaries.owner) chownSync(passwordFile, binaries.owner.uid, binaries.owner.gid);
    await run(command, [...args, ...options, `--pwfile=${passwordFile}`], { log: join(places.logs, 'initdb.log') });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
