import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import type { MasterKeysConfig } from '#libs/platform/config';
import { openDatabase } from '#libs/platform/database';
import { openKeyRing, PayloadKeys } from '#libs/platform/secrets';
import { decodeMessage, encryptedPayloads } from '#libs/platform/temporal';

/** Reads and writes payloads as our programs do. */
export interface TestPayloads {
  readonly dataConverter: DataConverter;
  readonly codec: PayloadCodec;
  /** A workflow's history as somebody sees it who has the keys. */
  readableHistory(handle: { fetchHistory(): Promise<History> }): Promise<string>;
  stop(): Promise<void>;
}

/** With the keys of a database; its address as the bridge's or the workers' role. */
export function openPayloads(databaseUrl: string, masterKeys: MasterKeysConfig): TestPayloads {
  const database = openDatabase({ url: databaseUrl, poolSize: 2 }, 'test-payloads');
  const dataConverter = encryptedPayloads(new PayloadKeys(database, openKeyRing(masterKeys)));
  const codec = dataConverter.payloadCodecs![0]!;
  return {
    dataConverter,
    codec,
    readableHistory: async (handle) => {
      const history = await handle.fetchHistory();
      await decodeMessage(history, codec);
      return [JSON.stringify(history), ...bytesIn(history)].join('\n');
    },
    stop: () => database.destroy(),
  };
}

/** Every field of bytes as text, so that a search finds what stands in them: JSON would have base64. */
function bytesIn(message: unknown): string[] {
  if (message instanceof Uint8Array) return [Buffer.from(message).toString('utf8')];
  if (typeof message !== 'object' || message === null) return [];
  return Object.values(message).flatMap(bytesIn);
}

/** For those who only wait for a workflow's end: what is encrypted is read as nothing. */
export const blindConverter: DataConverter = {
  payloadCodecs: [
    {
      encode: (payloads) => Promise.resolve(payloads),
      decode: (payloads) =>
        Promise.resolve(
          payloads.map((payload) =>
            Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === 'binary/encrypted'
              ? { metadata: { encoding: Buffer.from('binary/null') } }
              : payload,
          ),
        ),
    },
  ],
};
