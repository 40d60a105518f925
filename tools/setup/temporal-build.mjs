// @ts-check
import { join } from 'node:path';
import { cached, cacheKey } from './cache.mjs';
import { run } from './command.mjs';
import { root } from './places.mjs';

const moduleDir = join(root, 'tools', 'stack', 'temporal');

const programs = [
  // The tag leaves out gRPC parts of a Google storage client that only archival uses; Temporal's own builds set it too.
  { output: 'temporal-server', source: 'go.temporal.io/server/cmd/server', flags: ['-tags', 'disable_grpc_modules'] },
  {
    output: 'temporal-sql-tool',
    source: 'go.temporal.io/server/cmd/tools/sql',
    flags: ['-tags', 'disable_grpc_modules'],
  },
  { output: 'temporal-ui', source: 'github.com/temporalio/ui-server/v2/cmd/server', flags: [] },
];

/** The cache entry is named by go.mod and go.sum, which pin every module with its checksum. */
export function temporalKey() {
  return cacheKey({
    files: [join(moduleDir, 'go.mod'), join(moduleDir, 'go.sum')],
    words: programs.flatMap((p) => [p.source, ...p.flags]),
  });
}

/**
 * Builds the Temporal server, its schema tool and its UI with Go.
 * @param {{ report: (text: string, fraction?: number) => void, log: string }} options
 * @returns {Promise<string>} the directory that holds the three programs
 */
export async function buildTemporal({ report, log }) {
  return cached({ name: 'temporal', key: temporalKey(), report, build: (dir) => build(dir, report, log) });
}

/**
 * @param {string} dir
 * @param {(text: string, fraction?: number) => void} report
 * @param {string} log
 */
async function build(dir, report, log) {
  report('downloading Go modules');
  const total = (
    await go(
      [
        'list',
        '-mod=readonly',
        '-deps',
        '-tags',
        'disable_grpc_modules',
        '-f',
        '{{.ImportPath}}',
        ...programs.map((p) => p.source),
      ],
      log,
    )
  ).split('\n').length;
  let compiled = 0;
  for (const { output, source, flags } of programs) {
    report(`compiling ${output}`, compiled / total);
    // -v prints each package when it is compiled; what Go's own cache holds is not printed, so the figure can end early.
    await go(
      [
        'build',
        '-v',
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags=-s -w',
        ...flags,
        '-o',
        join(dir, output),
        source,
      ],
      `${log}.${output}`,
      () => {
        compiled += 1;
        report(`compiling ${output}`, Math.min(0.99, compiled / total));
      },
    );
  }
}

/**
 * @param {string[]} args
 * @param {string} log
 * @param {(line: string) => void} [onLine]
 */
function go(args, log, onLine) {
  // A developer's GOFLAGS or workspace must not change what is built.
  const env = { ...process.env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };
  return run('go', args, { cwd: moduleDir, env, log, onLine });
}
