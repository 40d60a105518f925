import tseslint from 'typescript-eslint';

const PRESENT =
  'Business time comes from PostgreSQL (now()) or the workflow, technical time from systemClock (libs/kernel).';
const presentTime = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: PRESENT },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: PRESENT },
  // without `new` it gives the present, whatever its arguments
  { selector: "CallExpression[callee.name='Date']", message: PRESENT },
];

const ONE_WAY_OUT =
  'Connections go out through libs/platform/outgoing, where their address is checked and pinned (ADR 25).';
const oneWayOut = (...names) => names.flatMap((name) => [name, `node:${name}`]);
const sockets = [
  ...oneWayOut('net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises'),
  ...['undici', 'nodemailer', 'ssh2'],
].map((name) => ({ name, message: ONE_WAY_OUT, allowTypeImports: true }));
// the rest of ldapts is data; jose and openid-client take a fetch of ours
const clients = [{ name: 'ldapts', importNames: ['Client'], message: ONE_WAY_OUT, allowTypeImports: true }];
const NO_COMMANDS = 'Programs of ours start no programs and evaluate no text: what is made of input would run.';
const commands = ['child_process', 'vm', 'repl'].flatMap((name) => [name, `node:${name}`]);
const noCommands = commands.map((name) => ({ name, message: NO_COMMANDS }));
const networkGlobals = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.stellwerk/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    // In workflow code both are Temporal's, hence deterministic.
    ignores: ['libs/kernel/**', 'workflows/**'],
    rules: { 'no-restricted-syntax': ['error', ...presentTime] },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'workflows/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: noCommands }] },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'workflows/**/*.ts'],
    // the console runs in a browser; a health server listens, and opens nothing; Vault is the operator's own and no customer's
    ignores: [
      '**/*.spec.ts',
      'apps/console/**',
      'libs/platform/outgoing/**',
      'libs/platform/observability/health-server.ts',
      'libs/platform/secrets/keys/vault-client.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [...sockets, ...clients] }],
      'no-restricted-globals': ['error', ...networkGlobals.map((name) => ({ name, message: ONE_WAY_OUT }))],
      'no-restricted-properties': [
        'error',
        ...networkGlobals.map((property) => ({ object: 'globalThis', property, message: ONE_WAY_OUT })),
      ],
    },
  },
  // set-up and stack run before anything is compiled, and have the kernel's clock in a file of their own
  {
    files: ['**/*.mjs'],
    ignores: ['tools/setup/clock.mjs'],
    rules: { 'no-restricted-syntax': ['error', ...presentTime] },
  },
  { files: ['tools/**/*.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: { 'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }] },
  },
);
