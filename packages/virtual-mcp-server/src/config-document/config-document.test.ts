import { describe, expect, it } from '@jest/globals';
import { Namespace, type Surroundings } from '../test-support/namespace.js';
import { upstreamInjects } from './upstream-injects.js';

const SERVER = `
kind: VirtualMCPServer
metadata: {name: prod}
spec:
  groupRef: {name: tools}
  incomingAuth: {type: anonymous}
`;

/** The sections every server has that says nothing about them. */
const DEFAULTS = `aggregation:
    conflictResolution: prefix
    conflictResolutionConfig:
        prefixFormat: '{workload}_'
operational:
    timeouts:
        default: 30s
    failureHandling:
        healthCheckInterval: 30s
        unhealthyThreshold: 3
        statusReportingInterval: 30s
        partialFailureMode: fail
        circuitBreaker:
            failureThreshold: 5
            timeout: 1m0s
`;

const textOf = (manifests: string, surroundings?: Surroundings) =>
  new Namespace(manifests).configuration('prod', surroundings).text;

describe('config.yaml', () => {
  it('of a server that says only what it must', () => {
    expect(textOf(SERVER)).toBe(`name: prod
groupRef: tools
incomingAuth:
    type: anonymous
outgoingAuth:
    source: discovered
${DEFAULTS}`);
  });

  it('of a server that discovers its backends, and checks tokens and permissions', () => {
    const manifests = `
kind: VirtualMCPServer
metadata: {name: prod}
spec:
  groupRef: {name: tools}
  passthroughHeaders: [X-Tenant-Id]
  incomingAuth:
    type: oidc
    oidcConfigRef: {name: corp, audience: vmcp, scopes: [openid, email], resourceUrl: https://vmcp.corp.example}
    authzConfig:
      type: inline
      inline: {policies: ['permit(principal, action, resource);']}
      groupClaimName: groups
  outgoingAuth:
    source: discovered
    default: {type: externalAuthConfigRef, externalAuthConfigRef: {name: te}}
  config:
    aggregation:
      tools:
        - workload: github
          toolConfigRef: {name: gh-tools}
    operational: {logLevel: debug}
    audit: {enabled: true}
  telemetryConfigRef: {name: otel}
  sessionStorage: {provider: redis, address: 'redis:6379', passwordRef: {name: r, key: p}}
---
kind: MCPOIDCConfig
metadata: {name: corp}
spec: {type: inline, inline: {issuer: https://idp.corp.example, clientId: abc, clientSecretRef: {name: s, key: k}}}
---
kind: MCPExternalAuthConfig
metadata: {name: te}
spec:
  type: tokenExchange
  tokenExchange:
    tokenUrl: https://idp.corp.example/token
    clientId: te-client
    clientSecretRef: {name: te-secret, key: v}
    audience: backend
    subjectTokenType: access_token
---
kind: MCPToolConfig
metadata: {name: gh-tools}
spec:
  toolsFilter: [create_issue, list_issues]
  toolsOverride: {create_issue: {name: new_issue, description: Opens an issue}}
---
kind: MCPTelemetryConfig
metadata: {name: otel}
spec:
  openTelemetry:
    enabled: true
    endpoint: https://otel:4318
    tracing: {enabled: true, samplingRate: '0.10'}
    metrics: {enabled: true}
    useLegacyAttributes: true
    sensitiveHeaders: [{name: api-key, secretKeyRef: {name: s, key: k}}]
  prometheus: {enabled: true}
`;
    const { text, backends } = new Namespace(manifests).configuration('prod');
    expect(text).toBe(`name: prod
groupRef: tools
incomingAuth:
    type: oidc
    oidc:
        issuer: https://idp.corp.example
        clientId: abc
        clientSecretEnv: VMCP_OIDC_CLIENT_SECRET
        audience: vmcp
        resource: https://vmcp.corp.example
        scopes:
            - openid
            - email
    authz:
        type: cedar
        policies:
            - permit(principal, action, resource);
        entitiesJson: '[]'
        groupClaimName: groups
outgoingAuth:
    source: discovered
    default:
        type: token_exchange
        tokenExchange:
            tokenUrl: https://idp.corp.example/token
            clientId: te-client
            clientSecretEnv: TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_TE
            audience: backend
            subjectTokenType: urn:ietf:params:oauth:token-type:access_token
aggregation:
    conflictResolution: prefix
    conflictResolutionConfig:
        prefixFormat: '{workload}_'
    tools:
        - workload: github
          filter:
            - create_issue
            - list_issues
          overrides:
            create_issue:
                name: new_issue
                description: Opens an issue
operational:
    logLevel: debug
    timeouts:
        default: 30s
    failureHandling:
        healthCheckInterval: 30s
        unhealthyThreshold: 3
        statusReportingInterval: 30s
        partialFailureMode: fail
        circuitBreaker:
            failureThreshold: 5
            timeout: 1m0s
telemetry:
    endpoint: otel:4318
    serviceName: prod
    tracingEnabled: true
    metricsEnabled: true
    samplingRate: "0.1"
    enablePrometheusMetricsPath: true
    useLegacyAttributes: true
audit:
    enabled: true
    component: prod
    detectApplicationErrors: true
    maxDataSize: 1024
    maxDelegationDepth: 10
sessionStorage:
    provider: redis
    address: redis:6379
passthroughHeaders:
    - X-Tenant-Id
`);
    expect(backends.env).toEqual([
      {
        name: 'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_TE',
        valueFrom: { secretKeyRef: { name: 'te-secret', key: 'v' } },
      },
    ]);
  });

  it('of a server whose backends are written out, but for one that cannot be called', () => {
    const manifests = `
kind: VirtualMCPServer
metadata: {name: prod}
spec:
  groupRef: {name: tools}
  incomingAuth: {type: anonymous}
  outgoingAuth: {source: inline}
---
kind: MCPServer
metadata: {name: github}
spec: {image: i, transport: streamable-http, groupRef: {name: tools}, externalAuthConfigRef: {name: gh-pat}}
---
kind: MCPServer
metadata: {name: broken}
spec: {image: i, transport: streamable-http, groupRef: {name: tools}, externalAuthConfigRef: {name: bad}}
---
kind: MCPServer
metadata: {name: elsewhere}
spec: {image: i, transport: streamable-http, groupRef: {name: others}}
---
kind: MCPServerEntry
metadata: {name: docs}
spec:
  remoteUrl: https://docs.example/mcp
  transport: streamable-http
  groupRef: {name: tools}
  caBundleRef: {configMapRef: {name: docs-ca, key: ca.crt}}
---
kind: MCPExternalAuthConfig
metadata: {name: gh-pat}
spec: {type: headerInjection, headerInjection: {headerName: Authorization, valueSecretRef: {name: pat, key: token}}}
---
kind: MCPExternalAuthConfig
metadata: {name: bad}
spec: {type: obo, obo: {}}
status:
  conditions: [{type: Valid, status: 'False', observedGeneration: 1, reason: EnterpriseRequired, message: no}]
`;
    const { text, backends } = new Namespace(manifests).configuration('prod');
    expect(text).toBe(`name: prod
groupRef: tools
backends:
    - name: docs
      url: https://docs.example/mcp
      transport: streamable-http
      type: entry
      caBundlePath: /etc/toolhive/ca-bundles/docs/ca.crt
      metadata:
        group: tools
        namespace: ai
        remote_url: https://docs.example/mcp
        tool_type: mcp
        workload_type: server_entry
    - name: github
      url: http://mcp-github-proxy.ai.svc.cluster.local:8080/mcp
      transport: streamable-http
      metadata:
        group: tools
        namespace: ai
        tool_type: mcp
        workload_type: mcp_server
incomingAuth:
    type: anonymous
outgoingAuth:
    source: inline
    backends:
        github:
            type: header_injection
            headerInjection:
                headerName: Authorization
                headerValueEnv: TOOLHIVE_HEADER_INJECTION_VALUE_GH_PAT
${DEFAULTS}`);
    expect(backends.env.map(({ name }) => name)).toEqual(['TOOLHIVE_HEADER_INJECTION_VALUE_GH_PAT']);
    expect(backends.caBundles).toEqual([
      {
        configMap: 'docs-ca',
        key: 'ca.crt',
        path: '/etc/toolhive/ca-bundles/docs/ca.crt',
        volume: {
          name: 'ca-bundle-docs',
          configMap: { name: 'docs-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
        },
        mount: { name: 'ca-bundle-docs', mountPath: '/etc/toolhive/ca-bundles/docs', readOnly: true },
      },
    ]);
  });

  it('of a server with a search, scripts, limits and composite tools', () => {
    const manifests = `
kind: VirtualMCPServer
metadata: {name: prod}
spec:
  groupRef: {name: tools}
  incomingAuth: {type: anonymous}
  embeddingServerRef: {name: emb}
  sessionStorage: {provider: redis, address: 'redis:6379'}
  config:
    optimizer: {maxToolsToReturn: 5, hybridSearchSemanticRatio: '0.7'}
    codeMode: {enabled: true}
    rateLimiting: {shared: {maxTokens: 100, refillPeriod: 1m}}
    compositeToolRefs: [{name: triage}]
---
kind: VirtualMCPCompositeToolDefinition
metadata: {name: triage}
spec:
  name: triage_issue
  description: Find and label an issue
  parameters: {type: object, required: [q], properties: {q: {type: string}}}
  timeout: 5m
  steps:
    - id: search
      tool: github.search
      arguments: {query: '{{.params.q}}'}
      onError: {action: continue}
      defaultResults: {items: []}
    - id: confirm
      type: elicitation
      message: Label {{ len .steps.search.output.items }} issues?
      schema: {type: object, properties: {ok: {type: boolean}}}
      dependsOn: [search]
    - id: label
      type: forEach
      collection: '{{ json .steps.search.output.items }}'
      itemVar: issue
      step: {tool: github.add_label, arguments: {number: '{{.forEach.issue.number}}', label: triage}}
      dependsOn: [confirm]
  output:
    properties:
      labelled: {type: integer, description: Number labelled, value: '{{.steps.label.output.completed}}', default: 0}
    required: [labelled]
`;
    const [aggregation, operational] = DEFAULTS.split(/(?=operational)/);
    const embeddingService = 'http://emb.ai.svc.cluster.local:8080';
    expect(textOf(manifests, { embeddingService })).toBe(`name: prod
groupRef: tools
incomingAuth:
    type: anonymous
outgoingAuth:
    source: discovered
${aggregation}compositeTools:
    - name: triage_issue
      description: Find and label an issue
      parameters:
        properties:
            q:
                type: string
        required:
            - q
        type: object
      timeout: 5m0s
      steps:
        - id: search
          type: tool
          tool: github.search
          arguments:
            query: '{{.params.q}}'
          onError:
            action: continue
          defaultResults:
            items: []
        - id: confirm
          type: elicitation
          dependsOn:
            - search
          message: Label {{ len .steps.search.output.items }} issues?
          schema:
            properties:
                ok:
                    type: boolean
            type: object
        - id: label
          type: forEach
          dependsOn:
            - confirm
          collection: '{{ json .steps.search.output.items }}'
          itemVar: issue
          step:
            id: label-item
            tool: github.add_label
            arguments:
                label: triage
                number: '{{.forEach.issue.number}}'
      output:
        properties:
            labelled:
                type: integer
                description: Number labelled
                value: '{{.steps.label.output.completed}}'
                default: 0
        required:
            - labelled
compositeToolRefs:
    - name: triage
${operational}optimizer:
    embeddingService: http://emb.ai.svc.cluster.local:8080
    embeddingServiceTimeout: 30s
    embeddingProvider: tei
    maxToolsToReturn: 5
    hybridSearchSemanticRatio: "0.7"
codeMode:
    enabled: true
    stepLimit: 100000
    parallelMaxConcurrency: 10
    toolCallTimeout: 30s
sessionStorage:
    provider: redis
    address: redis:6379
rateLimiting:
    shared:
        maxTokens: 100
        refillPeriod: 1m0s
`);
  });
});

/** The document of a server with these fields in its spec, among other objects. */
function documentOf(fields: string, others = '', surroundings?: Surroundings) {
  const server = `
kind: VirtualMCPServer
metadata: {name: prod}
spec: {groupRef: {name: tools}, ${fields.startsWith('incomingAuth') ? '' : 'incomingAuth: {type: anonymous}, '}${fields}}
`;
  return new Namespace(others === '' ? server : `${server}---${others}`).configuration('prod', surroundings).document;
}

const section = (name: keyof ReturnType<typeof documentOf>, ...given: Parameters<typeof documentOf>) =>
  documentOf(...given)[name];

describe('the sections of config.yaml', () => {
  const AUDIT = { enabled: true, detectApplicationErrors: true, maxDataSize: 1024, maxDelegationDepth: 10 };
  const REDIS = { provider: 'redis', address: 'redis:6379' };
  const PREFIX = { prefixFormat: '{workload}_' };

  it.each([
    ['name', 'config: {name: other}', 'prod'],
    ['groupRef', 'config: {groupRef: other}', 'tools'],
    ['telemetry', 'config: {telemetry: {endpoint: e}}', undefined],
    ['incomingAuth', 'config: {incomingAuth: {type: local}}', { type: 'anonymous' }],
    ['outgoingAuth', 'config: {outgoingAuth: {source: inline}}', { source: 'discovered' }],
    ['backends', "config: {backends: [{name: x, url: 'https://x', transport: sse}]}", undefined],
    ['sessionStorage', 'config: {sessionStorage: {provider: memory}}', undefined],
    ['metadata', 'config: {metadata: {b: x, a: ""}}', { a: '', b: 'x' }],
    ['passthroughHeaders', 'config: {passthroughHeaders: [X-A]}', ['X-A']],
    ['passthroughHeaders', 'passthroughHeaders: [], config: {passthroughHeaders: [X-A]}', ['X-A']],
    ['passthroughHeaders', 'passthroughHeaders: [X-B], config: {passthroughHeaders: [X-A]}', ['X-B']],
    ['audit', 'config: {audit: {enabled: false}}', undefined],
    ['audit', 'config: {audit: {enabled: true}}', { ...AUDIT, component: 'prod' }],
    [
      'audit',
      'config: {audit: {enabled: true, component: c, detectApplicationErrors: false}}',
      { ...AUDIT, component: 'c', detectApplicationErrors: false },
    ],
    ['sessionStorage', 'sessionStorage: {provider: memory}', undefined],
    ['sessionStorage', "sessionStorage: {provider: redis, address: 'redis:6379'}", REDIS],
    [
      'sessionStorage',
      "sessionStorage: {provider: redis, address: 'redis:6379', db: 1, keyPrefix: 'k:', passwordRef: {name: s, key: k}}",
      { ...REDIS, db: 1, keyPrefix: 'k:' },
    ],
    ['aggregation', 'config: {}', { conflictResolution: 'prefix', conflictResolutionConfig: PREFIX }],
    [
      'aggregation',
      "config: {aggregation: {conflictResolutionConfig: {prefixFormat: ''}}}",
      { conflictResolution: 'prefix', conflictResolutionConfig: PREFIX },
    ],
    [
      'aggregation',
      'config: {aggregation: {conflictResolution: manual}}',
      { conflictResolution: 'manual', conflictResolutionConfig: {} },
    ],
    [
      'aggregation',
      'config: {aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a]}}}',
      { conflictResolution: 'priority', conflictResolutionConfig: { ...PREFIX, priorityOrder: ['a'] } },
    ],
    [
      'aggregation',
      'config: {aggregation: {excludeAllTools: true, defaultToolVisibility: deny, tools: [{workload: w, excludeAll: true, filter: []}]}}',
      {
        conflictResolution: 'prefix',
        conflictResolutionConfig: PREFIX,
        tools: [{ workload: 'w', excludeAll: true }],
        excludeAllTools: true,
        defaultToolVisibility: 'deny',
      },
    ],
    ['optimizer', 'config: {}', undefined],
    ['optimizer', 'config: {optimizer: {}}', { embeddingServiceTimeout: '30s', embeddingProvider: 'tei' }],
  ] as const)('%s of %s', (name, fields, expected) => {
    expect(section(name, fields)).toEqual(expected);
  });

  it('keep sessions in the Redis of the operator where the spec says nothing, not where it wants memory', () => {
    const surroundings = { defaultRedis: { address: 'default:6379' } };
    expect(section('sessionStorage', 'config: {}', '', surroundings)).toEqual({
      provider: 'redis',
      address: 'default:6379',
    });
    expect(section('sessionStorage', 'sessionStorage: {provider: memory}', '', surroundings)).toBeUndefined();
  });

  it('search with the embedding service that is named, instead of one that is written out', () => {
    const surroundings = { embeddingService: 'http://emb:8080' };
    for (const config of ['{}', '{optimizer: {embeddingService: http://other}}']) {
      const optimizer = section('optimizer', `embeddingServerRef: {name: emb}, config: ${config}`, '', surroundings);
      expect(optimizer).toMatchObject(surroundings);
    }
  });

  it.each([
    ['{}', '30s', '30s', '1m0s'],
    ['{timeouts: {}}', '30s', '30s', '1m0s'],
    ['{timeouts: {default: 90m}, failureHandling: {healthCheckInterval: 500ms}}', '1h30m0s', '500ms', '1m0s'],
    ['{timeouts: {default: 0s}, failureHandling: {healthCheckInterval: 0s}}', '30s', '30s', '1m0s'],
    ['{failureHandling: {circuitBreaker: {enabled: true, timeout: 90s}}}', '30s', '30s', '1m30s'],
  ])('have defaults where the operational settings %s say nothing', (given, timeout, interval, breaker) => {
    expect(section('operational', `config: {operational: ${given}}`)).toMatchObject({
      timeouts: { default: timeout },
      failureHandling: {
        healthCheckInterval: interval,
        unhealthyThreshold: 3,
        statusReportingInterval: '30s',
        partialFailureMode: 'fail',
        circuitBreaker: { failureThreshold: 5, timeout: breaker },
      },
    });
  });

  it('take from a tool config what an entry does not say itself', () => {
    const toolConfig = `
kind: MCPToolConfig
metadata: {name: tc}
spec:
  toolsFilter: [b, a]
  toolsOverride:
    a: {name: aa, annotations: {title: T, readOnlyHint: false}}
    b: {description: from the config}
`;
    const of = (entry: string) =>
      documentOf(`config: {aggregation: {tools: [{workload: w, toolConfigRef: {name: tc}, ${entry}}]}}`, toolConfig)
        .aggregation.tools?.[0];
    const a = { name: 'aa', annotations: { title: 'T', readOnlyHint: false } };
    expect(of('filter: []')).toEqual({
      workload: 'w',
      filter: ['a', 'b'],
      overrides: { a, b: { description: 'from the config' } },
    });
    expect(of('filter: [z], overrides: {b: {name: bb}}')).toEqual({
      workload: 'w',
      filter: ['z'],
      overrides: { a, b: { name: 'bb' } },
    });
  });

  it('check tokens as the OIDC config says', () => {
    const oidc = (spec: string) =>
      documentOf(
        'incomingAuth: {type: oidc, oidcConfigRef: {name: corp, audience: a}}',
        `\nkind: MCPOIDCConfig\nmetadata: {name: corp}\nspec: ${spec}\n`,
      ).incomingAuth.oidc;
    const resource = 'http://vmcp-prod.ai.svc.cluster.local:4483';
    expect(
      oidc('{type: inline, inline: {issuer: https://i, caBundleRef: {configMapRef: {name: corp, key: root.pem}}}}'),
    ).toEqual({
      issuer: 'https://i',
      clientId: '',
      audience: 'a',
      resource,
      caBundlePath: '/config/certs/corp/root.pem',
    });
    expect(oidc('{type: kubernetesServiceAccount, kubernetesServiceAccount: {}}')).toEqual({
      issuer: 'https://kubernetes.default.svc',
      clientId: '',
      audience: 'a',
      resource,
      jwksAllowPrivateIp: true,
      caBundlePath: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
      jwksAuthTokenPath: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    });
  });
});

describe('permissions in config.yaml', () => {
  const POLICY = 'permit(principal, action, resource);';
  const AUTH_SERVER = `authServerConfig: {issuer: https://as, upstreamProviders: [
    {name: okta, type: oidc, oidcConfig: {issuerUrl: https://okta, clientId: c}},
    {name: other, type: oidc, oidcConfig: {issuerUrl: https://other, clientId: c}}]}`;
  const SHARED = `
kind: MCPAuthzConfig
metadata: {name: az}
spec: {type: cedarv1, config: {policies: ['${POLICY}'], primary_upstream_provider: evil, role_claim_name: roles, multi_valued_claims: [groups]}}
`;
  const IN_CONFIG_MAP = `
kind: ConfigMap
metadata: {name: az}
data: {authz.json: '{"version": "1.0", "type": "cedarv1", "cedar": {"policies": ["p"], "primary_upstream_provider": "evil", "group_claim_name": "g", "group_entity_type": "G"}}'}
`;
  const inline = (fields = '') => `authzConfig: {type: inline, inline: {policies: ['${POLICY}']${fields}}}`;

  it.each([
    ['inline', inline(), '', { policies: [POLICY], entitiesJson: '[]' }],
    [
      'a shared config',
      'authzConfigRef: {name: az}',
      SHARED,
      {
        policies: [POLICY],
        roleClaimName: 'roles',
        multiValuedClaims: ['groups'],
      },
    ],
    [
      'a ConfigMap, whose claims those of the spec replace',
      'authzConfig: {type: configMap, configMap: {name: az}, groupClaimName: mine}',
      IN_CONFIG_MAP,
      { policies: ['p'], groupClaimName: 'mine', groupEntityType: 'G' },
    ],
  ])('come from %s', (_, authz, others, expected) => {
    const incomingAuth = `incomingAuth: {type: anonymous, ${authz}}`;
    expect(documentOf(incomingAuth, others).incomingAuth.authz).toEqual({ type: 'cedar', ...expected });
    const withServer = documentOf(`${incomingAuth}, ${AUTH_SERVER}`, others).incomingAuth.authz;
    expect(withServer).toEqual({ type: 'cedar', ...expected, primaryUpstreamProvider: 'okta' });
  });

  it.each([
    ['named by the authorization server', '', ', primaryUpstreamProvider: other', 'other'],
    ['named in the old place', ', primaryUpstreamProvider: other', '', 'other'],
    ['the first one', '', '', 'okta'],
  ])('judge the claims of an upstream: %s', (_, old, named, provider) => {
    const fields = `incomingAuth: {type: anonymous, ${inline(old)}}, ${AUTH_SERVER.slice(0, -1)}${named}}`;
    expect(documentOf(fields).incomingAuth.authz?.primaryUpstreamProvider).toBe(provider);
  });

  it.each([
    [
      'two places at once',
      `${inline()}, authzConfigRef: {name: az}`,
      SHARED,
      'authzConfig and authzConfigRef are mutually exclusive',
    ],
    ['a shared config that is not there', 'authzConfigRef: {name: az}', '', 'failed to get MCPAuthzConfig ai/az'],
    [
      'a shared config of another type',
      'authzConfigRef: {name: az}',
      SHARED.replace('cedarv1', 'httpv1'),
      'MCPAuthzConfig type "httpv1" is not yet supported for VirtualMCPServer; only cedarv1 is supported',
    ],
    [
      'a ConfigMap for another authorizer',
      'authzConfig: {type: configMap, configMap: {name: az}}',
      IN_CONFIG_MAP.replace('cedarv1', 'httpv1').replace(
        '"cedar": {',
        '"pdp": {"http": {"url": "http://p"}, "claim_mapping": "mpe", ',
      ),
      'authz ConfigMap ai/az is not a Cedar config: cedar config is nil',
    ],
    [
      'an upstream without an authorization server',
      inline(', primaryUpstreamProvider: okta'),
      '',
      'authz primaryUpstreamProvider "okta" set without an embedded auth server (spec.authServerConfig must be configured)',
    ],
    [
      'an upstream that there is not',
      inline(', primaryUpstreamProvider: zzz'),
      '',
      'authz primaryUpstreamProvider "zzz" does not match any upstream declared on spec.authServerConfig.upstreamProviders',
      `, ${AUTH_SERVER}`,
    ],
  ])('are never left out for %s', (_, authz, others, message, more = '') => {
    const making = () => documentOf(`incomingAuth: {type: anonymous, ${authz}}${more}`, others);
    expect(making).toThrow(
      expect.objectContaining({ code: 'ERR_SPEC_INVALID', message: `failed to convert incoming auth: ${message}` }),
    );
  });
});

describe('a server without a configuration', () => {
  const TOOL = '{name: t, description: d, steps: [{id: s, tool: a.b}]}';
  const DEFINITION = `\nkind: VirtualMCPCompositeToolDefinition\nmetadata: {name: def}\nspec: ${TOOL}\n`;

  it.each([
    [
      'an OIDC config that is not there',
      'incomingAuth: {type: oidc, oidcConfigRef: {name: corp, audience: a}}',
      '',
      'failed to convert incoming auth: failed to get MCPOIDCConfig corp: MCPOIDCConfig.toolhive.stacklok.dev "corp" not found',
    ],
    [
      'a tool config that is not there',
      'config: {aggregation: {tools: [{workload: w, toolConfigRef: {name: tc}}]}}',
      '',
      'failed to convert aggregation config: MCPToolConfig resolution failed for "tc": failed to get MCPToolConfig ai/tc: MCPToolConfig.toolhive.stacklok.dev "tc" not found',
    ],
    [
      'a composite tool that is not there',
      'config: {compositeToolRefs: [{name: def}]}',
      '',
      'failed to convert composite tools: failed to resolve composite tool references: referenced VirtualMCPCompositeToolDefinition "def" not found in namespace "ai": VirtualMCPCompositeToolDefinition.toolhive.stacklok.dev "def" not found',
    ],
    [
      'two composite tools of one name',
      `config: {compositeTools: [${TOOL}], compositeToolRefs: [{name: def}]}`,
      DEFINITION,
      'failed to convert composite tools: invalid composite tools: duplicate composite tool name: "t"',
    ],
    [
      'a time beyond all bounds',
      'config: {operational: {timeouts: {default: 99999999999h}}}',
      '',
      'spec.config.operational.timeouts.default must be a duration like 30s or 1m30s, got "99999999999h"',
    ],
  ])('has %s', (_, fields, others, message) => {
    expect(() => documentOf(fields, others)).toThrow(expect.objectContaining({ code: 'ERR_SPEC_INVALID', message }));
  });

  it('that has two composite tools of one name says so where it judges their references', () => {
    expect(() =>
      documentOf(`config: {compositeTools: [${TOOL}], compositeToolRefs: [{name: def}]}`, DEFINITION),
    ).toThrow(
      expect.objectContaining({
        condition: { type: 'CompositeToolRefsValidated', reason: 'CompositeToolRefInvalid' },
      }),
    );
  });
});

describe('upstreamInjects', () => {
  it('are the upstreams whose tokens backends are called with', () => {
    const others = `
kind: MCPExternalAuthConfig
metadata: {name: ui}
spec: {type: upstreamInject, upstreamInject: {providerName: okta}}
`;
    const ref = '{type: externalAuthConfigRef, externalAuthConfigRef: {name: ui}}';
    const document = documentOf(
      `outgoingAuth: {default: ${ref}, backends: {x: ${ref}, y: {type: discovered}}}`,
      others,
    );
    expect(upstreamInjects(document)).toEqual([
      { backend: 'x', providerName: 'okta' },
      { backend: '<default-strategy>', providerName: 'okta' },
    ]);
  });
});
