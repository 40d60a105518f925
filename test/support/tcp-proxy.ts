import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a server that a test can cut: what a client sees is a server that is down. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Keeps the connections it has, but lets nothing through them any more: the server, or the way to it, went silent. */
  silence(): void;
  /** Takes connections again, on the same port. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
  /** Changes what the server answers; the port is the proxy's own. */
  rewrite?(chunk: Buffer, proxyPort: number): Buffer;
}

/** Starts a proxy on a free port of the loopback; with `down`, the port is known but refuses until `restore`. */
export async function startTcpProxy(target: ProxyTarget, { down = false } = {}): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let port = 0;
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(socket);
          other.destroy();
        });
    }
    client.on('data', (chunk: Buffer) => silent.has(client) || upstream.write(chunk)).on('end', () => upstream.end());
    upstream
      .on('data', (chunk: Buffer) => {
        if (!silent.has(upstream)) client.write(target.rewrite ? target.rewrite(chunk, port) : chunk);
      })
      .on('end', () => client.end());
  });
  port = await listen(server, 0);
  const cut = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of open) socket.destroy();
    return closed;
  };
  if (down) await cut();
  const silence = (): void => open.forEach((socket) => silent.add(socket));
  return { port, cut, silence, restore: () => listen(server, port).then(() => undefined), stop: cut };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
