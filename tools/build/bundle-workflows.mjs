// @ts-check
// Bundles the workflows once, at build time: workers then start without a compiler (run after tsc).
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const dist = new URL('../../dist/workflows/', import.meta.url);
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('index.js', dist)),
  // messages of failures are encrypted, too: what a workflow fails with is made inside the bundle
  failureConverterPath: fileURLToPath(new URL('../libs/platform/temporal/payloads/failure-converter.cjs', dist)),
});
writeFileSync(new URL('bundle.js', dist), code);
