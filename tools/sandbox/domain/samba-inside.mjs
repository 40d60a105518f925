// @ts-check
// Runs inside the namespaces of a domain controller: starts Samba there and connects it with the outside. Samba's ports
// are compiled in, so it has a network of its own; the sockets that listen on the host come through the channel to our
// parent, and each of their connections is passed on to Samba. Ends with Samba, and when the parent is gone.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const START_MS = 30_000;
const DRAIN_MS = 1_000;
const STOP_MS = 3_000;

const dir = process.argv[2] ?? '';

/** @type {Set<import('node:net').Server>} */
const listeners = new Set();
/** @type {Set<import('node:net').Socket>} */
const clients = new Set();
let stopping = false;

const samba = startSamba();
samba.once('error', (error) => report({ failed: error.message }));
samba.once('exit', (code) => process.exit(stopping ? 0 : (code ?? 1)));

process.on('message', (message, handle) => {
  if (message === 'drain') void drain();
  else if (handle) passOn(/** @type {import('node:net').Server} */ (handle), Number(message));
});
process.once('disconnect', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

await whenListening();

/** Every path is given: the folder is a copy, and its smb.conf names the one that it was made in. */
function startSamba() {
  // not `recursive`: where the folder was removed while this starts, Node would try without end
  if (!existsSync(`${dir}/run`)) mkdirSync(`${dir}/run`);
  rmSync(`${dir}/run/samba.pid`, { force: true });
  const options = {
    interfaces: '127.0.0.1/8',
    'bind interfaces only': 'yes',
    'server services': 'ldap',
    'pid directory': `${dir}/run`,
    'ncalrpc dir': `${dir}/run/ncalrpc`,
    'lock directory': dir,
    'state directory': `${dir}/state`,
    'cache directory': `${dir}/cache`,
    'private dir': `${dir}/private`,
    'binddns dir': `${dir}/bind-dns`,
    // Each write to the directory is a line of JSON on standard output, passwords left out.
    'log level': '0 dsdb_json_audit:5',
  };
  const given = Object.entries(options).map(([name, value]) => `--option=${name}=${value}`);
  const args = ['-i', '-M', 'single', '--no-process-group', '-s', `${dir}/etc/smb.conf`, ...given];
  return spawn('/usr/sbin/samba', args, { stdio: ['pipe', 'inherit', 'inherit'] });
}

/** @param {import('node:net').Server} listener @param {number} port */
function passOn(listener, port) {
  listeners.add(listener);
  listener.on('connection', (client) => {
    const server = connect(port, '127.0.0.1');
    clients.add(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      socket?.on('error', () => other?.destroy());
      socket?.on('close', () => other?.destroy());
    }
    client.once('close', () => clients.delete(client));
    client.pipe(server);
    server.pipe(client);
  });
}

/** Takes no new connections, lets those that are there come to their end for a moment, then stops. */
async function drain() {
  for (const listener of listeners) listener.close();
  const until = performance.now() + DRAIN_MS;
  while (clients.size > 0 && performance.now() < until) await delay(10);
  stop();
}

function stop() {
  if (stopping) return;
  stopping = true;
  samba.kill('SIGTERM');
  setTimeout(() => process.exit(0), STOP_MS).unref();
}

async function whenListening() {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    if (await answers(636)) return report('ready');
    await delay(20);
  }
  report({ failed: `Samba did not listen within ${START_MS / 1000} s` });
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      settle(true);
    });
    socket.on('error', () => settle(false));
  });
}

/** @param {unknown} message */
function report(message) {
  if (process.connected) process.send?.(message);
}
