import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  dialTls,
  guardedFetch,
  mailTransport,
  openLdapClient,
  OUTGOING_PROTOCOLS,
  OutgoingGuard,
  PUBLIC_ONLY,
  type FetchOptions,
  type OutgoingAllowance,
  type OutgoingPolicy,
} from '#libs/platform/outgoing';
import { ensureTlsIdentity, type TlsIdentity } from '../../../tools/sandbox/directory/certificate.js';
import { DnsServer } from '../../support/dns-server.js';
import { eventually } from '../../support/eventually.js';
import { Resources } from '../sandbox/sandbox-fixture.js';

const resources = new Resources();
afterAll(() => resources.cleanUp());

const MEGABYTE = 1024 * 1024;
let victim: { readonly port: number; calls: number };
let answer: RequestListener;
let port: number;
let tls: TlsIdentity;
let tlsPort: number;

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  resources.add(server, () => server.close());
  resources.add(server, () => server.closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** Lets these networks through, and public addresses only when they are listed. */
function allowing(...cidrs: string[]): OutgoingPolicy {
  const allowance = { host: null, ports: null, protocols: OUTGOING_PROTOCOLS } satisfies Partial<OutgoingAllowance>;
  return { allowances: cidrs.map((cidr) => ({ ...allowance, cidr })), publicAddresses: 'open' };
}

const LOOPBACK = allowing('127.0.0.0/8', '::1/128');

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'it went through',
    (error: unknown) => (error as { readonly code?: unknown }).code ?? error,
  );
}

beforeAll(async () => {
  tls = ensureTlsIdentity(resources.folder());
  victim = { calls: 0, port: 0 };
  const secret: RequestListener = (_request, response) => {
    victim.calls += 1;
    response.end('the secret of this machine');
  };
  victim = Object.assign(victim, { port: await listen(createServer(secret), '::') });
  port = await listen(
    createServer((request, response) => answer(request, response)),
    '0.0.0.0',
  );
  const verified = createTlsServer({ cert: tls.cert, key: tls.key }, (_request, response) => response.end('ok'));
  tlsPort = await listen(verified, '0.0.0.0');
});
beforeEach(() => {
  victim.calls = 0;
  answer = (_request, response) => response.end('ok');
});

