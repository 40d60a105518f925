import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer } from 'node:tls';
import { AnswerHold, type HoldRequest } from './answer-hold.js';
import { GateLink, type WriteObserver } from './gate-link.js';
import { WriteThrottle } from './write-throttle.js';

export interface GateOptions {
  /** The LDAPS port on 127.0.0.1; 0 takes a free one, which is kept over `offline` and `online`. */
  port: number;
  directoryPort: number;
  /** The CA of a directory that speaks LDAPS itself; without it the gate speaks plain LDAP to it. */
  directoryCa?: string;
  cert: string;
  key: string;
  onWrite?: WriteObserver;
}

/**
 * An LDAPS entrance to a directory that can misbehave on request: hold back the answer of a write that was carried
 * out, be unreachable, be slow.
 */
export class Gate {
  readonly hold = new AnswerHold();
  private readonly throttle = new WriteThrottle();
  private readonly links = new Set<GateLink>();
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private chosenPort: number;
  private delayMs = 0;
  private writeDelayMs = 0;

  private constructor(private readonly options: GateOptions) {
    this.chosenPort = options.port;
  }

  /** Opens a gate. @throws Error when the port is taken. */
  static async open(options: GateOptions): Promise<Gate> {
    const gate = new Gate(options);
    await gate.online();
    return gate;
  }

  get port(): number {
    return this.chosenPort;
  }

  get isOnline(): boolean {
    return this.server !== undefined;
  }

  /** Accepts connections (again). */
  async online(): Promise<void> {
    if (this.server) return;
    const { cert, key } = this.options;
    const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, (client) => this.connectThrough(client));
    // A client that breaks off its handshake is no concern of the gate.
    server.on('tlsClientError', () => undefined);
    // Handshakes and sockets in them are not links yet, so they are tracked below TLS.
    server.on('connection', (socket: Socket) => this.track(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.chosenPort, '127.0.0.1', resolve);
    });
    this.chosenPort = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Cuts all connections and refuses new ones: the directory cannot be reached. */
  async offline(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    this.throttle.every(0);
    const closed = new Promise((resolve) => server.close(resolve));
    for (const link of this.links) link.cut();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Delays every answer by `ms` milliseconds, also those already waiting; 0 ends it. */
  slow(ms: number): void {
    this.delayMs = ms;
  }

  /** Delays answers to writes; reads go on beside them. */
  slowWrites(ms: number): void {
    this.writeDelayMs = ms;
  }

  /** Lets one write through each so many milliseconds, the others wait before the directory; 0 ends it. */
  throttleWrites(everyMs: number): void {
    this.throttle.every(everyMs);
  }

  /** Holds the answer of the next write, which is let through at once. @throws AnswerAlreadyHeld */
  armHold(request: HoldRequest = {}): void {
    this.hold.arm(request);
    this.throttle.passOne((write) => this.hold.armingFor(write) !== undefined);
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private connectThrough(client: Socket): void {
    const { directoryPort: port, directoryCa: ca, onWrite } = this.options;
    const place = { host: '127.0.0.1', port };
    const directory = ca === undefined ? connect(place) : connectTls({ ...place, ca });
    const delays = { all: () => this.delayMs, writes: () => this.writeDelayMs };
    const link = new GateLink(client, directory, this.hold, this.throttle, delays, onWrite);
    this.links.add(link);
    client.once('close', () => this.links.delete(link));
  }
}
