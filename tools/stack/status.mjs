// @ts-check
import { readFileSync } from 'node:fs';
import { lockHolder } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { appsLock, stackLock } from './owners.mjs';
import { readJson } from './files.mjs';
import { join } from 'node:path';

/**
 * Prints each server's condition.
 * @param {string} profile
 * @returns {Promise<boolean>} whether the servers run and all are ready
 */
export async function printStatus(profile) {
  const places = profilePlaces(profile);
  const owner = lockHolder(stackLock(places));
  if (!owner) {
    console.log('Not running. Start with: npm run stack -- up, or: npm start');
    return false;
  }
  const apps = lockHolder(appsLock(places));
  const state = readJson(places.state) ?? {};
  const servers = { ...state.servers, ...(apps ? readJson(join(places.base, 'apps.json'))?.servers : {}) };
  const rows = Object.entries(servers).map(([name, server]) => [
    name,
    server.condition,
    String(server.pid ?? '-'),
    String(server.port ?? '-'),
    server.pid ? `${megabytes(server.pid)} MB` : '-',
    String(server.restarts),
    server.startedAt ?? '-',
  ]);
  console.log(
    `Port base ${state.portBase}, supervisor pid ${owner.pid}${apps && apps.pid !== owner.pid ? `, npm start pid ${apps.pid}` : ''}`,
  );
  printTable([['server', 'condition', 'pid', 'port', 'memory', 'restarts', 'since'], ...rows]);
  const total = Object.values(servers).reduce((sum, server) => sum + (server.pid ? megabytes(server.pid) : 0), 0);
  console.log(`Resident together: ${total} MB (each shared page counted in parts, PSS)`);
  return Object.values(servers).every((server) => server.condition === 'ready');
}

/** @param {string[][]} rows */
export function printTable(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    console.log(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}`,
    );
}

/**
 * The proportional resident memory of a process and all its descendants (PostgreSQL forks one per session).
 * @param {number} pid
 */
export function megabytes(pid) {
  return Math.round(treeOf(pid).reduce((sum, member) => sum + pssKilobytes(member), 0) / 1024);
}

/** @param {number} pid @returns {number[]} */
function treeOf(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return [pid, ...children.flatMap(treeOf)];
  } catch {
    return [pid];
  }
}

/** @param {number} pid */
function pssKilobytes(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
