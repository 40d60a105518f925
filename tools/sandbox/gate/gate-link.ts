import type { Socket } from 'node:net';
import type { AnswerHold, Arming } from './answer-hold.js';
import { DelayedQueue } from './delayed-queue.js';
import { LdapMessageSplitter, readLdapMessage, type WriteRequest } from './ldap-message.js';
import type { WriteThrottle } from './write-throttle.js';

interface PendingWrite {
  write: WriteRequest;
  arming: Arming | undefined;
}

interface AnsweredWrite {
  pending: PendingWrite;
  resultCode: number;
}

/** In milliseconds, as they are now. */
export interface LinkDelays {
  /** Of every answer. */
  readonly all: () => number;
  /** Of answers to writes. */
  readonly writes: () => number;
}

/** Called for each write that the directory has carried out, with the DN that its connection is bound as. */
export type WriteObserver = (write: WriteRequest, boundAs: string) => unknown;

/** One client's connection through the gate to the directory. */
export class GateLink {
  private readonly requests = new LdapMessageSplitter();
  private readonly answers = new LdapMessageSplitter();
  private readonly pending = new Map<number, PendingWrite>();
  private readonly outgoing = new DelayedQueue();
  /** Answers to writes; LDAP lets answers overtake each other, so that reads go on beside a write that waits. */
  private readonly writeAnswers = new DelayedQueue();
  private boundAs = '';

  constructor(
    private readonly client: Socket,
    private readonly directory: Socket,
    private readonly hold: AnswerHold,
    private readonly throttle: WriteThrottle,
    private readonly delays: LinkDelays,
    private readonly onWrite: WriteObserver | undefined,
  ) {
    client.setNoDelay(true);
    directory.setNoDelay(true);
    client.on('data', (chunk: Buffer) => this.guarded(() => this.forwardRequests(chunk)));
    directory.on('data', (chunk: Buffer) => this.guarded(() => this.forwardAnswers(chunk)));
    // A slow reader stops the other side, so that a large search result is not piled up here.
    client.on('drain', () => directory.resume());
    directory.on('drain', () => client.resume());
    client.on('error', () => client.destroy());
    directory.on('error', () => directory.destroy());
    // Ended, not destroyed: a request that has arrived is carried out even when its client is gone by then.
    client.once('close', () => directory.end());
    // The directory's last answers may still be on their way to the client.
    directory.once('close', () =>
      this.outgoing.add(
        () => client.end(),
        () => 0,
      ),
    );
  }

  /** Ends both sides at once, as a broken network would. */
  cut(): void {
    this.outgoing.clear();
    this.writeAnswers.clear();
    this.client.destroy();
    this.directory.destroy();
  }

  private forwardRequests(chunk: Buffer): void {
    for (const message of this.requests.push(chunk)) {
      const { id, write, bindDn } = readLdapMessage(message);
      if (bindDn !== undefined) this.boundAs = bindDn;
      if (write) this.admit(message, id, write);
      else this.forward(message);
    }
  }

  private admit(message: Buffer, id: number, write: WriteRequest): void {
    const pass = (): void => {
      this.pending.set(id, { write, arming: this.hold.armingFor(write) });
      this.forward(message);
    };
    // who waits for a write to hold shall not wait for the throttle as well
    if (this.hold.armingFor(write)) pass();
    else this.throttle.admit({ write, pass, isConnected: () => this.client.writable });
  }

  private forward(message: Buffer): void {
    if (!this.directory.write(message)) this.client.pause();
  }

  private forwardAnswers(chunk: Buffer): void {
    for (const message of this.answers.push(chunk)) {
      const answered = this.writeAnsweredBy(message);
      if (!answered) this.deliver(message);
      else if (!this.isHeld(message, answered)) this.deliverAnswerToWrite(message);
    }
  }

  private writeAnsweredBy(message: Buffer): AnsweredWrite | undefined {
    if (this.pending.size === 0) return undefined;
    const { id, resultCode } = readLdapMessage(message);
    const pending = this.pending.get(id);
    if (pending === undefined || resultCode === undefined) return undefined;
    this.pending.delete(id);
    return { pending, resultCode };
  }

  private isHeld(message: Buffer, { pending, resultCode }: AnsweredWrite): boolean {
    // A refused write has changed nothing: its answer is of no interest to the hold.
    if (resultCode !== 0) return false;
    this.onWrite?.(pending.write, this.boundAs);
    if (!pending.arming) return false;
    return this.hold.take(pending.arming, pending.write, {
      deliver: () => this.deliver(message),
      cut: () => this.cut(),
      isConnected: () => this.client.writable,
      clientPort: this.client.remotePort,
    });
  }

  private deliver(message: Buffer): void {
    this.outgoing.add(() => this.pass(message), this.delays.all);
  }

  private deliverAnswerToWrite(message: Buffer): void {
    this.writeAnswers.add(
      () => this.pass(message),
      () => Math.max(this.delays.all(), this.delays.writes()),
    );
  }

  private pass(message: Buffer): void {
    if (this.client.writable && !this.client.write(message)) this.directory.pause();
  }

  private guarded(action: () => void): void {
    try {
      action();
    } catch {
      // Whatever is no LDAP cannot be carried on: after a lost frame every later one would be misread.
      this.cut();
    }
  }
}
