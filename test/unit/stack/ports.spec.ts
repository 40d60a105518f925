import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { toolModule } from './tool-module.js';

interface TakenPort {
  name: string;
  port: number;
  holder?: { name?: string; pid?: number; uid?: number };
}
interface PortsModule {
  portBase(environment: Record<string, string>): number;
  portsFrom(base: number): Record<string, number>;
  describeTaken(taken: TakenPort[], variable: string): string;
  assertFree(ports: Record<string, number>, base: number): Promise<void>;
}
interface HolderModule {
  parseSocketTable(text: string): { port: number; uid: number; inode: string }[];
}

const { portBase, portsFrom, describeTaken, assertFree } = await toolModule<PortsModule>('stack/ports.mjs');
const { parseSocketTable } = await toolModule<HolderModule>('stack/port-holder.mjs');

describe('the port base', () => {
  it('is 20000 unless STELLWERK_PORT_BASE moves it', () => {
    expect(portBase({})).toBe(20_000);
    expect(portBase({ STELLWERK_PORT_BASE: '21000' })).toBe(21_000);
  });

  it.each(['80', '65100', '20000.5', 'high'])('refuses %s and names the variable', (value) => {
    expect(() => portBase({ STELLWERK_PORT_BASE: value })).toThrow(/STELLWERK_PORT_BASE/);
  });

  it('gives every server a port of its own', () => {
    const ports = Object.values(portsFrom(20_000));
    expect(new Set(ports).size).toBe(ports.length);
  });
});

describe('a taken port', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('is told with the port, its use, its holder and the variable that moves it', () => {
    const message = describeTaken(
      [{ name: 'kafka', port: 20_003, holder: { name: 'java', pid: 4711 } }],
      'STELLWERK_PORT_BASE',
    );
    expect(message).toContain('Port 20003 (kafka) is taken by java (pid 4711).');
    expect(message).toContain('STELLWERK_PORT_BASE');
  });

  it('names the user where the process of another user cannot be seen', () => {
    expect(describeTaken([{ name: 'api', port: 20_000, holder: { uid: 33 } }], 'X')).toContain('another user (uid 33');
  });

  it('is found with its process while it listens', async () => {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(assertFree({ postgres: port }, 20_000)).rejects.toThrow(
      new RegExp(`Port ${port} \\(postgres\\) is taken by .+ \\(pid ${process.pid}\\)`),
    );
  });

  it('is read from the kernel’s table: listening sockets only', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:4E23 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 98765 1 0 100 0 0 10 0',
      '   1: 0100007F:4E24 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 98766 1 0 20 4 30 10 -1',
    ].join('\n');
    expect(parseSocketTable(table)).toEqual([{ port: 20_003, uid: 1000, inode: '98765' }]);
  });
});
