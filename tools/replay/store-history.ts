import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { decodeMessage, TenantPayloadCodec } from '#libs/platform/temporal';
import { openPayloadKeys } from './payload-keys.js';
import { loadTemporalAddress } from './temporal-address.js';

/**
 * Stores a workflow's history for the replay tests: `node dist/tools/replay/store-history.js <workflow id> <name> [run id]`.
 * Of a workflow that went on in a new history it is the last one, unless the run is named. It is stored decrypted: store
 * histories of made-up customers only.
 * Histories are only added: the committed list of hashes makes changing one visible.
 */
const [workflowId, name, runId] = process.argv.slice(2);
if (!workflowId || !name || !/^[a-z0-9-]+$/.test(name)) {
  console.error('Usage: store-history <workflow id> <name in kebab-case> [run id]');
  process.exit(2);
}
const folder = new URL('../../../test/replay/histories/', import.meta.url);
const file = new URL(`${name}.json`, folder);
if (existsSync(file)) {
  console.error(`${name}.json exists already; stored histories are never changed. Choose another name.`);
  process.exit(2);
}
const { address, namespace } = loadTemporalAddress();
const connection = await Connection.connect({ address });
const history = await new Client({ connection, namespace }).workflow.getHandle(workflowId, runId).fetchHistory();
await connection.close();
const keys = openPayloadKeys();
await decodeMessage(history, new TenantPayloadCodec(keys.payloads));
await keys.stop();
// stack traces name paths of this machine, and replay does not look at them
const text = `${historyToJSON(history).replace(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""')}\n`;
writeFileSync(file, text);
const sums = new URL('../histories.sha256', folder);
const known = existsSync(sums) ? readFileSync(sums, 'utf8') : '';
if (!known.endsWith('\n') && known) appendFileSync(sums, '\n');
appendFileSync(sums, `${createHash('sha256').update(text).digest('hex')}  ${name}.json\n`);
console.log(`stored ${name}.json: ${history.events?.length} events`);
