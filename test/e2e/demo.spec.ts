import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { testStack } from '../support/test-stack.js';

/** Runs a demo as a person does; gives its exit code and last line. */
async function playDemo(name: string): Promise<{ code: number | null; last: string; output: string }> {
  const { devJson, runDir } = testStack();
  const env = { ...process.env, NODE_OPTIONS: '', STELLWERK_DEV_JSON: devJson, STELLWERK_RUN_DIR: runDir };
  const demo = spawn(process.execPath, [join('dist', 'tools', 'demo', `${name}.js`)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => demo.once('close', resolve));
  return { code, output, last: output.trim().split('\n').at(-1) ?? '' };
}

describe.each(['offboarding', 'onboarding'])('npm run demo -- %s', (name) => {
  it('ends with every check verified', async () => {
    const { code, last, output } = await playDemo(name);
    const result = (last.startsWith('{') ? JSON.parse(last) : { output }) as { ok?: boolean };
    expect(result).toMatchObject({ demo: name, ok: true, failed: [] });
    expect(code).toBe(0);
  }, 180_000);
});
