import { randomBytes } from 'node:crypto';
import type { DataConverter } from '@temporalio/common';
import type { TemporalConfig } from '#libs/platform/config';
import { connectTemporal, type TemporalClient } from '#libs/platform/temporal';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { testStack } from './test-stack.js';

/** Temporal as a test file uses it: its own task queue on the shared server. */
export function temporalTestConfig(taskQueue: string, port?: number): TemporalConfig {
  const { temporalAddress, temporalNamespace: namespace } = testStack();
  const address = port === undefined ? temporalAddress : `127.0.0.1:${port}`;
  return { address, namespace, tls: false, apiKey: null, taskQueue };
}

export function newTaskQueue(): string {
  return `t-${randomBytes(5).toString('hex')}`;
}

export function openTemporal(taskQueue: string, dataConverter: DataConverter): Promise<TemporalClient> {
  return connectTemporal(temporalTestConfig(taskQueue), dataConverter);
}

/** A way to the server that can be cut. */
export function startTemporalProxy(options: { down?: boolean } = {}): Promise<TcpProxy> {
  const [host = '', port = ''] = testStack().temporalAddress.split(':');
  return startTcpProxy({ host, port: Number(port) }, options);
}
