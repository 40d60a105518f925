import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { testStack } from '../support/test-stack.js';

it('npm run demo -- sla: everybody is told in time, whatever is killed with a mail in flight', async () => {
  const { devJson, runDir } = testStack();
  const env = { ...process.env, NODE_OPTIONS: '', STELLWERK_DEV_JSON: devJson, STELLWERK_RUN_DIR: runDir };
  const script = join('dist', 'tools', 'demo', 'sla.js');
  const demo = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => demo.once('close', resolve));
  const last = output.trim().split('\n').at(-1) ?? '';
  const result = (last.startsWith('{') ? JSON.parse(last) : { output }) as object;
  expect(result).toMatchObject({ demo: 'sla', ok: true, failed: [], failure: null });
  expect(code).toBe(0);
}, 240_000);
