import { readDevelopment, readSandbox } from '../../tools/demo/development.js';
import type { SandboxDescription } from '../../tools/sandbox/index.js';
import { eventually } from './eventually.js';
import { testStack } from './test-stack.js';

/**
 * The sandbox beside the programs under test. Asked until it answers: a connection that an earlier test file left open was
 * closed at the other end while this one was loaded.
 */
export function runningSandbox(): Promise<SandboxDescription> {
  const development = readDevelopment(testStack().devJson);
  return eventually('the sandbox answers', () => readSandbox(development));
}