describe('an attacker who chooses the address', () => {
  it.each([
    ['this machine', '127.0.0.1'],
    ['this machine by name', 'localhost'],
    ['this machine by name with a dot', 'localhost.'],
    ['another address of this machine', '127.9.9.9'],
    ['a short form', '127.1'],
    ['one number', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['full-width digits', '１２７.0.0.1'],
    ['IPv6', '[::1]'],
    ['IPv4 mapped to IPv6', '[::ffff:127.0.0.1]'],
    ['IPv4 mapped to IPv6, in hexadecimal', '[::ffff:7f00:1]'],
    ['IPv4-compatible IPv6', '[::7f00:1]'],
    ['NAT64', '[64:ff9b::7f00:1]'],
    ['6to4', '[2002:7f00:1::]'],
    ['Teredo', '[2001:0:4136:e378:8000:63bf:80ff:fffe]'],
    ['nothing specified', '0.0.0.0'],
    ['nothing specified in IPv6', '[::]'],
  ])('does not reach this machine by %s (%s)', async (_name, host) => {
    const url = `http://${host}:${victim.port}/`;
    expect(await codeOf(guardedFetch(PUBLIC_ONLY)(url))).toMatch(/^outgoing\.(not_allowed|address_forbidden)$/);
    for (const protocol of ['ldap', 'smtp', 'ssh'] as const)
      expect(await codeOf(new OutgoingGuard(PUBLIC_ONLY).open({ host, port: victim.port, protocol }))).toMatch(
        /^outgoing\.(not_allowed|address_forbidden)$/,
      );
    expect(victim.calls).toBe(0);
  });

  it.each(['fe80::1%lo', '[fe80::1%25lo]'])('does not reach an interface by a zone (%s)', async (host) => {
    const guard = new OutgoingGuard(allowing('fe80::/10'));
    expect(await codeOf(guard.open({ host, port: victim.port, protocol: 'ldap' }))).toBe('outgoing.host_invalid');
  });

  it.each(['169.254.169.254', '[fd00:ec2::254]', '100.100.100.200', '[::ffff:169.254.169.254]', '2852039166'])(
    'does not reach metadata at %s, even where its network is allowed',
    async (host) => {
      const policy = allowing('169.254.0.0/16', 'fd00::/8', '100.64.0.0/10', '::/0');
      expect(await codeOf(guardedFetch(policy)(`http://${host}/latest/meta-data/`))).toBe('outgoing.address_forbidden');
    },
  );

  it('does not speak HTTP to a port of another protocol', async () => {
    expect(await codeOf(guardedFetch(LOOPBACK)('http://127.0.0.1:25/'))).toBe('outgoing.address_forbidden');
    expect(await codeOf(guardedFetch(LOOPBACK)('file:///etc/passwd'))).toBe('outgoing.host_invalid');
  });
});

describe('an attacker who answers for a name (DNS rebinding)', () => {
  async function named(...addresses: string[]): Promise<DnsServer> {
    return resources.add(await DnsServer.start({ 'rebind.example': addresses }), (server) => server.stop());
  }

  it('does not reach this machine by a name that stands for it', async () => {
    const dns = await named('127.0.0.1');
    const guard = new OutgoingGuard(PUBLIC_ONLY, dns.resolver);
    expect(await codeOf(guardedFetch(guard)(`http://rebind.example:${victim.port}/`))).toBe('outgoing.not_allowed');
    expect(dns.asked).toEqual(['rebind.example']);
    expect(victim.calls).toBe(0);
  });

  it('is connected to at the address that was checked, although the name stands for another by then', async () => {
    const dns = await named('127.0.0.2', '127.0.0.1');
    const guard = new OutgoingGuard(allowing('127.0.0.2/32'), dns.resolver);
    let host: string | undefined;
    let local: string | undefined;
    answer = (request, response) => {
      host = request.headers.host;
      local = request.socket.localAddress;
      response.end('ok');
    };
    const response = await guardedFetch(guard)(`http://rebind.example:${port}/`);
    expect([await response.text(), host, local]).toEqual(['ok', `rebind.example:${port}`, '127.0.0.2']);
    expect(dns.asked).toHaveLength(1);
    // the next connection is checked anew
    expect(await codeOf(guardedFetch(guard)(`http://rebind.example:${port}/`))).toBe('outgoing.not_allowed');
  });

  it('is checked anew after a redirect to the same name', async () => {
    const dns = await named('127.0.0.2', '127.0.0.1');
    const guard = new OutgoingGuard(allowing('127.0.0.2/32'), dns.resolver);
    answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
    const url = `http://rebind.example:${port}/`;
    expect(await codeOf(guardedFetch(guard, { redirects: 3 })(url))).toBe('outgoing.not_allowed');
  });

  it('cannot move a directory or a mail server either', async () => {
    const dns = await named('127.0.0.2', '127.0.0.1');
    const guard = new OutgoingGuard(allowing('127.0.0.2/32'), dns.resolver);
    const place = { host: 'rebind.example', port, protocol: 'ldap' } as const;
    const pinned = await guard.check(place);
    expect(pinned).toMatchObject({ host: 'rebind.example', address: '127.0.0.2' });
    const socket = await guard.open({ ...place, host: '127.0.0.2' });
    expect(socket.remoteAddress).toBe('127.0.0.2');
    socket.destroy();
    expect(await codeOf(guard.pin(place, '127.0.0.1'))).toBe('outgoing.not_allowed');
    const server = { host: 'rebind.example', port: victim.port, encryption: 'none', ca: null, auth: null } as const;
    const mail = mailTransport(guard, server).sendMail({ from: 'a@a.example', to: 'b@b.example', text: 'x' });
    expect(await codeOf(mail)).toBe('outgoing.not_allowed');
  });
});

describe('a server that redirects', () => {
  const redirecting = (location: string): void => {
    answer = (request, response) =>
      void (request.url === '/'
        ? response.writeHead(302, { location }).end()
        : response.end(JSON.stringify(request.headers)));
  };
  const followed = (init?: { headers: Record<string, string> }) =>
    guardedFetch(LOOPBACK, { redirects: 3 })(`http://127.0.0.1:${port}/`, init);

  it('does not lead to metadata', async () => {
    redirecting('http://169.254.169.254/latest/meta-data/iam/security-credentials/');
    expect(await codeOf(followed())).toBe('outgoing.address_forbidden');
    redirecting('//[::ffff:169.254.169.254]/');
    expect(await codeOf(followed())).toBe('outgoing.address_forbidden');
  });

  it('does not lead to what is not allowed, and to no other scheme', async () => {
    const only: OutgoingPolicy = {
      allowances: [{ host: null, cidr: '127.0.0.1/32', ports: [port], protocols: ['http'] }],
      publicAddresses: 'listed',
    };
    redirecting(`http://127.0.0.1:${victim.port}/`);
    const url = `http://127.0.0.1:${port}/`;
    expect(await codeOf(guardedFetch(only, { redirects: 3 })(url))).toBe('outgoing.not_allowed');
    redirecting('file:///etc/passwd');
    expect(await codeOf(followed())).toBe('outgoing.host_invalid');
    expect(victim.calls).toBe(0);
  });

  it('is not followed unless that was asked for, nor for ever', async () => {
    redirecting('/next');
    expect((await guardedFetch(LOOPBACK)(`http://127.0.0.1:${port}/`)).status).toBe(302);
    redirecting('/');
    expect(await codeOf(followed())).toBe('outgoing.redirect_refused');
  });

  const SECRETS = {
    ...{ authorization: 'Bearer s3cret', cookie: 'a=s3cret', 'proxy-authorization': 'Basic s3cret' },
    ...{ 'x-api-key': 's3cret', apikey: 's3cret', 'private-token': 's3cret', 'x-vault-token': 's3cret' },
    ...{ 'content-type': 'text/plain; s3cret', referer: 'https://a.example/?s3cret', 'user-agent': 'Us' },
  };

  it('gets no key by sending us to its own origin, whatever header the key stands in', async () => {
    for (const location of [`http://localhost:${port}/next`, `http://127.0.0.2:${port}/next`]) {
      redirecting(location);
      const seen = (await (await followed({ headers: SECRETS })).json()) as Record<string, string>;
      expect(Object.keys(seen).sort()).toEqual(['accept-encoding', 'connection', 'host', 'user-agent']);
      expect(JSON.stringify(seen)).not.toContain('s3cret');
    }
    redirecting('/next');
    expect(await (await followed({ headers: SECRETS })).json()).toMatchObject({ 'x-api-key': 's3cret' });
  });

  it.each([307, 308])('gets nothing that was sent by %s to its own origin', async (status) => {
    const read: string[] = [];
    answer = (request, response) => {
      if (request.url !== '/') read.push(request.url!);
      response.writeHead(status, { location: `http://localhost:${port}/next` }).end();
    };
    const call = { method: 'POST', body: 'the body' };
    const sent = guardedFetch(LOOPBACK, { redirects: 3 })(`http://127.0.0.1:${port}/`, call);
    expect(await codeOf(sent)).toBe('outgoing.redirect_refused');
    expect(read).toEqual([]);
  });

  it('does not lead from TLS to plain text', async () => {
    const location = `http://127.0.0.1:${port}/`;
    const down = createTlsServer({ cert: tls.cert, key: tls.key }, (_request, response) =>
      response.writeHead(301, { location }).end(),
    );
    const url = `https://localhost:${await listen(down)}/`;
    expect(await codeOf(guardedFetch(LOOPBACK, { redirects: 1, ca: tls.ca })(url))).toBe('outgoing.redirect_refused');
  });
});

describe('a server that wears us out', () => {
  const get = (options: FetchOptions) => guardedFetch(LOOPBACK, options)(`http://127.0.0.1:${port}/`);

  it('is given up when its headers do not come', async () => {
    answer = () => undefined;
    expect(await codeOf(get({ wholeMs: 200 }))).toBe('outgoing.timeout');
    expect(await codeOf(get({ firstByteMs: 200 }))).toBe('outgoing.timeout');
  });

  it('is given up when its answer drips (slow loris)', async () => {
    let dripping: NodeJS.Timeout | undefined;
    answer = (_request, response) => {
      response.writeHead(200).flushHeaders();
      dripping = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(dripping));
    };
    expect(await codeOf(get({ wholeMs: 250 }))).toBe('outgoing.timeout');
  });

  it('is given up when its status line drips', async () => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket);
      const drip = setInterval(() => socket.write('H'), 20);
      socket.on('close', () => clearInterval(drip)).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    resources.add(server, () => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await codeOf(guardedFetch(LOOPBACK, { wholeMs: 250 })(url))).not.toBe('it went through');
    await eventually('the connection is closed', () => sockets.every((socket) => socket.destroyed));
  });

  it('is given up when its body does not end', async () => {
    let closed = false;
    answer = (_request, response) => {
      const chunk = Buffer.alloc(65_536, 'x');
      const pour = (): void => {
        while (response.write(chunk));
      };
      response.on('drain', pour).on('close', () => (closed = true));
      pour();
    };
    expect(await codeOf(get({ responseBytes: MEGABYTE }))).toBe('outgoing.answer_too_large');
    await eventually('the connection is closed', () => closed);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', (data: Buffer) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('is given up when a small answer unpacks to a huge one (%s)', async (coding, pack) => {
    const bomb = pack(Buffer.alloc(64 * MEGABYTE));
    expect(bomb.length).toBeLessThan(MEGABYTE / 8);
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': coding }).end(bomb);
    const before = process.memoryUsage().arrayBuffers;
    expect(await codeOf(get({ responseBytes: MEGABYTE }))).toBe('outgoing.answer_too_large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MEGABYTE);
  });

  it('reads what is packed once, not twice, and not what is damaged', async () => {
    const packed = gzipSync('ok');
    const as = (coding: string, body: Buffer) => {
      answer = (_request, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
      return get({});
    };
    expect(await (await as('gzip', packed)).text()).toBe('ok');
    expect(await codeOf(as('gzip, gzip', gzipSync(packed)))).toBe('outgoing.answer_unreadable');
    expect(await codeOf(as('gzip', packed.subarray(0, 12)))).toBe('outgoing.answer_unreadable');
    expect(await codeOf(as('gzip', Buffer.from('no gzip at all')))).toBe('outgoing.answer_unreadable');
  });
});

