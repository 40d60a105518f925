import type { WriteOperation, WriteRequest } from './ldap-message.js';

/** Which answer is to be held back. */
export interface HoldRequest {
  /** How many matching writes get their answer before one is held; 0 holds the very next. */
  afterWrites?: number;
  /** Part of the entry's DN, in any case. */
  entry?: string;
  /** An attribute that the write must name; deletes and moves name none. */
  attribute?: string;
}

export interface HoldStatus {
  state: 'idle' | 'armed' | 'holding';
  operation?: WriteOperation;
  dn?: string;
  /** Whether the client that waits for the held answer is still connected. */
  clientConnected?: boolean;
  /** That client's own TCP port, which tells the process that waits. */
  clientPort?: number;
}

/** The held answer's way back to its client. */
export interface HeldAnswer {
  deliver(): void;
  cut(): void;
  isConnected(): boolean;
  clientPort: number | undefined;
}

/** One arming; a write belongs to the arming that was in force when its request passed. */
export interface Arming {
  readonly request: HoldRequest;
  writesToPass: number;
}

/** Thrown when a hold is asked for while an answer is being held. */
export class AnswerAlreadyHeld extends Error {
  constructor() {
    super('an answer is being held already; release it first');
  }
}

type State =
  { name: 'idle' } | { name: 'armed'; arming: Arming } | { name: 'holding'; write: WriteRequest; answer: HeldAnswer };

/** Holds back one answer of a write that the directory has carried out. */
export class AnswerHold {
  private state: State = { name: 'idle' };
  private readonly waiting = new Set<() => void>();

  /** Arms the hold for one answer, in place of an earlier arming. @throws AnswerAlreadyHeld */
  arm(request: HoldRequest = {}): void {
    if (this.state.name === 'holding') throw new AnswerAlreadyHeld();
    this.state = { name: 'armed', arming: { request, writesToPass: request.afterWrites ?? 0 } };
  }

  /** The arming that applies to a write whose request passes now. */
  armingFor(write: WriteRequest): Arming | undefined {
    return this.state.name === 'armed' && matches(this.state.arming.request, write) ? this.state.arming : undefined;
  }

  /** Takes a successful write's answer if it is the one to be held; else it goes its way. */
  take(arming: Arming, write: WriteRequest, answer: HeldAnswer): boolean {
    if (this.state.name !== 'armed' || this.state.arming !== arming) return false;
    if (arming.writesToPass > 0) {
      arming.writesToPass -= 1;
      return false;
    }
    this.state = { name: 'holding', write, answer };
    for (const notify of [...this.waiting]) notify();
    return true;
  }

  status(): HoldStatus {
    if (this.state.name !== 'holding') return { state: this.state.name };
    const { write, answer } = this.state;
    const { clientPort } = answer;
    return {
      state: 'holding',
      operation: write.operation,
      dn: write.dn,
      clientConnected: answer.isConnected(),
      ...(clientPort === undefined ? {} : { clientPort }),
    };
  }

  /** Resolves with the status as soon as an answer is held, at the latest after `timeoutMs` or when `signal` aborts. */
  async whenHolding(timeoutMs = 30_000, signal?: AbortSignal): Promise<HoldStatus> {
    if (this.state.name !== 'holding' && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.waiting.delete(done);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        this.waiting.add(done);
        signal?.addEventListener('abort', done);
      });
    }
    return this.status();
  }

  /** Disarms, and gives a held answer to its client if that is still there; `drop` cuts the connection instead. */
  release(how: 'deliver' | 'drop' = 'deliver'): void {
    const { state } = this;
    this.state = { name: 'idle' };
    if (state.name !== 'holding') return;
    if (how === 'deliver') state.answer.deliver();
    else state.answer.cut();
  }
}

function matches({ entry, attribute }: HoldRequest, write: WriteRequest): boolean {
  return (
    (entry === undefined || write.dn.toLowerCase().includes(entry.toLowerCase())) &&
    (attribute === undefined || write.attributes.includes(attribute.toLowerCase()))
  );
}
