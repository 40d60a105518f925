import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { systemClock } from '#libs/kernel';
import type { TemporalConfig } from '../config/index.js';

export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
  /** Rejects with the gRPC error unless the server reads our namespace from its own database within 4 s. */
  ping(): Promise<void>;
  stop(): Promise<void>;
}

/** The part of the connection's options that client and worker share. An API key (Temporal Cloud) implies TLS. */
export function temporalAddress(config: TemporalConfig): { address: string; tls: boolean; apiKey?: string } {
  return { address: config.address, tls: config.tls, ...(config.apiKey === null ? {} : { apiKey: config.apiKey }) };
}

const PING_LIMIT_MS = 4_000;

/**
 * A client that connects at its first call and again by itself, so that a process starts while the server is down. Each
 * call is tried three times within about half a second; its caller gives it a deadline and decides on more. Everything that it
 * sends and reads goes through `dataConverter` (`encryptedPayloads`).
 */
export function connectTemporal(config: TemporalConfig, dataConverter: DataConverter): Promise<TemporalClient> {
  const connection = Connection.lazy({
    ...temporalAddress(config),
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 3 }))],
    // the default backs off to two minutes: too long after a restart of the server
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 3_000 },
  });
  const client = new Client({ connection, namespace: config.namespace, dataConverter });
  return Promise.resolve({
    client,
    connection,
    namespace: config.namespace,
    ping: async () => {
      await connection.withDeadline(systemClock.now().getTime() + PING_LIMIT_MS, () =>
        connection.workflowService.describeNamespace({ namespace: config.namespace }),
      );
    },
    stop: () => connection.close(),
  });
}
