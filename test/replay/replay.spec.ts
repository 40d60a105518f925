import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });

const here = join(process.cwd(), 'test', 'replay');
const files = readdirSync(join(here, 'histories')).filter((file) => file.endsWith('.json'));
const bundle = { codePath: join(process.cwd(), 'dist', 'workflows', 'bundle.js') };

interface StoredHistory {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowType: { readonly name: string } };
  }[];
}

function read(file: string): StoredHistory {
  return JSON.parse(readFileSync(join(here, 'histories', file), 'utf8')) as StoredHistory;
}

function typeOf(history: StoredHistory): string | undefined {
  return history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
}

describe('stored histories', () => {
  it('are those of the committed list, unchanged', () => {
    const listed = readFileSync(join(here, 'histories.sha256'), 'utf8').trim().split('\n');
    const found = files.map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(here, 'histories', file)))
          .digest('hex')}  ${file}`,
    );
    expect(found.sort()).toEqual(listed.sort());
  });

  it('exist for every workflow', () => {
    const index = readFileSync(join(process.cwd(), 'workflows', 'index.ts'), 'utf8');
    const workflows = [...index.matchAll(/export \{ (\w+) \}/g)].map((match) => match[1]!);
    expect(workflows.length).toBeGreaterThan(0);
    expect([...new Set(files.map((file) => typeOf(read(file))))].sort()).toEqual(workflows.sort());
  });

  it.each(files)('%s replays with the present code', async (file) => {
    const history = read(file);
    await Worker.runReplayHistory({ workflowBundle: bundle }, history, 'replayed');
  });

  it('of another course do not replay: the check can fail', async () => {
    const file = files.find((candidate) => typeOf(read(candidate)) === 'offboarding')!;
    const changed = JSON.parse(JSON.stringify(read(file)).replaceAll('drawPlan', 'drawAnotherPlan')) as StoredHistory;
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, changed, 'changed')).rejects.toThrow();
  });
});
