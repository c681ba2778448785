// What may import what. Layers: kube <- core <- domain packages <- examples; see the README's map of packages.
const CONFIG_PACKAGES = 'mcp-(external-auth|oidc|authz|tool|telemetry|webhook)-config';
const WORKLOAD_PACKAGES =
  '(mcp-server|mcp-remote-proxy|mcp-server-entry|mcp-group|virtual-mcp-server|virtual-mcp-composite-tool-definition)';
const TESTS = '\\.test\\.ts$|/test-support/|^test/';

/** A package may import these of ours and no others. */
const only = (name, allowed) => ({
  name: `layer-${name}`,
  severity: 'error',
  comment: `${name} may import ${allowed.length === 0 ? 'none of our packages' : allowed.join(', ')}`,
  from: { path: `^packages/${name}/`, pathNot: TESTS },
  to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('control-plane', []),
    only('kube', []),
    only('core', ['kube']),
    only('testing', ['kube', 'core', 'control-plane']),
    only('cli', ['kube', 'core', 'control-plane']),
    only('mcp-auth-server', ['kube', 'core']),
    only('mcp-group', ['kube', 'core']),
    only('virtual-mcp-composite-tool-definition', ['kube', 'core']),
    only('mcp-workload', ['kube', 'core', 'mcp-auth-server', 'mcp-group', CONFIG_PACKAGES]),
    {
      name: 'domain-above-core',
      severity: 'error',
      comment: 'a domain package knows kube, core and other domain packages, nothing beside them',
      from: { path: `^packages/(${CONFIG_PACKAGES}|${WORKLOAD_PACKAGES})/`, pathNot: TESTS },
      to: { path: '^packages/(control-plane|testing|cli)/' },
    },
    {
      name: 'config-packages-stand-alone',
      severity: 'error',
      comment: 'a config package knows neither its consumers nor other config packages',
      from: { path: `^packages/(${CONFIG_PACKAGES})/`, pathNot: TESTS },
      to: { path: '^packages/', pathNot: '^packages/($1|mcp-auth-server|core|kube)/' },
    },
    {
      name: 'packages-below-examples',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^examples/' },
    },
    {
      name: 'no-neighbours-insides',
      severity: 'error',
      comment: 'import another package by its name; its index.ts is its public surface',
      from: { path: '^(packages|examples)/([^/]+)/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          '^$1/$2/',
          '^packages/[^/]+/src/index\\.ts$',
          '^packages/testing/src/(condition-matchers|embedded-only|random-specs|until|simulation/index)\\.ts$',
        ],
      },
    },
    {
      name: 'no-own-index',
      severity: 'error',
      comment: 'inside a package import the defining file; its index ties everything into one cycle',
      from: { path: '^packages/([^/]+)/src/', pathNot: TESTS },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-dependencies',
      severity: 'error',
      comment: 'what a package imports stands in its package.json, or a stranger who installs it alone lacks it',
      from: { path: '^packages/[^/]+/src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.tests.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node'] },
  },
};
