/**
 * The rows that may be sent now, in the order in which they were given but for rows of one key, which follow their
 * sequence. Append locks the key's row before it takes a sequence, so a later one is never visible without the earlier
 * ones; where a scan was cut off, a gap may remain, and what stands behind it waits for the next scan.
 */
export function inSendOrder<Row extends { readonly key: string; readonly sequence: number }>(
  rows: readonly Row[],
): Row[] {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    const sameKey = byKey.get(row.key);
    if (sameKey) sameKey.push(row);
    else byKey.set(row.key, [row]);
  }
  return [...byKey.values()].flatMap((sameKey) => unbroken(sameKey.sort((a, b) => a.sequence - b.sequence)));
}

function unbroken<Row extends { readonly sequence: number }>(sorted: readonly Row[]): readonly Row[] {
  const gap = sorted.findIndex((row, index) => row.sequence !== sorted[0]!.sequence + index);
  return gap === -1 ? sorted : sorted.slice(0, gap);
}
