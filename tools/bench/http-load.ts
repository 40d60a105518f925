import { connect, type Socket } from 'node:net';

export interface HttpCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  /** The next call, or null when enough were begun. */
  next(): HttpCall | null;
  onAnswer(answer: HttpAnswer): void;
}

/**
 * POSTs over so many connections, each with one call under way. Written on bare sockets: on two cores the machine is
 * shared with what is measured, and a client of some comfort costs as much as the server.
 */
export async function load({ url, connections, next, onAnswer }: LoadOptions): Promise<void> {
  const { hostname, port } = new URL(url);
  await Promise.all(Array.from({ length: connections }, () => oneConnection(hostname, Number(port), next, onAnswer)));
}

function oneConnection(
  host: string,
  port: number,
  next: () => HttpCall | null,
  onAnswer: (answer: HttpAnswer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let received = '';
    const send = (): void => {
      const call = next();
      if (call) socket.write(textOf(call, host));
      else finish(socket, resolve);
    };
    socket.setEncoding('latin1');
    socket.once('connect', send);
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('The server closed a connection under load.')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const answer = answerIn(received);
      if (!answer) return;
      received = '';
      onAnswer(answer);
      send();
    });
  });
}

function finish(socket: Socket, resolve: () => void): void {
  socket.removeAllListeners('end');
  socket.end();
  resolve();
}

function textOf({ path, headers, body }: HttpCall, host: string): string {
  const lines = Object.entries({ host, 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The answer, once all of it has arrived. Both servers send a content-length. */
function answerIn(text: string): HttpAnswer | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0);
  const body = text.slice(headEnd + 4);
  return body.length < length ? null : { status: Number(text.slice(9, 12)), body };
}
