import type { Development } from '../demo/development.js';
import type { HoldStatus } from '../sandbox/index.js';
import { TENANT } from './leavers.js';

/** The sandbox's entrance to the customer's directory: it can hold back the answer to a write that was carried out. */
export class GateControl {
  private delayMs = 0;

  constructor(private readonly development: Pick<Development, 'sandbox'>) {}

  /** Arms the hold for the next write and waits until its answer is held, at most so many seconds. */
  async holdNextWrite(seconds: number): Promise<HoldStatus> {
    await this.call('POST', 'hold', {});
    return this.call<HoldStatus>('GET', `hold?wait=${seconds}`);
  }

  async release(how: 'deliver' | 'drop'): Promise<void> {
    await this.call('DELETE', `hold?answer=${how}`);
  }

  /** Delays the directory's answers to writes; it goes on answering what only reads. */
  async slowWrites(writeMs: number): Promise<void> {
    if (writeMs === this.delayMs) return;
    await this.call('POST', 'slow', { writeMs });
    this.delayMs = writeMs;
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
