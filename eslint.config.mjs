import tseslint from 'typescript-eslint';

const PRESENT =
  'Business time comes from PostgreSQL (now()) or the workflow, technical time from systemClock (libs/kernel).';
const presentTime = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: PRESENT },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: PRESENT },
  // without `new` it gives the present, whatever its arguments
  { selector: "CallExpression[callee.name='Date']", message: PRESENT },
];

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
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    // In workflow code both are Temporal's, hence deterministic.
    ignores: ['libs/kernel/**', 'workflows/**'],
    rules: { 'no-restricted-syntax': ['error', ...presentTime] },
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
