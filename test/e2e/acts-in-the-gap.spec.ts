import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import { readDevelopment, readPid, type Development } from '../../tools/demo/development.js';
import { StellwerkClient } from '../../tools/demo/stellwerk-client.js';
import { nordlicht } from '../../tools/sandbox/index.js';
import { eventually } from '../support/eventually.js';
import { testStack } from '../support/test-stack.js';

/** Between an act's commit and its signal lie the outbox, Kafka and the bridge: here the bridge is away meanwhile. */
const TENANT = 'nordlicht';
const { devJson, runDir } = testStack();
const bridges = ['bridge', 'bridge-2'].filter((name) => existsSync(join(runDir, `${name}.pid`)));
const holdOf = (name: string): string => join(runDir, `${name}.hold`);

let development: Development;
beforeAll(() => {
  development = readDevelopment(devJson);
});
afterEach(() => bringBack());

const as = (role: string): StellwerkClient =>
  new StellwerkClient(
    development.api,
    development.keys[role === 'operator' ? 'msp' : TENANT]![role]!,
    role === 'operator' ? TENANT : undefined,
  );

/** The bridges end after what they are in, and stay down. */
async function holdDown(): Promise<void> {
  for (const name of bridges) {
    const pid = readPid(runDir, name);
    writeFileSync(holdOf(name), '');
    process.kill(pid, 'SIGTERM');
    await eventually(`${name} has ended`, () => !isAlive(pid), 30);
  }
}

function bringBack(): void {
  for (const name of bridges) rmSync(holdOf(name), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** An approved off-boarding that waits for tomorrow. */
async function waiting(user: string): Promise<{ readonly id: string; readonly runId: string }> {
  const lastWorkingAt = new Date(systemClock.now().getTime() + 86_400_000).toISOString();
  const steps = ['disable_sign_in', 'remove_phone_number'];
  const { id } = await as('requester').submit({ type: 'offboarding', user, lastWorkingAt, steps });
  const { planHash } = await as('requester').untilStatus(id, ['awaiting_approval']);
  await as('approver').decide(id, 'approve', planHash!);
  const runId = await eventually(
    'its run waits',
    async () => {
      const { runId: run } = await as('requester').request(id);
      return run !== undefined && run !== null && (await as('auditor').run(run)).status === 'waiting' ? run : null;
    },
    60,
  );
  return { id, runId };
}

const outcomesOf = async (runId: string) =>
  Object.fromEntries((await as('auditor').run(runId)).steps.map((step) => [step.id, step.outcome]));

describe('acts that are given while the bridge is away', () => {
  it('are final at once, and taken when it is back', async () => {
    // whom no other test of the programs takes, and who needs no second person
    const [paused, cancelled, lockedOut] = await Promise.all(
      [5, 6, 7].map((index) => waiting(nordlicht.people.at(-index)!.uid)),
    );
    await holdDown();
    await as('operator').act(paused!.id, { act: 'pause', reason: 'Somebody has to look first.' });
    await as('operator').act(cancelled!.id, { act: 'cancel', reason: 'They stay.' });
    await as('customer_admin').act(lockedOut!.id, { act: 'lock_out', reason: 'Dismissed today.' });
    await expect(as('operator').act(paused!.id, { act: 'pause', reason: 'Twice.' })).rejects.toMatchObject({
      status: 409,
      body: { code: 'act.not_possible' },
    });
    bringBack();
    await eventually(
      'the run is cancelled',
      async () => (await as('auditor').run(cancelled!.runId)).status === 'cancelled',
      60,
    );
    await eventually(
      'the leaver is locked out',
      async () => (await outcomesOf(lockedOut!.runId))['disable_sign_in'] === 'succeeded',
      60,
    );
    expect(await outcomesOf(lockedOut!.runId)).toMatchObject({ remove_phone_number: null });
    expect(await outcomesOf(paused!.runId)).toEqual({ disable_sign_in: null, remove_phone_number: null });

    await as('operator').act(paused!.id, { act: 'cancel', reason: 'Enough of it.' });
    await as('operator').act(lockedOut!.id, { act: 'cancel', reason: 'Enough of it.' });
    for (const { runId } of [paused!, lockedOut!])
      await eventually('it has ended', async () => (await as('auditor').run(runId)).status === 'cancelled', 60);
  }, 180_000);
});
