import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { AppError } from '#libs/kernel';
import { createLogger } from '#libs/platform/observability';
import {
  dial,
  guardedFetch,
  logRefusals,
  OUTGOING_PROTOCOLS,
  OutgoingGuard,
  PUBLIC_ONLY,
  type OutgoingPolicy,
} from '#libs/platform/outgoing';

const INSIDE: Record<string, readonly string[]> = {
  'dc1.inside.example': ['10.9.8.7'],
  'both.example': ['10.9.8.7', '10.9.8.8'],
  'db.inside.example': ['fd12:9876::5'],
  'self.example': ['127.0.0.77'],
  'link.example': ['169.254.7.7'],
  'meta.example': ['169.254.169.254'],
  'many.example': ['224.0.0.7'],
};
const ADDRESSES = /10\.9\.8\.|fd12|127\.0\.0\.77|169\.254|224\.0/;
const resolver = (host: string) => Promise.resolve([...INSIDE[host]!]);

/** All that an error says: message, fields, and what becomes of it as a problem. */
const saidBy = (error: AppError) =>
  JSON.stringify([error.message, error.stack, { ...error }, error.toProblem(), String(error.cause)]);

async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason as AppError,
  );
  if (error === null) throw new Error('It was not refused.');
  return error;
}

describe('an attacker who asks where our names lead (a map of the network inside)', () => {
  it.each([
    ['dc1.inside.example', 'private'],
    ['both.example', 'private'],
    ['db.inside.example', 'private'],
    ['self.example', 'loopback'],
    ['link.example', 'link-local'],
    ['meta.example', 'metadata'],
    ['many.example', 'reserved'],
  ])('is told of %s that it lies in a network of the kind “%s”, and our log the address', async (host, kind) => {
    const lines: string[] = [];
    const stopLogging = logRefusals(createLogger('test', 'warn', { write: (line) => void lines.push(line) }));
    const guard = new OutgoingGuard(PUBLIC_ONLY, resolver);
    const [first] = INSIDE[host]!;
    const ways = [
      () => guard.open({ host, port: 636, protocol: 'ldap' }),
      () => guardedFetch(guard)(`http://${host}:8080/`),
      () => guard.pin({ host, port: 25, protocol: 'smtp' }, first!),
    ];
    try {
      for (const way of ways) {
        const error = await refusalOf(way());
        expect(error.message).toContain(`${host} (${kind}, port `);
        expect(saidBy(error)).not.toMatch(ADDRESSES);
      }
    } finally {
      stopLogging();
    }
    expect(lines).toHaveLength(ways.length);
    for (const line of lines) expect(line).toContain(JSON.stringify(first));
  });

  it('is not told the address by a port that is closed, or silent', async () => {
    const network = { host: null, cidr: '127.0.0.77/32', ports: null, protocols: OUTGOING_PROTOCOLS };
    const policy: OutgoingPolicy = { allowances: [network], publicAddresses: 'listed' };
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.77', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const place = { host: 'self.example', port, protocol: 'ldap' } as const;
    const guard = new OutgoingGuard(policy, resolver);
    const closed = { message: `connect ECONNREFUSED self.example:${port}`, code: 'ECONNREFUSED' };
    await expect(guard.open(place)).rejects.toMatchObject(closed);
    // a network for documentation: nobody answers there, or our own router says that there is no way
    const silent = dial({ ...place, address: '192.0.2.77' }, { connectMs: 50 });
    const { message } = await refusalOf(silent);
    expect(message).toContain(`self.example:${port}`);
    expect(message).not.toContain('192.0.2');
  });
});
