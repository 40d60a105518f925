const RANDOM_BYTES = 10;
const POOL_BYTES = 400 * RANDOM_BYTES;

// drawn ahead: asking the system for each id costs more than making it
let pool = new Uint8Array(0);
let used = 0;

/** A UUID version 7 (RFC 9562): sorted by the millisecond it was made in, so that new rows land side by side in an index. */
export function newId(): string {
  if (used + RANDOM_BYTES > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    used = 0;
  }
  const time = Date.now().toString(16).padStart(12, '0');
  const version = 0x70 | (pool[used]! & 0x0f);
  const variant = 0x80 | (pool[used + 1]! & 0x3f);
  const tail = hex(pool, used + 4, used + RANDOM_BYTES);
  const id = `${time.slice(0, 8)}-${time.slice(8)}-${HEX[version]}${HEX[pool[used + 2]!]}-${HEX[variant]}${HEX[pool[used + 3]!]}-${tail}`;
  used += RANDOM_BYTES;
  return id;
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) text += HEX[bytes[index]!];
  return text;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export function isId(text: string): boolean {
  return UUID.test(text);
}
