import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';

interface Failure {
  encodedAttributes?: Payload | null;
  message?: string | null;
  stackTrace?: string | null;
}

/**
 * Decodes every payload in a message of Temporal's API, such as a history, in its place. Failures get their message and stack
 * trace back. Throws what the codec throws.
 */
export async function decodeMessage(message: unknown, codec: PayloadCodec): Promise<void> {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return;
  for (const [name, value] of Object.entries(message as Record<string, unknown>)) {
    if (isPayload(value)) {
      const [decoded] = await codec.decode([value]);
      (message as Record<string, unknown>)[name] = decoded;
    } else await decodeMessage(value, codec);
  }
  restoreWords(message);
}

/** Messages and stack traces out of `encodedAttributes`, for readers that do not know of them. */
function restoreWords(message: Failure): void {
  if (!isPayload(message.encodedAttributes)) return;
  const { message: text, stack_trace: stackTrace } = defaultPayloadConverter.fromPayload<{
    message: string;
    stack_trace: string;
  }>(message.encodedAttributes);
  Object.assign(message, { message: text, stackTrace, encodedAttributes: null });
}

function isPayload(value: unknown): value is Payload {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Payload).metadata?.['encoding'] instanceof Uint8Array &&
    !Array.isArray(value)
  );
}
