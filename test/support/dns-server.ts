import { createSocket, type Socket } from 'node:dgram';
import { Resolver as NodeResolver } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import type { Resolver } from '#libs/platform/outgoing';

const TYPE_A = 1;

/** A name server of this machine that answers each look-up of a name with the next of its addresses, the last for ever. */
export class DnsServer {
  /** The names that were asked for, in order. */
  readonly asked: string[] = [];
  private constructor(
    private readonly socket: Socket,
    private readonly answers: Map<string, string[]>,
  ) {}

  static async start(answers: { readonly [name: string]: readonly string[] }): Promise<DnsServer> {
    const socket = createSocket('udp4');
    const server = new DnsServer(socket, new Map(Object.entries(answers).map(([name, all]) => [name, [...all]])));
    socket.on('message', (query, from) => socket.send(server.answer(query), from.port, from.address));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return server;
  }

  /** Looks up over the wire, as a machine would that has this name server. */
  get resolver(): Resolver {
    const client = new NodeResolver({ timeout: 1_000, tries: 1 });
    client.setServers([`127.0.0.1:${(this.socket.address() as AddressInfo).port}`]);
    return (name) => client.resolve4(name);
  }

  stop(): void {
    this.socket.close();
  }

  /** RFC 1035, section 4: the question again, with one address of no lifetime. */
  private answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at]!; length > 0; length = query[at]!) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const question = query.subarray(12, at + 5);
    this.asked.push(name);
    const address = query.readUInt16BE(at + 1) === TYPE_A ? this.next(name) : undefined;
    const header = Buffer.from([
      query[0]!,
      query[1]!,
      0x81,
      address ? 0x80 : 0x83,
      0,
      1,
      0,
      address ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    if (!address) return Buffer.concat([header, question]);
    const record = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
    return Buffer.concat([header, question, record]);
  }

  private next(name: string): string | undefined {
    const left = this.answers.get(name);
    return left && left.length > 1 ? left.shift() : left?.[0];
  }
}
