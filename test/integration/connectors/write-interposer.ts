import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { LdapMessageSplitter, readLdapMessage, type WriteRequest } from '../../../tools/sandbox/gate/ldap-message.js';

/** What somebody else does between our reading and our writing; called for each write that passes. */
export type Interposed = (write: WriteRequest, count: number) => Promise<void>;

/**
 * Plain LDAP to a directory with a moment of one's own before each write: the way to meet, every time, the race that
 * happens by chance between reading an entry and writing to it.
 */
export class WriteInterposer {
  before: Interposed = () => Promise.resolve();
  private count = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.link(client));

  private constructor(private readonly directoryPort: number) {}

  static async open(directoryPort: number): Promise<WriteInterposer> {
    const interposer = new WriteInterposer(directoryPort);
    await new Promise<void>((resolve) => interposer.server.listen(0, '127.0.0.1', resolve));
    return interposer;
  }

  get url(): string {
    return `ldap://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Forgets how many writes have passed, and sets what happens before the next ones. */
  interpose(before: Interposed): void {
    this.count = 0;
    this.before = before;
  }

  private link(client: Socket): void {
    const directory = connect(this.directoryPort, '127.0.0.1');
    const messages = new LdapMessageSplitter();
    let order = Promise.resolve();
    for (const [socket, other] of [[client, directory] as const, [directory, client] as const]) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.end());
    }
    client.on('data', (chunk) => {
      for (const message of messages.push(chunk)) order = order.then(() => this.pass(message, directory));
    });
    directory.pipe(client);
  }

  private async pass(message: Buffer, directory: Socket): Promise<void> {
    const { write } = readLdapMessage(message);
    if (write) await this.before(write, (this.count += 1));
    directory.write(message);
  }
}
