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

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface HealthServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** A number of the metric, as Prometheus reads it. */
export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus' text format 0.0.4; samples of one name stand together. */
export function metricsText(samples: readonly Sample[]): string {
  const names = [...new Set(samples.map(({ name }) => name))];
  const lines = names.flatMap((name) => {
    const same = samples.filter((sample) => sample.name === name);
    return [
      `# HELP ${name} ${same[0]!.help}`,
      `# TYPE ${name} gauge`,
      ...same.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Serves `/health/live`, `/health/ready` and, where there are some, `/metrics` for a process that has no HTTP edge of its own. */
export async function startHealthServer(
  address: { host: string; port: number },
  checks: ReadinessChecks,
  metrics?: () => Promise<readonly Sample[]>,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/health/live') return send(200, { status: 'live' });
    if (request.url === '/metrics' && metrics)
      return void metrics().then(
        (samples) => response.writeHead(200, { 'content-type': METRICS_TYPE }).end(metricsText(samples)),
        () => send(503, { status: 'unavailable' }),
      );
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
