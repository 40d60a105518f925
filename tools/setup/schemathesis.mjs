// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { attempt, run } from './command.mjs';
import { root } from './places.mjs';

/** Every package with the hashes of its files for Linux and macOS: pip installs nothing else. */
const LOCK = join(root, 'tools', 'setup', 'schemathesis.lock');

/** The oldest Python that the locked packages run on. */
export const PYTHON_FLOOR = [3, 11];

const RUN = 'from schemathesis.cli import schemathesis; schemathesis()';

/** Compiled parts belong to one version of Python. @returns {Promise<string>} */
export async function schemathesisKey() {
  return cacheKey({ files: [LOCK], words: [await pythonVersion()] });
}

/** E.g. `3.11`; empty where there is none. */
export async function pythonVersion() {
  const { status, stdout } = await attempt('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  return status === 0 ? stdout.trim() : '';
}

/**
 * Installs Schemathesis into the cache.
 * @param {{ report: (text: string) => void, log: string }} options
 * @returns {Promise<string>} the directory of its packages
 */
export async function fetchSchemathesis({ report, log }) {
  const build = async (/** @type {string} */ dir) => {
    report('pip installs it');
    // the environment cannot be moved, the packages can
    const environment = join(dir, 'environment');
    await run('python3', ['-m', 'venv', environment], { log });
    const pip = [join(environment, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check'];
    const [program = '', ...install] = [...pip, '--no-deps', '--only-binary', ':all:', '--require-hashes'];
    await run(program, [...install, '--requirement', LOCK, '--target', join(dir, 'packages')], { log });
    rmSync(environment, { recursive: true });
  };
  return join(await cached({ name: 'schemathesis', key: await schemathesisKey(), report, build }), 'packages');
}

/**
 * The command that runs it, with what its environment needs besides.
 * @param {string} packages directory given by `fetchSchemathesis`
 * @returns {{ command: string, args: string[], env: Record<string, string> }}
 */
export function schemathesisCommand(packages) {
  return { command: 'python3', args: ['-c', RUN], env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' } };
}
