import { randomUUID, createHash } from 'node:crypto';
import { offboardingSubmitted } from '#libs/events';
import { openDatabase } from '#libs/platform/database';
import { OutboxHint } from '#libs/platform/outbox';
import { AcceptRequests, type DrawRequest } from '#libs/requests';
import { OFFBOARDING_STEPS, type OffboardingBody } from '#libs/requests/model';
import { POOL, TENANT, type World } from './world.js';

/** Steps of a run: all of the off-boarding's, on the day, and two that tell somebody. */
export const STEPS_PER_RUN = OFFBOARDING_STEPS.length + 2;

/** Accepts so many leavers by the shipped use case, as the API does. Gives the requests' ids. */
export async function submitLeavers(world: World, count: number): Promise<string[]> {
  const database = openDatabase({ url: world.env('api')['STELLWERK_DATABASE_URL']!, poolSize: POOL }, 'bench');
  const hint = new OutboxHint(database);
  const requests = new AcceptRequests(database, hint);
  const requester = { subject: `requester@${TENANT}`, decides: false, confirmsFor: [] };
  try {
    const accepted = Array.from({ length: count }, () => {
      const key = randomUUID();
      const call = { tenant: TENANT, caller: 'bench', key, fingerprint: createHash('sha256').update(key).digest() };
      return requests.accept(call, requester, 'offboarding', leaver(`leaver.${key}`));
    });
    return (await Promise.all(accepted)).map(({ id }) => id);
  } finally {
    hint.stop();
    await database.destroy();
  }
}

function leaver(user: string): DrawRequest {
  return ({ at }) => ({
    subject: user,
    body: leaverBody(user, at),
    submitted: offboardingSubmitted,
    templateVersion: null,
  });
}

/** A leaver whose last hour is `at`, with every step on that day, so that an approved run begins at once. */
export function leaverBody(user: string, at: Date): OffboardingBody {
  return {
    type: 'offboarding',
    user,
    lastWorkingAt: at.toISOString(),
    startsAt: at.toISOString(),
    steps: OFFBOARDING_STEPS,
    timeZone: 'Europe/Berlin',
    offsets: { delete_user: 0 },
    reference: 'bench',
    notify: { mail: ['hr@muster.example'], webhook: 'https://muster.example/hook' },
  };
}
