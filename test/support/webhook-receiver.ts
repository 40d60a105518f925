import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.js';

export interface ReceivedMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse, message: ReceivedMessage) => void;

/** A receiver of webhooks on this machine; it answers as the test says, 200 by default. */
export class WebhookReceiver {
  readonly received: ReceivedMessage[] = [];
  answer: Answer = (response) => response.end();
  private server: Server | null = null;
  private port = 0;

  /** `address`: one of this machine. */
  constructor(private readonly address = '127.0.0.1') {}

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const message = { path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() };
        this.received.push(message);
        this.answer(response, message);
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, this.address, resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  url(path: string): string {
    return `http://${this.address}:${this.port}${path}`;
  }

  at(path: string): readonly ReceivedMessage[] {
    return this.received.filter((message) => message.path === path);
  }

  /** The messages at a path, once there are so many. */
  async arrived(path: string, count = 1): Promise<readonly ReceivedMessage[]> {
    return eventually(`${count} messages at ${path}`, () => (this.at(path).length >= count ? this.at(path) : null), 40);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve) ?? resolve(null));
    this.server = null;
  }
}
