import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolModule } from '../unit/stack/tool-module.js';

interface Setup {
  fetchSchemathesis(options: { report: (text: string) => void; log: string }): Promise<string>;
  schemathesisCommand(packages: string): { command: string; args: string[]; env: Record<string, string> };
}
interface Commands {
  attempt(
    command: string,
    args: string[],
    options: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
  ): Promise<{ status: number; output: string }>;
}
const { fetchSchemathesis, schemathesisCommand } = await toolModule<Setup>('setup/schemathesis.mjs');
const { attempt } = await toolModule<Commands>('setup/command.mjs');

/** What is asked of every answer. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
  'missing_required_header',
];

/** One run of the fuzzer against one API, as one caller. */
export interface FuzzRun {
  readonly url: string;
  /** What is called (OpenAPI). */
  readonly description: object;
  readonly headers: Readonly<Record<string, string>>;
  /** Values of parameters that chance would not hit, by operation. */
  readonly known: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly seed: number;
  /** Cases per operation at most. */
  readonly examples: number;
  /** `coverage` tries each limit and each kind of a wrong value in turn, `fuzzing` what chance brings. */
  readonly phases: readonly ('coverage' | 'fuzzing')[];
  /** It is ended after so many seconds, and has failed then. */
  readonly seconds: number;
}

/** Runs it and gives what it printed; `status` 0 means that it found nothing. */
export async function fuzz(run: FuzzRun): Promise<{ status: number; output: string }> {
  const { command, args, env } = schemathesisCommand(await fetchSchemathesis({ report: () => {}, log: '/dev/null' }));
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-fuzz-'));
  try {
    writeFileSync(join(dir, 'schemathesis.toml'), settings(run));
    const description = join(dir, 'openapi.json');
    writeFileSync(description, JSON.stringify(run.description));
    const headers = Object.entries(run.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    // one worker: Python 3.11 fails at random when two threads parse
    // not --max-time: with it, fuzzing goes on until the time is spent, and ends wherever it is
    const bounds = ['--seed', String(run.seed), '--max-examples', String(run.examples)];
    const asked = ['--phases', run.phases.join(','), '--checks', CHECKS.join(','), '--workers', '1', '--no-color'];
    const words = ['--config-file', join(dir, 'schemathesis.toml'), 'run', description, '--url', run.url];
    return await attempt(command, [...args, ...words, ...asked, ...bounds, ...headers], {
      cwd: dir,
      env: { ...process.env, ...env },
      timeoutMs: run.seconds * 1000,
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function settings({ known }: FuzzRun): string {
  const operations = [...known].map(
    ([operationId, parameters]) => `[[operations]]
include-operation-id = ${JSON.stringify(operationId)}
[operations.parameters]
${Object.entries(parameters)
  .map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`)
  .join('\n')}
`,
  );
  return [
    'continue-on-failure = true',
    'warnings = false',
    // where we send somebody is an answer of ours; what is there is not
    'max-redirects = 0',
    '[phases.coverage]',
    // Node's own parser refuses the young method QUERY before we see it
    'unexpected-methods = ["OPTIONS", "PATCH", "TRACE"]',
    '[output.sanitization]',
    'enabled = true',
    ...operations,
  ].join('\n');
}

/** All of the description, or every other address of it. */
export type Part = 'all' | 'even' | 'odd';

interface Description {
  readonly paths: Record<string, Record<string, { operationId: string }>>;
}

/** The committed description, which a unit test holds against the code. */
export function descriptionOf(part: Part): Description {
  const file = join(process.cwd(), 'docs', 'contracts', 'openapi.json');
  const whole = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const paths = Object.entries(whole.paths).filter(
    (_path, index) => part === 'all' || (index % 2 === 0) === (part === 'even'),
  );
  return { ...whole, paths: Object.fromEntries(paths) };
}

/** Operations of the description, with the names of their parameters in the address. */
export function operations(part: Part): { operationId: string; inAddress: string[] }[] {
  return Object.entries(descriptionOf(part).paths).flatMap(([path, verbs]) =>
    Object.values(verbs).map(({ operationId }) => ({
      operationId,
      inAddress: [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!),
    })),
  );
}
