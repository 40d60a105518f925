import { setTimeout as wait } from 'node:timers/promises';
import { TENANT, type World } from './world.js';

const LOOK_MS = 40;
const PLANNED_WITHIN_MS = 300_000;
const ENDED_WITHIN_MS = 300_000;

/** Resolves when all of these requests wait for approval. */
export async function untilPlanned(world: World, ids: readonly string[]): Promise<void> {
  const deadline = performance.now() + PLANNED_WITHIN_MS;
  while ((await countInStatus(world, ids, 'awaiting_approval')) < ids.length) {
    if (performance.now() > deadline) throw new Error('The runs were not planned in time.');
    await wait(200);
  }
}

/** Approves requests by the API, so many under way at once, and resolves when all are closed and no event is unsent. */
export async function approveRuns(world: World, api: string, ids: readonly string[], atOnce: number): Promise<void> {
  const { rows } = await world.database.query<{ id: string; plan_hash: string }>(
    'SELECT id, plan_hash FROM requests WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
    [TENANT, ids],
  );
  const deadline = performance.now() + ENDED_WITHIN_MS;
  let approved = 0;
  for (let closed = 0; closed < rows.length; closed = await countInStatus(world, ids, 'closed')) {
    const free = rows.slice(approved, closed + atOnce);
    approved += free.length;
    await Promise.all(free.map((row) => approve(api, world.keys.approver, row.id, row.plan_hash)));
    if (performance.now() > deadline) throw new Error(`${closed} of ${rows.length} runs ended in time.`);
    await wait(LOOK_MS);
  }
  while ((await countUnsent(world)) > 0) await wait(LOOK_MS / 4);
}

/** What our tables hold of these requests' runs. */
export async function countOurs(world: World, ids: readonly string[]) {
  const { rows } = await world.database.query<Record<'completed' | 'steps' | 'events' | 'lines', number>>(
    `WITH run AS (SELECT tenant_id, id, status FROM runs WHERE tenant_id = $1 AND request_id = ANY ($2::uuid[]))
     SELECT (SELECT count(*)::int FROM run WHERE status = 'completed') AS completed,
       (SELECT count(*)::int FROM run JOIN run_steps s ON s.tenant_id = run.tenant_id AND s.run_id = run.id WHERE s.outcome = 'succeeded') AS steps,
       (SELECT count(*)::int FROM run JOIN outbox o ON o.tenant_id = run.tenant_id AND o.key = run.tenant_id || '/run/' || run.id WHERE o.sent_at IS NOT NULL) AS events,
       (SELECT count(*)::int FROM run JOIN run_timeline t ON t.tenant_id = run.tenant_id AND t.run_id = run.id
        WHERE t.kind IN ('before_image_recorded', 'step_ended')) AS lines`,
    [TENANT, ids],
  );
  const found = rows[0]!;
  return { ...found, linesExpected: 2 * found.steps };
}

async function countInStatus(world: World, ids: readonly string[], status: string): Promise<number> {
  const { rows } = await world.database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM requests WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND status = $3',
    [TENANT, ids, status],
  );
  return rows[0]!.count;
}

async function countUnsent(world: World): Promise<number> {
  const { rows } = await world.database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM outbox WHERE sent_at IS NULL',
  );
  return rows[0]!.count;
}

async function approve(api: string, key: string, id: string, planHash: string): Promise<void> {
  const response = await fetch(`${api}/v1/requests/${id}/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ decision: 'approve', planHash }),
  });
  if (response.status !== 200)
    throw new Error(`An approval was answered with ${response.status}: ${await response.text()}`);
}
