import { describe, expect, it } from '@jest/globals';
import { FairTurns } from './fair-turns.js';

const limits = { all: 6, each: 2, expensive: 1, rememberMs: 1_000 };

/** Calls of tenants: which have their turn, and how they end. */
class Calls {
  now = 0;
  readonly turns = new FairTurns(limits, () => this.now);
  readonly served: string[] = [];
  private readonly ends: { readonly tenant: string; readonly end: () => void }[] = [];

  async come(tenant: string, count = 1, isExpensive = false): Promise<void> {
    for (let number = 0; number < count; number += 1)
      void this.turns.take(tenant, isExpensive).then((end) => {
        this.served.push(tenant);
        this.ends.push({ tenant, end });
      });
    await this.settled();
  }

  async end(tenant: string): Promise<void> {
    const index = this.ends.findIndex((one) => one.tenant === tenant);
    this.ends.splice(index, 1)[0]!.end();
    await this.settled();
  }

  running(tenant: string): number {
    return this.ends.filter((one) => one.tenant === tenant).length;
  }

  private async settled(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

describe('whose call is worked on', () => {
  it('lets a tenant that is alone work on all its calls at once', async () => {
    const calls = new Calls();
    await calls.come('flooder', 100);
    expect(calls.running('flooder')).toBe(100);
    expect(calls.turns.waitingOf('flooder')).toBe(0);
  });

  it('serves a call of a quiet tenant before all that another has lined up meanwhile', async () => {
    const calls = new Calls();
    await calls.come('flooder', limits.all);
    await calls.come('quiet');
    await calls.come('flooder', 50);
    expect([calls.running('flooder'), calls.running('quiet')]).toEqual([limits.all, 0]);
    await calls.end('flooder');
    expect([calls.running('flooder'), calls.running('quiet')]).toEqual([limits.all - 1, 1]);
    await calls.end('flooder');
    expect(calls.running('flooder')).toBe(limits.all - 2);
  });

  it('keeps a tenant’s slow exports from holding up its other calls, or from counting twice', async () => {
    const calls = new Calls();
    await calls.come('quiet');
    await calls.come('exporter', 5, true);
    expect(calls.running('exporter')).toBe(limits.expensive);
    await calls.come('exporter', 5);
    expect(calls.running('exporter')).toBe(limits.each);
  });

  it('keeps a flood to its share while another tenant calls, so that the quiet one finds a free place', async () => {
    const calls = new Calls();
    await calls.come('quiet');
    await calls.end('quiet');
    await calls.come('flooder', 100);
    expect(calls.running('flooder')).toBe(limits.each);
    await calls.come('quiet');
    expect(calls.running('quiet')).toBe(1);
  });

  it('gives every place to the flood again once the other tenant was not heard of for a while', async () => {
    const calls = new Calls();
    await calls.come('quiet');
    await calls.end('quiet');
    await calls.come('flooder', 100);
    calls.now = limits.rememberMs + 1;
    await calls.end('flooder');
    expect(calls.turns.waitingOf('flooder')).toBe(0);
  });

  it('hands free places to the tenants in turn', async () => {
    const calls = new Calls();
    const tenants = ['a', 'b', 'c', 'd'];
    for (const tenant of tenants) await calls.come(tenant);
    for (const tenant of tenants) await calls.come(tenant, 10);
    for (const tenant of tenants) await calls.end(tenant);
    for (const tenant of tenants)
      expect(calls.served.filter((served) => served === tenant).length).toBeGreaterThanOrEqual(2);
  });

  it('counts an end once, however often it is told', async () => {
    const turns = new FairTurns({ all: 1, each: 1, expensive: 1, rememberMs: 0 });
    const end = await turns.take('a');
    const order: string[] = [];
    const second = turns.take('a').then((over) => (order.push('second'), over));
    const third = turns.take('a').then((over) => (order.push('third'), over));
    end();
    end();
    (await second)();
    await third;
    expect(order).toEqual(['second', 'third']);
  });
});
