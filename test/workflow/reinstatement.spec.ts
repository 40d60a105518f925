import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'ldapts';
import type { Plan } from '#libs/process/model';
import { diffSnapshots, initialPassword } from '../../tools/sandbox/index.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';

let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

async function offboard(user: string): Promise<string> {
  const request = await harness.submit({ user });
  await request.decide('approve');
  await request.status('closed');
  const run = await request.run();
  expect(run.status).toBe('completed');
  return run.id;
}

async function planOf(request: SubmittedRequest): Promise<Plan> {
  await request.status('awaiting_approval');
  const row = await harness.database.admin
    .selectFrom('plans')
    .selectAll()
    .where('request_id', '=', request.id)
    .orderBy('revision', 'desc')
    .executeTakeFirstOrThrow();
  return row.plan as Plan;
}

describe('reinstating', () => {
  it('brings the user back to the first state in all but the password', async () => {
    const user = 'jana.keller';
    const first = await probe.snapshot();
    const runId = await offboard(user);
    const request = await harness.reinstate({ runId, user });
    const plan = await planOf(request);
    expect(plan.steps.map((step) => step.id).sort()).toEqual([
      'new_password',
      'undo_disable_sign_in',
      'undo_move_to_leavers',
      'undo_remove_from_groups',
      'undo_remove_phone_number',
    ]);
    expect(plan.remarks).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'reinstatement.new_password' })]),
    );
    await request.decide('approve');
    await request.status('closed');
    expect((await request.run()).status).toBe('completed');
    expect(diffSnapshots(first, await probe.snapshot())).toEqual([]);
    const { url } = harness.sandbox.directories[TENANT]!.access;
    const client = new Client({ url });
    await expect(client.bind(probe.dnOf(user), initialPassword(TENANT, user))).rejects.toThrow();
    await client.unbind();
  });

  it('leaves what others changed since, and says so in the plan', async () => {
    const user = 'daniel.fuchs';
    const runId = await offboard(user);
    const { dn } = await probe.entryOf(user);
    await probe.replace(dn, 'telephoneNumber', ['+49 221 555']);
    const request = await harness.reinstate({ runId, user });
    const plan = await planOf(request);
    const kept = plan.steps.find((step) => step.id === 'undo_remove_phone_number')!.effect.kept;
    expect(kept).toEqual([expect.objectContaining({ field: 'telephoneNumber', recordedAfter: null })]);
    expect(plan.remarks).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'reinstatement.changed_since' })]),
    );
    await request.decide('approve');
    await request.status('closed');
    expect((await probe.entryOf(user))['telephoneNumber']).toEqual(['+49 221 555']);
  });

  it('brings back what others changed when it was chosen', async () => {
    const user = 'heike.brandt';
    const before = await probe.entryOf(user);
    const runId = await offboard(user);
    const { dn } = await probe.entryOf(user);
    await probe.replace(dn, 'telephoneNumber', ['+49 221 556']);
    const request = await harness.reinstate({ runId, user, overwrite: ['remove_phone_number:.#telephonenumber'] });
    await request.decide('approve');
    await request.status('closed');
    expect((await probe.entryOf(user))['telephoneNumber']).toEqual(before['telephoneNumber']);
  });

  it('of a deleted user is refused with the reason', async () => {
    const user = 'oliver.stein';
    const runId = await offboard(user);
    const { dn } = await probe.entryOf(user);
    await probe.asAdministrator((client) => client.del(dn));
    const request = await harness.reinstate({ runId, user });
    const row = await request.status('refused');
    expect(row.problem).toMatchObject({ code: 'connector.identity_drift' });
  });
});
