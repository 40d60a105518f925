import { describe, expect, it } from '@jest/globals';
import { toolModule } from './tool-module.js';

interface Instances {
  instancesOf(count: number): { app: string; name: string; number: number }[];
  portOf(instance: { app: string; number: number }, ports: Record<string, number>): number;
  readInstances(asked: string | undefined, env?: Record<string, string | undefined>): number;
}
const { instancesOf, portOf, readInstances } = await toolModule<Instances>('stack/instances.mjs');
const { portsFrom } = await toolModule<{ portsFrom(base: number): Record<string, number> }>('stack/ports.mjs');

describe('the instances of a program', () => {
  it('are one of each by default, with the plain names', () => {
    expect(instancesOf(readInstances(undefined, {})).map(({ name }) => name)).toEqual(['api', 'bridge', 'worker']);
  });

  it('are two of each when asked for, each with a name and a port of its own', () => {
    const two = instancesOf(readInstances(undefined, { STELLWERK_INSTANCES: '2' }));
    expect(two.map(({ name }) => name)).toEqual(['api', 'api-2', 'bridge', 'bridge-2', 'worker', 'worker-2']);
    const ports = two.map((instance) => portOf(instance, portsFrom(20_000)));
    expect(new Set(ports).size).toBe(6);
    expect(ports.every((port) => port >= 20_000)).toBe(true);
  });

  it('are refused in any other number', () => {
    for (const asked of ['0', '3', 'two', '1.5']) expect(() => readInstances(asked)).toThrow(/must be 1 or 2, but is/);
  });
});
