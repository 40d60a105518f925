import { connect } from 'node:net';
import type { ApiAnswer } from './api-fixture.js';

/** Sends these bytes and gives whatever comes back until the other side hangs up. */
export function exchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    const end = (): void => resolve(received);
    socket
      .on('data', (chunk) => (received += chunk.toString()))
      .on('close', end)
      .on('error', end);
  });
}

/** The same, with the answer read as HTTP. */
export async function exchangeHttp(url: string, text: string): Promise<ApiAnswer> {
  const received = await exchange(url, text);
  const [head = '', body = ''] = received.split('\r\n\r\n', 2);
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(': ', 2) as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, text: body, body: body === '' ? null : JSON.parse(body) };
}
