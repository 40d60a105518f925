import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { systemClock } from '#libs/kernel';

/** What the flood is told to do, by a message of its parent. */
export interface FloodOrder {
  readonly url: string;
  readonly keys: readonly string[];
  readonly connections: number;
}

/** How it went, told when the parent sends `stop`. */
export interface FloodCount {
  readonly answers: Readonly<Record<string, number>>;
  readonly seconds: number;
}

// A process of its own: on the event loop that measures, it would weigh on what is measured.
const answers: Record<string, number> = {};
let begunAt = 0;
let isOver = false;

process.on('message', (order: FloodOrder | 'stop') => {
  if (order === 'stop') {
    isOver = true;
    process.send!({ answers, seconds: (performance.now() - begunAt) / 1_000 } satisfies FloodCount, () =>
      process.exit(0),
    );
    return;
  }
  begunAt = performance.now();
  for (let number = 0; number < order.connections; number++) floodOver(order, number);
});

/** One connection with one call under way after the other, as fast as they are answered. */
function floodOver({ url, keys }: FloodOrder, number: number): void {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const key = keys[number % keys.length]!;
  let [sent, received] = [number, ''];
  const send = (): void => void socket.write(callText((sent += 1), key));
  socket.setEncoding('latin1');
  socket.once('connect', send);
  socket.on('error', () => undefined);
  socket.once('close', () => (isOver ? undefined : floodOver({ url, keys, connections: 1 }, number)));
  socket.on('data', (chunk: string) => {
    received += chunk;
    const status = wholeAnswer(received);
    if (status === null) return;
    received = '';
    answers[status] = (answers[status] ?? 0) + 1;
    if (!isOver) send();
  });
}

/** By turns: the largest page of runs, the largest of requests, and two submissions. */
function callText(turn: number, key: string): string {
  const head = `host: bench\r\nauthorization: Bearer ${key}\r\n`;
  if (turn % 4 === 0) return `GET /v1/runs?limit=200 HTTP/1.1\r\n${head}\r\n`;
  if (turn % 4 === 1) return `GET /v1/requests?limit=200 HTTP/1.1\r\n${head}\r\n`;
  const user = `leaver.${randomUUID().slice(0, 18)}`;
  const body = JSON.stringify({ type: 'offboarding', user, lastWorkingAt: inThirtyDays });
  const more = `content-type: application/json\r\nidempotency-key: ${randomUUID()}\r\ncontent-length: ${body.length}\r\n`;
  return `POST /v1/requests HTTP/1.1\r\n${head}${more}\r\n${body}`;
}

const inThirtyDays = new Date(systemClock.now().getTime() + 30 * 24 * 60 * 60 * 1000).toISOString().slice(0, 16);

/** The status, once all of the answer has arrived. */
function wholeAnswer(text: string): string | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0);
  return text.length - headEnd - 4 < length ? null : text.slice(9, 12);
}
