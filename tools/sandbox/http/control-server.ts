import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SandboxParts } from '../sandbox-parts.js';
import { answeredByRoute, routes } from './control-routes.js';
import { HttpRefusal } from './request-reading.js';

/** The sandbox's HTTP side. It listens before the rest is up and answers 503 until then. */
export class ControlServer {
  private parts: SandboxParts | undefined;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** Listens on 127.0.0.1; port 0 takes a free one. @throws Error when the port is taken. */
  static async listen(port: number): Promise<ControlServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const control = new ControlServer(server, (server.address() as AddressInfo).port);
    server.on('request', (request, response) => void control.answer(request, response));
    return control;
  }

  /** From now on requests are served by these parts. */
  serve(parts: SandboxParts): void {
    this.parts = parts;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const result = await this.route(request, response);
      if (result !== answeredByRoute) sendJson(response, 200, result ?? { status: 'ok' });
    } catch (error) {
      const status = error instanceof HttpRefusal ? error.status : 500;
      sendJson(response, status, { status: 'error', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private route(request: IncomingMessage, response: ServerResponse): unknown {
    const { parts } = this;
    if (!parts) throw new HttpRefusal(503, 'the sandbox is starting');
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
    // The description holds passwords: a web page must not get at it by giving its own name to 127.0.0.1.
    if (!['127.0.0.1', 'localhost'].includes(url.hostname)) throw new HttpRefusal(421, 'ask for 127.0.0.1');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    for (const { method, path, handle } of routes) {
      const match = (method === '*' || method === request.method) && path.exec(url.pathname);
      if (!match) continue;
      return handle({ request, response, url, captured: match.slice(1), signal: gone.signal, parts });
    }
    throw new HttpRefusal(404, `there is no ${request.method ?? ''} ${url.pathname}`);
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value, undefined, 2)}\n`);
}
