import { dispatch } from './dispatch.js';
import { fairness } from './fairness.js';
import { flat } from './flat.js';
import { ingest } from './ingest.js';
import { processRuns } from './process.js';
import { Progress } from './progress.js';
import type { BenchResult } from './result.js';
import { readServers, type BenchServers } from './servers.js';
import { sla } from './sla.js';

type Bench = (servers: BenchServers, smoke: boolean, progress: Progress, clocks?: number) => Promise<BenchResult>;

const BENCHES: Readonly<Record<string, Bench>> = { ingest, dispatch, process: processRuns, flat, fairness, sla };

const [name = '', ...words] = process.argv.slice(2);
const bench = BENCHES[name];
const clocks = clocksIn(words);
if (!bench || clocks === null || words.some((word) => word !== '--smoke' && !isOfClocks(word))) {
  console.error(`Usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--smoke]; sla takes --clocks <number>`);
  process.exit(2);
}
// an exit ends what was started
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const progress = new Progress();
const result = await bench(readServers(), words.includes('--smoke'), progress, clocks);
progress.say(result.ok ? 'done' : 'done; a check does not hold');
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);

function isOfClocks(word: string): boolean {
  return name === 'sla' && (word === '--clocks' || /^\d+$/.test(word));
}

/** Undefined: not said; null: no number that makes sense. */
function clocksIn(all: readonly string[]): number | undefined | null {
  const place = all.indexOf('--clocks');
  if (place < 0) return undefined;
  const number = Number(all[place + 1]);
  return Number.isInteger(number) && number >= 20 && number <= 100_000 ? number : null;
}
