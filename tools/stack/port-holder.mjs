// @ts-check
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { attempt } from '../setup/command.mjs';
import { processName } from '../setup/process-identity.mjs';

/** @typedef {{ name?: string | undefined, pid?: number, uid?: number }} PortHolder */

const LISTEN = '0A';

/**
 * Who listens on a TCP port of this machine. Only the process's own user and root may see its id; others get the user's id.
 * @param {number} port
 * @returns {Promise<PortHolder | undefined>}
 */
export async function portHolder(port) {
  return process.platform === 'linux' ? fromProc(port) : fromLsof(port);
}

/** @param {number} port @returns {PortHolder | undefined} */
function fromProc(port) {
  const socket = listeningSockets().find((entry) => entry.port === port);
  if (!socket) return undefined;
  const pid = processOfInode(socket.inode);
  return pid === undefined ? { uid: socket.uid } : { pid, name: processName(pid), uid: socket.uid };
}

function listeningSockets() {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => {
    try {
      return parseSocketTable(readFileSync(table, 'latin1'));
    } catch {
      return [];
    }
  });
}

/**
 * The listening sockets of a `/proc/net/tcp` table (proc(5)).
 * @param {string} text
 * @returns {{ port: number, uid: number, inode: string }[]}
 */
export function parseSocketTable(text) {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN)
    .map((fields) => ({
      port: parseInt(fields[1]?.split(':')[1] ?? '', 16),
      uid: Number(fields[7]),
      inode: fields[9] ?? '',
    }));
}

/** @param {string} inode */
function processOfInode(inode) {
  const wanted = `socket:[${inode}]`;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const descriptors = readdirSync(`/proc/${entry}/fd`);
      if (descriptors.some((fd) => linkOf(`/proc/${entry}/fd/${fd}`) === wanted)) return Number(entry);
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return undefined;
}

/** @param {string} path */
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** @param {number} port @returns {Promise<PortHolder | undefined>} */
async function fromLsof(port) {
  const { stdout } = await attempt('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)/m.exec(stdout)?.[1];
  return pid === undefined ? undefined : { pid: Number(pid), name: /^c(.+)/m.exec(stdout)?.[1] };
}
