import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { diffSnapshots, readWrites, type DirectoryWrite } from '../../tools/sandbox/index.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;
const directory = () => harness.sandbox.directories[TENANT]!;
const probe = new DirectoryProbe(directory);

beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

/** Writes of the off-boarding of somebody with phone numbers and four groups or more: password, lock, phones, groups, move. */
const PLACES = [0, 1, 2, 3, 4, 5, 6, 7];

describe('an answer that is lost behind a write', () => {
  it.each(PLACES)(
    'after %i others: the run completes, each change is made once and can be taken back',
    async (afterWrites) => {
      const user = 'jana.keller';
      const first = await probe.snapshot();
      const known = (await readWrites(directory().access)).at(-1)?.key;
      directory().gate.hold.arm({ afterWrites });
      const request = await harness.submit({ user });
      await request.decide('approve');
      const held = await directory().gate.hold.whenHolding(45_000);
      expect(held.state).toBe('holding');
      directory().gate.hold.release('drop');
      await request.status('closed');
      const problems = (await request.steps()).map((step) => step.problem).filter((problem) => problem !== null);
      expect(problems).toEqual([]);
      expect((await request.run()).status).toBe('completed');
      expect(new Set(Object.values(await request.outcomes()))).toEqual(new Set(['succeeded']));
      expectEachChangeOnce(
        await readWrites(directory().access, { ...(known ? { after: known } : {}), actor: directory().access.bindDn }),
      );

      const back = await harness.reinstate({ runId: (await request.run()).id, user });
      await back.decide('approve');
      await back.status('closed');
      expect(diffSnapshots(first, await probe.snapshot())).toEqual([]);
    },
    150_000,
  );
});

/**
 * The directory's own log shows each change once, the password's aside: it is drawn once, and writing it again is a
 * repeat (it takes the lock with it and sets it anew).
 */
function expectEachChangeOnce(writes: readonly DirectoryWrite[]): void {
  const changes = writes
    .flatMap(({ dn, operation, changes: made }) => made.map((change) => `${dn} ${operation} ${change}`))
    .filter((change) => !/(userPassword|pwdAccountLockedTime|pwdReset):/.test(change));
  expect(changes.length).toBeGreaterThan(5);
  expect([...new Set(changes)]).toEqual(changes);
}
