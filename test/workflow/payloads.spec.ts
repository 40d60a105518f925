import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { newId } from '#libs/kernel';
import { engineTablesWith } from '../support/engine-database.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;
beforeAll(async () => {
  harness = await startProcessHarness();
});
afterAll(() => harness?.stop());

const planted = (): string => `geplant-${randomBytes(8).toString('hex')}`;
const rawHistory = async (handle: WorkflowHandle): Promise<string> => {
  const { events } = await handle.fetchHistory();
  return Buffer.concat(bytesIn(events)).toString('latin1') + JSON.stringify(events);
};

function bytesIn(message: unknown): Uint8Array[] {
  if (message instanceof Uint8Array) return [message];
  return typeof message === 'object' && message !== null ? Object.values(message).flatMap(bytesIn) : [];
}

describe('what a workflow was told', () => {
  it('can be read nowhere in Temporal’s databases, and by whoever has the tenant’s key', async () => {
    const reason = planted();
    const request = await harness.submit({ user: 'daniel.fuchs', steps: ['disable_sign_in'] });
    await request.decide('reject', reason);
    await request.status('rejected');
    await request.handle.result();
    expect(await rawHistory(request.handle)).not.toMatch(new RegExp(`${reason}|json/plain`));
    expect(await engineTablesWith(reason)).toEqual([]);
    // the id is no secret, so the search itself finds what is there
    expect(await engineTablesWith(request.id)).toContain('temporal.history_node');
    const readable = await harness.payloads.readableHistory(request.handle);
    expect(readable).toContain(reason);
    expect(readable).toContain('approver@muster');
  });

  it('goes on where a history began before payloads were encrypted', async () => {
    const plain = new Client({
      connection: harness.temporal.connection,
      namespace: harness.temporal.options.namespace,
    });
    const request = await harness.submit({ user: 'sven.lindner', steps: ['remove_phone_number'] });
    await request.status('awaiting_approval');
    const { plan_hash: planHash } = await request.row();
    const tell = await request.decideUntold('approve');
    // what a bridge of the version before would have sent: nothing that our tables do not know
    const strange = {
      eventId: newId(),
      decision: 'reject',
      revision: 7,
      planHash,
      decidedBy: 'x@muster',
      reason: null,
    };
    await plain.workflow.getHandle(request.handle.workflowId).signal('decision', strange);
    await tell();
    await request.status('closed');
    expect(await rawHistory(request.handle)).toContain('json/plain');
  });
});

describe('the message of a failure', () => {
  it('can be read nowhere in Temporal’s databases', async () => {
    const message = planted();
    const { namespace } = harness.temporal.options;
    const taskQueue = `test-${randomBytes(5).toString('hex')}`;
    const connection = await NativeConnection.connect({ address: harness.config.temporal.address });
    const common = { connection, namespace, dataConverter: harness.payloads.dataConverter };
    const codePath = join(process.cwd(), 'dist', 'workflows', 'bundle.js');
    const drawPlan = () => Promise.reject(new Error(`no answer from ${message}`));
    const workers = await Promise.all([
      Worker.create({ ...common, taskQueue, workflowBundle: { codePath } }),
      Worker.create({ ...common, taskQueue: `${taskQueue}-site-default`, activities: { drawPlan } }),
    ]);
    const running = workers.map((worker) => worker.run());
    const handle = await harness.temporal.workflow.start('offboarding', {
      workflowId: `muster/offboarding/${newId()}`,
      taskQueue,
      args: [{ tenant: 'muster', requestId: newId(), eventId: newId() }],
    });
    const failed = await eventually('the activity failed', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.find(({ lastFailure }) => lastFailure) ?? null;
    });
    expect(failed.lastFailure).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
    expect(await engineTablesWith(message)).toEqual([]);
    await handle.terminate();
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await connection.close();
  });
});
