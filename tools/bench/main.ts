import { dispatch } from './dispatch.js';
import { fairness } from './fairness.js';
import { flat } from './flat.js';
import { ingest } from './ingest.js';
import { processRuns } from './process.js';
import { Progress } from './progress.js';
import type { BenchResult } from './result.js';
import { readServers, type BenchServers } from './servers.js';

type Bench = (servers: BenchServers, smoke: boolean, progress: Progress) => Promise<BenchResult>;

const BENCHES: Readonly<Record<string, Bench>> = { ingest, dispatch, process: processRuns, flat, fairness };

const [name = '', ...words] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench || words.some((word) => word !== '--smoke')) {
  console.error(`Usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--smoke]`);
  process.exit(2);
}
// an exit ends what was started
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const progress = new Progress();
const result = await bench(readServers(), words.includes('--smoke'), progress);
progress.say(result.ok ? 'done' : 'done; a check does not hold');
console.log(JSON.stringify(result));
process.exit(result.ok ? 0 : 1);
