import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '#libs/events';
import { eventually } from '../../support/eventually.js';
import { startKafkaProxy } from '../../support/kafka.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { startTemporalProxy } from '../../support/temporal.js';
import { testStack } from '../../support/test-stack.js';
import { RECONCILER, workflowIdOf } from '#workflows';
import type { RunningBridge } from '../../../apps/bridge/create-bridge.js';
import { BridgeFixture, TENANT } from './bridge-fixture.js';

let fixture: BridgeFixture;
const proxies: TcpProxy[] = [];
const bridges: RunningBridge[] = [];

beforeAll(async () => {
  fixture = await BridgeFixture.create();
});
afterEach(async () => {
  for (const bridge of bridges.splice(0)) await fixture.stopBridge(bridge);
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
});
afterAll(() => fixture.stop());

async function startBridge(ports: Parameters<BridgeFixture['startBridge']>[0]): Promise<RunningBridge> {
  const bridge = await fixture.startBridge(ports);
  bridges.push(bridge);
  return bridge;
}

async function through(starting: Promise<TcpProxy>): Promise<TcpProxy> {
  const proxy = await starting;
  proxies.push(proxy);
  return proxy;
}

const postgresProxy = (options?: { down: boolean }) => {
  const { hostname, port } = new URL(testStack().postgresUrl);
  return through(startTcpProxy({ host: hostname, port: Number(port) }, options));
};

async function readiness(bridge: RunningBridge): Promise<{ status: string; checks: Record<string, string> }> {
  const answer = await fetch(`http://127.0.0.1:${bridge.healthPort}/health/ready`);
  return (await answer.json()) as { status: string; checks: Record<string, string> };
}

const isReady = (bridge: RunningBridge) =>
  eventually('the bridge is ready', async () => (await readiness(bridge)).status === 'ready', 60);

async function submit(): Promise<string> {
  const requestId = await fixture.seedRequest();
  await fixture.submit(requestId);
  return requestId;
}

const isStarted = (requestId: string) =>
  eventually(
    'the workflow is started',
    () => fixture.temporal.client.workflow.getHandle(workflowIdOf(TENANT, 'offboarding', requestId)).describe(),
    60,
  );

describe('the bridge', () => {
  it('starts while every server is down and begins when they come up', async () => {
    const kafka = await through(startKafkaProxy({ down: true }));
    const temporal = await through(startTemporalProxy({ down: true }));
    const postgres = await postgresProxy({ down: true });
    const bridge = await startBridge({ kafka: kafka.port, temporal: temporal.port, postgres: postgres.port });
    const requestId = await submit();
    const { status, checks } = await readiness(bridge);
    expect(status).toBe('not_ready');
    for (const name of ['postgresql', 'kafka', 'temporal']) expect(checks[name]).not.toBe('ok');
    await Promise.all([kafka.restore(), temporal.restore(), postgres.restore()]);
    await isStarted(requestId);
    await isReady(bridge);
  });

  it('waits for Temporal without losing its place, and goes on', async () => {
    const temporal = await through(startTemporalProxy());
    const bridge = await startBridge({ temporal: temporal.port });
    await isReady(bridge);
    await temporal.cut();
    const requestIds = await Promise.all(Array.from({ length: 20 }, submit));
    await eventually('all is relayed', async () => (await fixture.unsent()) === 0);
    await eventually('readiness names Temporal', async () => (await readiness(bridge)).checks['temporal'] !== 'ok');
    await expect(eventually('a place moves', async () => (await fixture.lag(topics)) < 20, 2)).rejects.toThrow(
      'not within',
    );
    await temporal.restore();
    await Promise.all(requestIds.map(isStarted));
    await eventually('all is committed', async () => (await fixture.lag(topics)) === 0);
    expect(await fixture.database.admin.selectFrom('dead_letters').selectAll().execute()).toEqual([]);
  });

  it('waits for PostgreSQL without losing its place, and goes on', async () => {
    const postgres = await postgresProxy();
    const bridge = await startBridge({ postgres: postgres.port });
    await isReady(bridge);
    const before = await submit();
    await isStarted(before);
    await postgres.cut();
    const requestId = await submit();
    await eventually('readiness names PostgreSQL', async () => (await readiness(bridge)).checks['postgresql'] !== 'ok');
    await postgres.restore();
    await isStarted(requestId);
    await eventually('all is committed', async () => (await fixture.lag(topics)) === 0);
  });

  it('waits for Kafka and joins its group again', async () => {
    const kafka = await through(startKafkaProxy());
    const bridge = await startBridge({ kafka: kafka.port });
    await isReady(bridge);
    await kafka.cut();
    const requestId = await submit();
    await eventually('readiness names Kafka', async () => (await readiness(bridge)).checks['kafka'] !== 'ok');
    await kafka.restore();
    await isStarted(requestId);
    await isReady(bridge);
    await eventually('all is committed', async () => (await fixture.lag(topics)) === 0);
  });

  it('shares the partitions with another bridge, which takes over what it leaves', async () => {
    const first = await startBridge({});
    await isReady(first);
    const before = await Promise.all(Array.from({ length: 20 }, submit));
    const second = await startBridge({});
    await isReady(second);
    const meanwhile = await Promise.all(Array.from({ length: 20 }, submit));
    await fixture.stopBridge(bridges.shift()!);
    const after = await Promise.all(Array.from({ length: 20 }, submit));
    await Promise.all([...before, ...meanwhile, ...after].map(isStarted));
    await eventually('all is committed', async () => (await fixture.lag(topics)) === 0);
    expect(await fixture.database.admin.selectFrom('dead_letters').selectAll().execute()).toEqual([]);
  });

  it('sees to it that the reconciler runs', async () => {
    const bridge = await startBridge({});
    await isReady(bridge);
    const workflowId = `${RECONCILER.workflowId}/${fixture.taskQueue}`;
    const description = await eventually('the reconciler runs', () =>
      fixture.temporal.client.workflow.getHandle(workflowId).describe(),
    );
    expect(description).toMatchObject({ type: RECONCILER.workflowType, status: { name: 'RUNNING' } });
  });
});
