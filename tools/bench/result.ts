/** One judged figure. Without a limit it is told, not judged. */
export interface Check {
  readonly name: string;
  readonly value: number;
  readonly limit: number | null;
  readonly ok: boolean;
}

/** A bench's last line. */
export interface BenchResult {
  readonly bench: string;
  /** The median of our side's figures, and of the floor's. */
  readonly value: number;
  readonly floor: number;
  /** The median of the pairs' ratios, value ÷ floor. */
  readonly ratio: number;
  readonly unit: string;
  readonly p50?: number;
  readonly p99?: number;
  /** The lowest and the highest ratio. */
  readonly spread: readonly [number, number];
  readonly checks: readonly Check[];
  readonly ok: boolean;
}

/** What one side of a pair did. */
export interface Measured {
  readonly units: number;
  readonly seconds: number;
  /** CPU time of all processes of this side, by process, in milliseconds. */
  readonly cpu: Readonly<Record<string, number>>;
}

export interface Pair {
  readonly ours: Measured;
  readonly floor: Measured;
}

export function rate({ units, seconds }: Measured): number {
  return units / seconds;
}

/** The value at this share (0 to 1) of the sorted values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function rounded(value: number): number {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return Number(value.toFixed(digits));
}

/** A figure that must be at least (or, told so, at most) its limit. */
export function judged(name: string, value: number, limit: number, side: 'least' | 'most' = 'least'): Check {
  return { name, value: rounded(value), limit, ok: side === 'least' ? value >= limit : value <= limit };
}

export function told(name: string, value: number): Check {
  return { name, value: rounded(value), limit: null, ok: true };
}

/** Everything that was counted must be there. */
export function whole(name: string, found: number, expected: number): Check {
  return { name, value: found, limit: expected, ok: found === expected };
}

/** Puts pairs and checks together. `least` is null where ratios are not judged (a smoke run). */
export function summarise(
  bench: string,
  unit: string,
  pairs: readonly Pair[],
  least: number | null,
  checks: readonly Check[],
): BenchResult {
  const ratios = pairs.map(({ ours, floor }) => rate(ours) / rate(floor));
  const ratio = median(ratios);
  const all = [least === null ? told('ratio', ratio) : judged('ratio', ratio, least), ...checks];
  return {
    bench,
    value: rounded(median(pairs.map(({ ours }) => rate(ours)))),
    floor: rounded(median(pairs.map(({ floor }) => rate(floor)))),
    ratio: rounded(ratio),
    unit,
    spread: [rounded(Math.min(...ratios)), rounded(Math.max(...ratios))],
    checks: all,
    ok: all.every((check) => check.ok),
  };
}

/** CPU milliseconds per unit as text: `api 0.31, postgres 0.42 (0.73)`. */
export function cpuText(measured: readonly Measured[]): string {
  const units = measured.reduce((sum, one) => sum + one.units, 0);
  const names = [...new Set(measured.flatMap((one) => Object.keys(one.cpu)))];
  const shares = names.map((name) => measured.reduce((sum, one) => sum + (one.cpu[name] ?? 0), 0) / units);
  const parts = names.map((name, index) => `${name} ${shares[index]!.toFixed(2)}`);
  return `${parts.join(', ')} (${shares.reduce((sum, share) => sum + share, 0).toFixed(2)})`;
}

/** Counts of one kind as one check. */
export function merged(checks: readonly Check[]): Check[] {
  const names = [...new Set(checks.map((check) => check.name))];
  return names.map((name) => {
    const same = checks.filter((check) => check.name === name);
    if (same[0]!.limit === null) return same[0]!;
    const sum = (pick: (check: Check) => number): number => same.reduce((total, check) => total + pick(check), 0);
    return {
      name,
      value: sum((check) => check.value),
      limit: sum((check) => check.limit!),
      ok: same.every((check) => check.ok),
    };
  });
}
