/** One project per suite; `tools/test.mjs` runs them in order. Tests run as ESM, so Jest needs --experimental-vm-modules. */
const shared = {
  testEnvironment: 'node',
  // not `import`: some packages then resolve to code that Jest cannot link
  testEnvironmentOptions: { customExportConditions: ['development', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.stellwerk/'],
};

const project = (name, ...folders) => ({
  ...shared,
  testRunner: '<rootDir>/tools/setup/testing/warm-runner.mjs',
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/${folder}/**/*.spec.ts`),
});

export default {
  projects: [
    project('unit', 'libs', 'apps', 'workflows', 'tools', 'test/unit'),
    project('integration', 'test/integration'),
    project('workflow', 'test/workflow'),
    project('replay', 'test/replay'),
    project('fuzz', 'test/fuzz'),
    project('e2e', 'test/e2e'),
    project('bench', 'test/bench'),
    project('chaos', 'test/chaos'),
  ],
  // a limit for what hangs, on a machine that does many other things as well: more than one wait of `eventually`
  testTimeout: 150_000,
};
