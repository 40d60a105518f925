import { randomBytes } from 'node:crypto';
import { MasterKeysInvalid } from './key-ring.js';

/** A master key that we hold ourselves. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const LINE = /^(?:([a-z0-9][a-z0-9-]{0,39}):)?([A-Za-z0-9+/]{43}=)$/;
/** The id of a key without one: the only key of installations from before keys had ids. */
const FIRST = '1';

/**
 * Master keys out of text: a line (or what stands between two commas) for each, `<id>:<32 bytes in base64>`, or the bytes
 * alone for the key `1`. The first one wraps, the others only open. Throws `MasterKeysInvalid`, which never quotes a line.
 */
export function parseMasterKeys(text: string, place: string): readonly MasterKey[] {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = lines.map((line, index) => {
    const [, id = FIRST, base64] = LINE.exec(line) ?? [];
    if (base64 === undefined)
      throw new MasterKeysInvalid(
        `Key ${index + 1} of ${place} must be <id>:<32 bytes in base64>, or the bytes alone.`,
      );
    return { id, bytes: Buffer.from(base64, 'base64') };
  });
  if (keys.length === 0) throw new MasterKeysInvalid(`${place} must hold 32 bytes in base64.`);
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
  if (twice) throw new MasterKeysInvalid(`${place} has two keys with the id ${twice.id}. Give each an id of its own.`);
  return keys;
}

/**
 * The text with a new key before the others, and that key's id: the number after the largest, of those that something was
 * wrapped by as well. A lost key's number for another key would hide that it is lost.
 */
export function withNewMasterKey(
  text: string,
  place: string,
  used: readonly string[] = [],
): { readonly text: string; readonly id: string } {
  const keys = parseMasterKeys(text, place);
  const numbers = [...keys.map(({ id }) => id), ...used].map(Number).filter(Number.isSafeInteger);
  const id = String(Math.max(0, ...numbers) + 1);
  return { text: `${id}:${randomBytes(32).toString('base64')}\n${text.trim()}\n`, id };
}
