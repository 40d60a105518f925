// Dependencies point down (docs/architecture.md). Paths are those of the sources; `#libs/…` resolves by package.json.
const context =
  '(agreements|approvals|automation|identity|inventory|monitoring|notify|oncall|patching|process|reports|requests|sla|tenancy|tickets|webhooks)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'kernel-imports-nothing',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/kernel/' },
    },
    {
      name: 'events-on-kernel-only',
      severity: 'error',
      from: { path: '^libs/events/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|workflows|libs/(?!kernel/|events/))' },
    },
    {
      name: 'platform-below-contexts',
      severity: 'error',
      from: { path: '^libs/platform/' },
      to: { path: `^(apps|workflows|libs/(${context}|connectors)/)` },
    },
    {
      name: 'connectors-below-contexts',
      severity: 'error',
      from: { path: '^libs/connectors/' },
      to: { path: `^(apps|workflows|libs/${context}/)` },
    },
    {
      name: 'contexts-do-not-meet',
      severity: 'error',
      from: { path: `^libs/${context}/` },
      to: { path: `^libs/${context}/`, pathNot: '^libs/$1/' },
    },
    {
      name: 'contexts-below-apps',
      severity: 'error',
      from: { path: `^libs/${context}/`, pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|workflows|tools)/' },
    },
    {
      name: 'model-is-pure',
      severity: 'error',
      from: { path: '^libs/[^/]+/model/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|workflows|tools|libs/(?!kernel/|events/|[^/]+/model/))' },
    },
    {
      name: 'workflows-on-models',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|tools|libs/(?!kernel/|[^/]+/model/))', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-app-imports-another',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-see-workflow-messages-only',
      severity: 'error',
      from: { path: '^apps/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^workflows/', pathNot: '^workflows/(messages|support/activities)\\.ts$' },
    },
    {
      name: 'not-past-an-index',
      severity: 'error',
      from: { path: '^(apps|workflows|tools)/' },
      to: { path: '^libs/', pathNot: '^libs/([^/]+|[^/]+/model|platform/[^/]+)/index\\.ts$' },
    },
    {
      name: 'kafka-client-in-one-place',
      severity: 'error',
      from: {
        pathNot: '^((libs/platform/kafka|tools/stack)/|test/integration/platform/(log-redaction|topics)\\.spec)',
      },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      // servers may listen (their types are imported elsewhere); every connection of ours goes out through one place
      name: 'one-way-out',
      severity: 'error',
      from: {
        path: '^(apps|libs|workflows)/',
        pathNot:
          '^(libs/platform/(outgoing/|observability/health-server\\.ts|secrets/keys/vault-client\\.ts)|apps/console/)|\\.spec\\.ts$',
      },
      to: {
        path: '^(node:)?(net|tls|https?|http2|dgram|dns|dns/promises)$|node_modules/(undici|nodemailer|ssh2|imapflow)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'product-without-tools',
      severity: 'error',
      from: { path: '^(apps|libs|workflows)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(tools|test)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.stellwerk)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['development', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
