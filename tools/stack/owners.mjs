// @ts-check
import { join } from 'node:path';

/**
 * The locks of those who own processes of a profile, in the order in which they are stopped.
 * @param {import('../setup/places.mjs').ProfilePlaces} places
 */
export function ownerLocks(places) {
  return [
    { title: 'the programs that npm start runs', file: appsLock(places) },
    { title: 'the servers', file: stackLock(places) },
  ];
}

/** Held by who owns PostgreSQL, Kafka and Temporal. @param {import('../setup/places.mjs').ProfilePlaces} places */
export function stackLock(places) {
  return join(places.run, 'stack.lock');
}

/** Held by who owns the sandbox, api, bridge and worker. @param {import('../setup/places.mjs').ProfilePlaces} places */
export function appsLock(places) {
  return join(places.run, 'apps.lock');
}
