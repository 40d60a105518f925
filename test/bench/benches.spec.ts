import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Result {
  readonly bench: string;
  readonly value: number;
  readonly floor: number;
  readonly ratio: number;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  readonly ok: boolean;
}

/** Runs a bench with counts so small that its figures mean nothing, but with all its checks of what must be there. */
async function smoke(name: string): Promise<Result | string> {
  const bench = spawn(
    process.execPath,
    ['--enable-source-maps', join('dist', 'tools', 'bench', 'main.js'), name, '--smoke'],
    {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [told, error] = ['', ''];
  bench.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  bench.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  await new Promise((resolve) => bench.once('close', resolve));
  const last = told.trim().split('\n').at(-1) ?? '';
  return last.startsWith('{') ? (JSON.parse(last) as Result) : error;
}

describe('npm run bench', () => {
  it.each(['ingest', 'dispatch', 'process', 'flat', 'fairness', 'sla'])(
    '-- %s counts everything it measured and ends in its line',
    async (name) => {
      const result = await smoke(name);
      expect(result).toMatchObject({ bench: name, ok: true });
      const { value, floor, ratio, checks } = result as Result;
      for (const figure of [value, floor, ratio]) expect(figure).toBeGreaterThan(0);
      expect(checks.filter((check) => !check.ok)).toEqual([]);
    },
  );
});
