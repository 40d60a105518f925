import type { Socket } from 'node:net';
import { AnswerTooLarge, OutgoingTimeout } from './outgoing-errors.js';

/** How much a server may send over one connection, and for how long. */
export interface SocketLimits {
  readonly bytes: number;
  readonly wholeMs: number;
}

const LOOK_MS = 50;

/**
 * Ends a connection that outlives its limits, for protocols whose clients have none: pages without end would fill our memory,
 * and an answer that drips keeps a limit for silence from ever being reached. `who` stands in the message.
 */
export function holdToLimits(socket: Socket, who: string, { bytes, wholeMs }: SocketLimits): void {
  const until = performance.now() + wholeMs;
  const look = (): void => {
    if (socket.bytesRead > bytes)
      socket.destroy(
        new AnswerTooLarge(`${who} sent more than ${Math.round(bytes / 1_048_576)} MiB. Ask it for less.`),
      );
    else if (performance.now() > until)
      socket.destroy(
        new OutgoingTimeout(`${who} was not done within ${Math.round(wholeMs / 1_000)} s. It is tried again.`),
      );
  };
  const timer = setInterval(look, LOOK_MS).unref();
  socket.once('close', () => clearInterval(timer));
}
