import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A named check: resolves when its part is ready, rejects with the reason when not. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<void>>>;

export interface HealthReport {
  readonly status: 'ready' | 'not_ready';
  readonly checks: Readonly<Record<string, string>>;
}

/** Runs all checks side by side. */
export async function checkReadiness(checks: ReadinessChecks): Promise<HealthReport> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const answer = await check().then(
        () => 'ok',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      return [name, answer] as const;
    }),
  );
  return {
    status: entries.every(([, answer]) => answer === 'ok') ? 'ready' : 'not_ready',
    checks: Object.fromEntries(entries),
  };
}

export interface HealthServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves `/health/live` and `/health/ready` for a process that has no HTTP edge of its own. */
export async function startHealthServer(
  address: { host: string; port: number },
  checks: ReadinessChecks,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/health/live') return send(200, { status: 'live' });
    if (request.url !== '/health/ready') return send(404, { status: 'unknown' });
    void checkReadiness(checks).then((report) => send(report.status === 'ready' ? 200 : 503, report));
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(address.port, address.host, resolve),
  );
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
