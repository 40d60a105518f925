import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { RecordLog } from '../record-log.js';

/** A call that a hook has received. */
export interface ReceivedCall {
  name: string;
  method: string;
  /** With the query. */
  path: string;
  /** Names are in lower case, as Node gives them. */
  headers: IncomingHttpHeaders;
  body: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
}

/** How a hook answers. */
export interface HookBehaviour {
  status: number;
  /** A string is sent as text, everything else as JSON. */
  body?: unknown;
  delayMs?: number;
  /** The next call is recorded, but its answer waits until the behaviour is set again. */
  holdOnce?: boolean;
}

/** The customer's HTTP systems: each name under `/hooks/` is one, recorded and answered as it was told. */
export class HookReceiver {
  readonly calls = new RecordLog<ReceivedCall>();
  private readonly behaviours = new Map<string, HookBehaviour>();
  private readonly held = new Map<string, (() => void)[]>();

  /** Sets how a hook answers from now on, and sends what it has held. */
  behave(name: string, behaviour: HookBehaviour): void {
    this.behaviours.set(name, behaviour);
    const held = this.held.get(name) ?? [];
    this.held.delete(name);
    for (const send of held) send();
  }

  /** Records a call and answers it; an answer may find its client gone. */
  receive(call: ReceivedCall, response: ServerResponse): void {
    const behaviour = this.behaviours.get(call.name) ?? { status: 200 };
    const send = (): void => answer(response, behaviour);
    if (behaviour.holdOnce === true) {
      this.behaviours.set(call.name, { ...behaviour, holdOnce: false });
      this.held.set(call.name, [...(this.held.get(call.name) ?? []), send]);
    } else if (behaviour.delayMs !== undefined && behaviour.delayMs > 0) {
      setTimeout(send, behaviour.delayMs).unref();
    } else {
      send();
    }
    this.calls.add(call);
  }
}

function answer(response: ServerResponse, { status, body = { status: 'ok' } }: HookBehaviour): void {
  if (response.destroyed) return;
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json' });
  response.end(isText ? body : JSON.stringify(body));
}
