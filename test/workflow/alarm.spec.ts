import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import { raiseEmergencyRefusal } from '#libs/identity';
import { newId } from '#libs/kernel';
import { inTenants, openDatabase } from '#libs/platform/database';
import { alarmNewsSignal, servedIdOf, type ServedInput } from '#workflows';
import type { AlarmMails, AlarmRecords } from '../../workflows/support/activities.js';
import { PersonFactory } from '../support/api/people.factory.js';
import { ended, mailTo } from '../support/mailed.js';
import { startProcessHarness, type ProcessHarness } from '../support/process-harness.js';
import { startTimeSkipping } from '../support/time-skipping.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment?.teardown());

const taskQueue = 'alarm-test';

/** Owners who are told; the alarm is acknowledged once it was told so often. */
function recorded(told: number[], until: number): AlarmRecords & AlarmMails {
  return {
    isAlarmOpen: () => Promise.resolve(told.length < until),
    tellOwners: ({ number }) => {
      told.push(number);
      return Promise.resolve();
    },
  };
}

async function run(told: number[], until: number): Promise<number> {
  const { nativeConnection: connection } = environment;
  const id = '01975d1c-7a00-7000-8000-000000000013';
  const workflowId = `msp/alarm/${id}-${until}`;
  const activities = recorded(told, until);
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: 'dist/workflows/bundle.js' },
    activities,
  });
  const mails = await Worker.create({ connection, taskQueue: `${taskQueue}-site-default`, activities });
  const execute = environment.client.workflow.execute('alarm', {
    workflowId,
    taskQueue,
    args: [{ tenant: 'msp', id }],
  });
  await worker.runUntil(mails.runUntil(execute));
  const { raw } = await environment.client.workflow.getHandle(workflowId).describe();
  const { startTime, closeTime } = raw.workflowExecutionInfo!;
  return (Number(closeTime!.seconds) - Number(startTime!.seconds)) / 3_600;
}

it('tells owners of an alarm again and again, until one of them acknowledges it', async () => {
  const told: number[] = [];
  const hours = await run(told, 30);
  expect(told).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  // four times within an hour, hourly through the first day, then every six hours
  expect(Math.round(hours)).toBe(1 + 23 + 3 * 6);
});

describe('an alarm', () => {
  let harness: ProcessHarness;
  beforeAll(async () => {
    harness = await startProcessHarness();
  });
  afterAll(() => harness?.stop());

  it('of somebody who tries the emergency account reaches every owner by mail, those too whom it locked, and nobody else, until one acknowledges it', async () => {
    const { admin } = harness.database;
    const personId = await PersonFactory.at('msp').named('tresor').from('emergency').granted('owner', 'all').in(admin);
    await PersonFactory.at('msp').named('olga').granted('owner', 'all').in(admin);
    await PersonFactory.at('msp').named('lars').granted('owner', 'all').in(admin);
    await PersonFactory.at('msp').named('timo').granted('technician', 'all').in(admin);
    // the command that makes such an account asks for no address
    await admin.updateTable('people').set({ mail: null }).where('id', '=', personId).execute();
    const account = { tenant: 'msp', personId, subject: 'tresor@msp' };
    const asApi = openDatabase({ url: harness.database.urlFor('api'), poolSize: 1 }, 'test-alarm');
    await inTenants(asApi, ['msp'], (tx) => raiseEmergencyRefusal(tx, account, 'not_verified'));
    // whoever used it shuts out an owner before anybody is told
    await inTenants(asApi, ['msp'], (tx) =>
      tx.updateTable('people').set({ status: 'locked' }).where('subject', '=', 'lars@msp').execute(),
    );
    await asApi.destroy();
    const { id } = await admin.selectFrom('alarms').select('id').executeTakeFirstOrThrow();
    const handle = await harness.temporal.workflow.start('alarm', {
      workflowId: servedIdOf('msp', 'alarm', id),
      taskQueue: harness.config.temporal.taskQueue,
      args: [{ tenant: 'msp', id } satisfies ServedInput],
    });

    const mail = await mailTo(harness, 'olga@msp.example');
    expect(mail.text).toContain('tresor');
    expect((await mailTo(harness, 'lars@msp.example')).text).toContain('tresor');
    const acknowledged = {
      acknowledged_at: sql<Date>`now()`,
      acknowledged_by: 'olga@msp',
      acknowledged_for: 'A drill.',
    };
    await admin.updateTable('alarms').set(acknowledged).where('id', '=', id).execute();
    await handle.signal(alarmNewsSignal, { eventId: newId() });
    await ended(handle);
    expect(new Set(harness.sandbox.mail.mails.list().flatMap(({ to }) => to))).toEqual(
      new Set(['olga@msp.example', 'lars@msp.example']),
    );
  });
});
