import type { Development } from '../demo/development.js';
import type { HoldStatus } from '../sandbox/index.js';
import { TENANT } from './leavers.js';

/** The sandbox's entrance to the customer's directory: it can hold back the answer to a write that was carried out. */
export class GateControl {
  /** Whether a hold is armed and no write has come yet. */
  awaitsWrite = false;
  private delayMs = 0;

  constructor(private readonly development: Pick<Development, 'sandbox'>) {}

  /** Arms the hold for the next write and waits until its answer is held, at most so many seconds. */
  async holdNextWrite(seconds: number): Promise<HoldStatus> {
    await this.call('POST', 'hold', {});
    this.awaitsWrite = true;
    try {
      return await this.call<HoldStatus>('GET', `hold?wait=${seconds}`);
    } finally {
      this.awaitsWrite = false;
    }
  }

  async release(how: 'deliver' | 'drop'): Promise<void> {
    await this.call('DELETE', `hold?answer=${how}`);
  }

  /** Delays every answer of the directory. */
  async slow(ms: number): Promise<void> {
    if (ms === this.delayMs) return;
    await this.call('POST', 'slow', { ms });
    this.delayMs = ms;
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
