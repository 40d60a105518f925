import type { Development } from '../demo/development.js';
import type { HoldStatus } from '../sandbox/index.js';
import { TENANT } from './leavers.js';

/** Longer than the connector's time-out: a step looks, finds its write done, and goes on to its next. */
const HALTED_MS = 60_000;
/** Some writes of some run are always under way when a part dies, and too few for any run to end meanwhile. */
const WRITE_EVERY_MS = 2_000;

/** The sandbox's entrance to the customer's directory: it can hold back the answer to a write that was carried out. */
export class GateControl {
  private isHalted = false;

  constructor(private readonly development: Pick<Development, 'sandbox'>) {}

  /** Arms the hold for the next write and waits until its answer is held, at most so many seconds. */
  async holdNextWrite(seconds: number): Promise<HoldStatus> {
    await this.call('POST', 'hold', {});
    return this.call<HoldStatus>('GET', `hold?wait=${seconds}`);
  }

  async release(how: 'deliver' | 'drop'): Promise<void> {
    await this.call('DELETE', `hold?answer=${how}`);
  }

  /** Lets hardly a write through and answers none of them; reading goes on. */
  async haltWrites(halted: boolean): Promise<void> {
    if (halted === this.isHalted) return;
    await this.call('POST', 'slow', halted ? { writeMs: HALTED_MS, writeEveryMs: WRITE_EVERY_MS } : {});
    this.isHalted = halted;
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.development.sandbox}/gate/${TENANT}/${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path} at the gate answered ${response.status}`);
    return (await response.json()) as T;
  }
}
