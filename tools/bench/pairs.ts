import type { Progress } from './progress.js';
import { cpuText, rate, type Measured, type Pair } from './result.js';

export interface Sides {
  ours(): Promise<Measured>;
  floor(): Promise<Measured>;
}

/** Measures both sides in turn, the one that begins changing from pair to pair: what drifts on the machine hits both. */
export async function measurePairs(count: number, unit: string, sides: Sides, progress: Progress): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index++) {
    let ours: Measured | null = null;
    if (index % 2 === 0) ours = await sides.ours();
    const floor = await sides.floor();
    ours ??= await sides.ours();
    pairs.push({ ours, floor });
    const figures = `${rate(ours).toFixed(1)} against ${rate(floor).toFixed(1)} ${unit}`;
    progress.say(`pair ${index + 1} of ${count}: ${figures}, ratio ${(rate(ours) / rate(floor)).toFixed(2)}`);
  }
  progress.say(`CPU ms per unit, ours:  ${cpuText(pairs.map((pair) => pair.ours))}`);
  progress.say(`CPU ms per unit, floor: ${cpuText(pairs.map((pair) => pair.floor))}`);
  return pairs;
}