describe('a server that is not who it says', () => {
  const https = (host: string, options: FetchOptions = {}) =>
    guardedFetch(LOOPBACK, options)(`https://${host}:${tlsPort}/`);

  it('is trusted by its own CA for its own name', async () => {
    expect(await (await https('localhost', { ca: tls.ca })).text()).toBe('ok');
    expect(await (await https('127.0.0.1', { ca: tls.ca })).text()).toBe('ok');
  });

  it('is refused with a certificate of another name', async () => {
    expect(await codeOf(https('127.0.0.2', { ca: tls.ca }))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const dns = resources.add(await DnsServer.start({ 'bank.example': ['127.0.0.1'] }), (server) => server.stop());
    const guard = new OutgoingGuard(LOOPBACK, dns.resolver);
    const url = `https://bank.example:${tlsPort}/`;
    expect(await codeOf(guardedFetch(guard, { ca: tls.ca })(url))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is refused with a certificate that nobody known signed, also where the environment says otherwise', async () => {
    expect(await codeOf(https('localhost'))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await codeOf(https('localhost'))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('is refused before a directory’s or a mail server’s password is sent', async () => {
    const guard = new OutgoingGuard(LOOPBACK);
    const place = { host: '127.0.0.2', port: tlsPort } as const;
    const pinned = await guard.check({ ...place, protocol: 'ldap' });
    const { signal } = new AbortController();
    const options = { url: `ldaps://127.0.0.2:${tlsPort}`, ca: tls.ca, signal, connectMs: 2_000, operationMs: 2_000 };
    expect(await codeOf(openLdapClient(pinned, options))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await codeOf(dialTls(pinned))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const auth = { user: 'mailer', pass: 'secret' };
    const transport = mailTransport(guard, { ...place, encryption: 'tls', ca: tls.ca, auth });
    expect(await codeOf(transport.sendMail({ from: 'a@a.example', to: 'b@b.example', text: 'x' }))).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });

  it('is refused without encryption where others could read along', async () => {
    const fetch = guardedFetch(PUBLIC_ONLY, { encryptedInPublic: true, connectMs: 200 });
    expect(await codeOf(fetch('http://93.184.216.34/'))).toBe('outgoing.address_forbidden');
  });
});

describe('a server that does not end', () => {
  async function listenTcp(serve: (socket: Socket) => void): Promise<number> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    resources.add(server, () => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('is left when its directory’s entries fill memory', async () => {
    let sent = 0;
    let hasLeft = false;
    const port = await listenTcp((socket) => {
      socket.once('close', () => (hasLeft = true));
      socket.once('data', (asked: Buffer) => {
        const chunk = entryFor(asked);
        const write = (): void => {
          for (let goesOn = true; goesOn && !hasLeft; sent += chunk.length) goesOn = socket.write(chunk);
          if (!hasLeft) socket.once('drain', write);
        };
        write();
      });
    });
    const client = await openLdapClient(
      { host: '127.0.0.1', address: '127.0.0.1', port, protocol: 'ldap' },
      {
        ...{ url: `ldap://127.0.0.1:${port}`, ca: null, signal: new AbortController().signal },
        ...{ connectMs: 2_000, operationMs: 20_000, limits: { bytes: 4 * MEGABYTE, wholeMs: 20_000 } },
      },
    );
    await expect(client.search('dc=x', { scope: 'sub', paged: true })).rejects.toThrow();
    await eventually('the connection is ended', () => hasLeft);
    // what was on its way between two looks comes on top
    expect(sent).toBeLessThan(400 * MEGABYTE);
  });

  it.each([
    ['a mail server', (socket: Socket) => socket.write('220 x\r\n'), '250-x\r\n'],
    ['a mail server that never greets to its end', () => undefined, '220-x\r\n'],
  ])('is left when it drips its answers: %s', async (_who, greet, drip) => {
    let hasLeft = false;
    const port = await listenTcp((socket) => {
      greet(socket);
      const timer = setInterval(() => socket.write(drip), 20);
      socket.once('close', () => {
        clearInterval(timer);
        hasLeft = true;
      });
    });
    const server = { host: '127.0.0.1', port, encryption: 'none', ca: null, auth: null } as const;
    const limits = { bytes: MEGABYTE, wholeMs: 400 };
    const transport = mailTransport(new OutgoingGuard(LOOPBACK), { ...server, limits });
    await expect(transport.sendMail({ from: 'a@a.example', to: 'b@b.example', text: 'x' })).rejects.toThrow();
    await eventually('the connection is ended', () => hasLeft);
  });

  it('is left when it drips its answers: a directory', async () => {
    const port = await listenTcp((socket) => {
      const timer = setInterval(() => socket.write(Buffer.from([0x30])), 20);
      socket.once('close', () => clearInterval(timer));
    });
    const client = await openLdapClient(
      { host: '127.0.0.1', address: '127.0.0.1', port, protocol: 'ldap' },
      {
        ...{ url: `ldap://127.0.0.1:${port}`, ca: null, signal: new AbortController().signal },
        ...{ connectMs: 2_000, operationMs: 30_000, limits: { bytes: MEGABYTE, wholeMs: 300 } },
      },
    );
    const begun = performance.now();
    await expect(client.bind('cn=x', 'y')).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});

/** One entry of 100 KB as an answer to a search (RFC 4511, 4.5.2), for the message that was asked. */
function entryFor(asked: Buffer): Buffer {
  const idAt = 2 + (asked[1]! < 128 ? 0 : asked[1]! & 127);
  const id = asked.subarray(idAt, idAt + 2 + asked[idAt + 1]!);
  const value = element(4, Buffer.alloc(100_000, 'a'));
  const attribute = element(0x30, element(4, Buffer.from('x')), element(0x31, value));
  return element(0x30, id, element(0x64, element(4, Buffer.from('cn=x')), element(0x30, attribute)));
}

/** BER: tag, length, content. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 128 ? [body.length] : [0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
