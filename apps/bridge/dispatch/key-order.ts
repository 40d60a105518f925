import type { ReceivedRecord } from '#libs/platform/kafka';

/**
 * Works on records side by side, but for those of one key, which follow each other. A record whose result `holds` keeps
 * the later ones of its key from beginning; they get the same result. Gives the results in the order of the records.
 */
export async function inKeyOrder<Result>(
  records: readonly ReceivedRecord[],
  work: (index: number) => Promise<Result>,
  holds: (result: Result) => boolean,
): Promise<Result[]> {
  const results = new Array<Result>(records.length);
  const followEachOther = async (indexes: readonly number[]): Promise<void> => {
    let held: Result | null = null;
    for (const index of indexes) {
      const result: Result = held ?? (await work(index));
      if (holds(result)) held = result;
      results[index] = result;
    }
  };
  await Promise.all([...byKey(records)].map(followEachOther));
  return results;
}

function byKey(records: readonly ReceivedRecord[]): Iterable<number[]> {
  const keys = new Map<string | symbol, number[]>();
  records.forEach((record, index) => {
    // without a key nothing has to follow
    const key = record.key?.toString('latin1') ?? Symbol();
    const indexes = keys.get(key);
    if (indexes) indexes.push(index);
    else keys.set(key, [index]);
  });
  return keys.values();
}
