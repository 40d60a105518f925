import { randomUUID } from 'node:crypto';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import { readDevelopment, type Development } from '../../tools/demo/development.js';
import { StellwerkClient, UnexpectedAnswer } from '../../tools/demo/stellwerk-client.js';
import { eventually } from '../support/eventually.js';
import { blindConverter } from '../support/payloads.js';
import { testStack } from '../support/test-stack.js';

/** Through every program as they are shipped: HTTP → PostgreSQL → Kafka → Temporal → directory and back. */
const TENANT = 'nordlicht';

const NOT_FOUND = 5;

let development: Development;
let connection: Connection;
let temporal: Client;

beforeAll(async () => {
  const { devJson, temporalAddress, temporalNamespace } = testStack();
  development = readDevelopment(devJson);
  connection = await Connection.connect({ address: temporalAddress });
  temporal = new Client({ connection, namespace: temporalNamespace, dataConverter: blindConverter });
});
afterAll(() => connection?.close());

const as = (role: string, tenant = TENANT): StellwerkClient =>
  new StellwerkClient(development.api, development.keys[tenant]![role]!, tenant === 'msp' ? TENANT : undefined);

const inSeconds = (seconds: number): string => new Date(systemClock.now().getTime() + seconds * 1000).toISOString();

/** A person of nordlicht who is still at work. */
async function somebody(): Promise<string> {
  const { nordlicht } = await import('../../tools/sandbox/index.js');
  return nordlicht.people.at(-1)!.uid;
}

describe('a leaver’s request', () => {
  it('enters over HTTP and ends as a proven off-boarding whose history outlives the engine’s', async () => {
    const user = await somebody();
    const { id, status } = await as('requester').submit({
      type: 'offboarding',
      user,
      lastWorkingAt: inSeconds(3),
      steps: ['disable_sign_in', 'remove_phone_number'],
    });
    expect(status).toBe('planning');
    const { planHash } = await as('requester').untilStatus(id, ['awaiting_approval']);
    await as('approver').decide(id, 'approve', planHash!);
    const { runId } = await as('requester').untilStatus(id, ['closed']);
    const run = await as('auditor').run(runId!);
    expect(run).toMatchObject({ status: 'completed', steps: [{ outcome: 'succeeded' }, { outcome: 'succeeded' }] });

    const workflowId = `${TENANT}/offboarding/${id}`;
    // the engine's own end comes a moment after ours; a deletion asked for before that is dropped
    await temporal.workflow.getHandle(workflowId).result();
    const deletion = { namespace: temporal.options.namespace, workflowExecution: { workflowId } };
    await eventually(
      'Temporal forgot the run',
      () =>
        temporal.workflowService.deleteWorkflowExecution(deletion).then(
          () => false,
          (error: unknown) => isGrpcServiceError(error) && error.code === NOT_FOUND,
        ),
      45,
    );
    expect(await as('auditor').run(runId!)).toEqual(run);

    const back = await as('customer_admin').reinstate(runId!);
    const waiting = await as('requester').untilStatus(back.id, ['awaiting_approval']);
    await as('approver').decide(back.id, 'approve', waiting.planHash!);
    expect((await as('requester').untilStatus(back.id, ['closed'])).status).toBe('closed');
  });

  it('about somebody unknown is accepted, then refused with the directory’s problem', async () => {
    const { id } = await as('operator', 'msp').submit({
      type: 'offboarding',
      user: 'nobody.known',
      lastWorkingAt: inSeconds(3600),
    });
    const refused = await as('requester').untilStatus(id, ['refused']);
    expect(refused.problem).toMatchObject({ code: 'directory.user_not_found' });
    await expect(as('requester').plan(id)).rejects.toMatchObject({ status: 409, body: { code: 'plan.not_ready' } });
  });

  it('whose approval is forged stays waiting', async () => {
    const { id } = await as('requester').submit({
      type: 'offboarding',
      user: await somebody(),
      lastWorkingAt: inSeconds(3600),
    });
    const { planHash } = await as('requester').untilStatus(id, ['awaiting_approval']);
    await expect(as('approver').decide(id, 'approve', 'f'.repeat(64))).rejects.toMatchObject({
      status: 409,
      body: { code: 'plan.hash_mismatch' },
    });
    await expect(as('requester').decide(id, 'approve', planHash!)).rejects.toMatchObject({ status: 403 });
    await expect(as('approver', 'muster').decide(id, 'approve', planHash!)).rejects.toMatchObject({
      status: 404,
      body: { code: 'request.not_found' },
    });
    expect((await as('requester').request(id)).status).toBe('awaiting_approval');
    await as('approver').decide(id, 'reject', planHash!, 'only a test');
    const again = as('approver').decide(id, 'approve', planHash!);
    await expect(again).rejects.toBeInstanceOf(UnexpectedAnswer);
    await expect(again).rejects.toMatchObject({ status: 409 });
  });

  it('that was terminated in the engine is closed as lost', async () => {
    const { id } = await as('requester').submit({
      type: 'offboarding',
      user: await somebody(),
      lastWorkingAt: inSeconds(3600),
    });
    const { planHash } = await as('requester').untilStatus(id, ['awaiting_approval']);
    await as('approver').decide(id, 'approve', planHash!);
    await eventually('the run exists', async () => (await as('requester').request(id)).runId);
    await temporal.workflow.getHandle(`${TENANT}/offboarding/${id}`).terminate('by hand');
    const closed = await as('requester').untilStatus(id, ['closed'], 90);
    expect(closed.problem).toMatchObject({ code: 'process.engine_lost' });
    expect((await as('requester').run(closed.runId!)).status).toBe('failed');
  }, 120_000);

  it('sent from twenty callers at once under one key is one request', async () => {
    const key = randomUUID();
    const body = { type: 'offboarding', user: 'nobody.known', lastWorkingAt: inSeconds(3600) };
    const call = () =>
      as('requester')
        .call<{ id: string }>('POST', '/v1/requests', body, { 'idempotency-key': key })
        .catch((error: unknown) => (error as UnexpectedAnswer).status);
    const answers = await Promise.all(Array.from({ length: 20 }, call));
    const ids = new Set(answers.flatMap((answer) => (typeof answer === 'number' ? [] : [answer.id])));
    expect(ids.size).toBe(1);
    expect(answers.filter((answer) => typeof answer === 'number').every((status) => status === 409)).toBe(true);
  });
});
