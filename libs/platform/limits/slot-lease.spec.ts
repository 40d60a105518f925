import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SLOT_SECONDS, SlotLease } from './slot-lease.js';

/** Slots of instances as `lease_slots` shares them out. */
class World {
  readonly leases: SlotLease[];
  readonly held: number[];
  readonly inUse: number[];

  constructor(
    private readonly limit: number,
    instances: number,
  ) {
    this.leases = Array.from({ length: instances }, () => new SlotLease(limit));
    this.held = Array.from({ length: instances }, () => 0);
    this.inUse = Array.from({ length: instances }, () => 0);
  }

  enter(instance: number, now: number): boolean {
    const lease = this.leases[instance]!;
    if (lease.state(now) === 'ask') this.lease(instance, 1, now);
    if (lease.state(now) !== 'open') return false;
    lease.enter(now);
    this.inUse[instance]! += 1;
    return true;
  }

  leave(instance: number): void {
    if (this.inUse[instance] === 0) return;
    this.leases[instance]!.leave();
    this.inUse[instance]! -= 1;
  }

  renew(now: number): void {
    this.leases.forEach((lease, instance) => (lease.isDue(now) ? this.lease(instance, 0, now) : undefined));
  }

  private lease(instance: number, waiting: number, now: number): void {
    const want = this.leases[instance]!.want(waiting);
    const others = this.held.reduce((sum, held, index) => (index === instance ? sum : sum + held), 0);
    const granted = Math.max(0, Math.min(want, this.limit - others));
    this.held[instance] = granted;
    this.leases[instance]!.take(granted, want, this.limit, now);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('slots of several instances', () => {
  it('are never more in use than the limit, all together', () => {
    const acts = fc.array(
      fc.record({
        instance: fc.integer({ min: 0, max: 2 }),
        does: fc.constantFrom('enter', 'enter', 'leave', 'renew'),
        pause: fc.integer({ min: 0, max: 800 }),
      }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), acts, (limit, done) => {
        const world = new World(limit, 3);
        let now = 0;
        for (const { instance, does, pause } of done) {
          now += pause;
          // the owner renews each second
          world.renew(now);
          if (does === 'enter') world.enter(instance, now);
          if (does === 'leave') world.leave(instance);
          expect(sum(world.inUse)).toBeLessThanOrEqual(limit);
          expect(sum(world.held)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('come back to the others when nobody needs them here', () => {
    const world = new World(8, 2);
    for (let n = 0; n < 8; n++) expect(world.enter(0, 0)).toBe(true);
    expect(world.enter(1, 0)).toBe(false);
    for (let n = 0; n < 8; n++) world.leave(0);
    world.renew(1_500);
    expect(world.held).toEqual([0, 0]);
    expect(world.enter(1, 1_500)).toBe(true);
  });

  it('are not refused to a caller who comes after they went back', () => {
    const world = new World(8, 1);
    world.enter(0, 0);
    world.leave(0);
    world.renew(1_500);
    expect(world.enter(0, 1_500)).toBe(true);
  });

  it('that are all in use here are not asked for again and again', () => {
    const world = new World(3, 1);
    for (let n = 0; n < 3; n++) expect(world.enter(0, n)).toBe(true);
    expect(world.enter(0, 3)).toBe(false);
    expect(world.leases[0]!.state(3)).toBe('shut');
  });

  it('end with an instance that says nothing more', () => {
    const lease = new SlotLease(4);
    lease.take(4, 4, 4, 0);
    expect(lease.state((SLOT_SECONDS - 1) * 1_000 - 1)).toBe('open');
    // a second before the database frees them
    expect(lease.state((SLOT_SECONDS - 1) * 1_000)).toBe('ask');
  });
});
