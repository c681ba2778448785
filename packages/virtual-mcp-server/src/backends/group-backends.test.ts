import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@trueup/core';
import { OboHandler, type MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import type { MCPServer } from '@trueup/mcp-server';
import type { MCPServerEntry } from '@trueup/mcp-server-entry';
import { serversOfEntry, serversOfWorkload } from '../discovery.js';
import { Namespace, type Surroundings } from '../test-support/namespace.js';
import { caBundleVolumeName } from './entry-ca-bundle.js';
import { groupBackends } from './group-backends.js';

const CONFIGS = new Namespace(`
kind: MCPExternalAuthConfig
metadata: {name: te}
spec:
  type: tokenExchange
  tokenExchange: {tokenUrl: 'https://idp/token', audience: a, clientSecretRef: {name: oauth, key: cs}}
---
kind: MCPExternalAuthConfig
metadata: {name: hi}
spec: {type: headerInjection, headerInjection: {headerName: X-A, valueSecretRef: {name: tok, key: token}}}
---
kind: MCPExternalAuthConfig
metadata: {name: un}
spec: {type: unauthenticated}
---
kind: MCPExternalAuthConfig
metadata: {name: ui}
spec: {type: upstreamInject, upstreamInject: {providerName: okta}}
---
kind: MCPExternalAuthConfig
metadata: {name: ui-nobody}
spec: {type: upstreamInject, upstreamInject: {providerName: nobody}}
---
kind: MCPExternalAuthConfig
metadata: {name: aws}
spec: {type: awsSts, awsSts: {region: eu-west-1, roleMappings: [{claim: dev, roleArn: 'arn:aws:iam::123456789012:role/F', priority: 1}]}}
---
kind: MCPExternalAuthConfig
metadata: {name: xaa}
spec:
  type: xaa
  xaa:
    idpTokenUrl: https://idp/token
    idpClientId: i
    idpClientSecretRef: {name: tok, key: idp}
    targetTokenUrl: https://t/token
    targetClientId: t
    targetClientSecretRef: {name: tok, key: target}
    targetAudience: aud
---
kind: MCPExternalAuthConfig
metadata: {name: obo}
spec: {type: obo, obo: {}}
---
kind: MCPExternalAuthConfig
metadata: {name: bearer}
spec: {type: bearerToken, bearerToken: {tokenSecretRef: {name: tok, key: token}}}
---
kind: MCPExternalAuthConfig
metadata: {name: invalid}
spec: {type: unauthenticated}
status: {conditions: [{type: Valid, status: 'False', observedGeneration: 1, reason: EnterpriseRequired, message: no}]}
---
kind: MCPExternalAuthConfig
metadata: {name: unreasoned}
spec: {type: unauthenticated}
status: {conditions: [{type: Valid, status: 'False', observedGeneration: 1, reason: '', message: no}]}
---
kind: MCPExternalAuthConfig
metadata: {name: new}
spec: {type: unauthenticated}
status: {}
---
kind: MCPExternalAuthConfig
metadata: {name: edited, generation: 2}
spec: {type: unauthenticated}
---
kind: MCPExternalAuthConfig
metadata: {name: foreign}
spec:
  type: tokenExchange
  tokenExchange: {tokenUrl: 'https://idp/token', audience: a, externalTokenHeaderName: X-Token}
`);

const TWO_UPSTREAMS = `
    issuer: https://as.example
    upstreamProviders:
      - {name: okta, type: oidc, oidcConfig: {issuerUrl: https://okta.example, clientId: c}}
      - {name: other, type: oidc, oidcConfig: {issuerUrl: https://other.example, clientId: c}}`;

const ONE_UPSTREAM = TWO_UPSTREAMS.split('\n').slice(0, 4).join('\n');

interface Given {
  readonly outgoingAuth?: string;
  readonly authServer?: string;
  readonly members?: string;
}

/** A member of the group, an MCPServer unless another kind is given. */
const member = (name: string, fields = '', kind = 'MCPServer') => {
  const of = { MCPServer: 'image: i, transport: streamable-http', MCPRemoteProxy: 'remoteUrl: https://r/mcp' }[kind];
  return `
kind: ${kind}
metadata: {name: ${name}}
spec: {${of ?? 'remoteUrl: https://r/mcp, transport: sse'}, groupRef: {name: g}${fields && `, ${fields}`}}
`;
};

const withAuth = (name: string, config: string, kind?: string) =>
  member(name, `externalAuthConfigRef: {name: ${config}}`, kind);

const ref = (name: string) => `{type: externalAuthConfigRef, externalAuthConfigRef: {name: ${name}}}`;

const namespaceOf = ({ outgoingAuth, authServer, members = '' }: Given) =>
  new Namespace(
    [
      `
kind: VirtualMCPServer
metadata: {name: v}
spec:
  groupRef: {name: g}
  incomingAuth: {type: anonymous}
${outgoingAuth === undefined ? '' : `  outgoingAuth: ${outgoingAuth}`}
${authServer === undefined ? '' : `  authServerConfig: ${authServer}`}
`,
      members,
    ]
      .filter((manifests) => manifests !== '')
      .join('---\n'),
    CONFIGS,
  );

const backendsOf = (given: Given, surroundings?: Surroundings) => namespaceOf(given).backends('v', surroundings);

const said = (verdict: Verdict | undefined) =>
  verdict?.kind === 'stated' ? `${verdict.status} ${verdict.reason}: ${verdict.message}` : verdict?.kind;

describe('how a backend is called', () => {
  const UPSTREAM = { subjectProviderName: 'okta' };
  const awsSts = {
    region: 'eu-west-1',
    service: 'aws-mcp',
    roleMappings: [{ claim: 'dev', roleArn: 'arn:aws:iam::123456789012:role/F', priority: 1 }],
    roleClaim: 'groups',
    sessionDuration: 3600,
    sessionNameClaim: 'sub',
  };
  const tokenExchange = {
    tokenUrl: 'https://idp/token',
    clientSecretEnv: 'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_TE',
    audience: 'a',
  };
  const xaa = {
    idpTokenUrl: 'https://idp/token',
    idpClientId: 'i',
    idpClientSecretEnv: 'TOOLHIVE_XAA_IDP_CLIENT_SECRET_XAA',
    targetTokenUrl: 'https://t/token',
    targetClientId: 't',
    targetClientSecretEnv: 'TOOLHIVE_XAA_TARGET_CLIENT_SECRET_XAA',
    targetAudience: 'aud',
  };

  it.each([
    ['te', undefined, { type: 'token_exchange', tokenExchange }],
    ['te', TWO_UPSTREAMS, { type: 'token_exchange', tokenExchange: { ...tokenExchange, ...UPSTREAM } }],
    [
      'hi',
      TWO_UPSTREAMS,
      {
        type: 'header_injection',
        headerInjection: { headerName: 'X-A', headerValueEnv: 'TOOLHIVE_HEADER_INJECTION_VALUE_HI' },
      },
    ],
    ['un', TWO_UPSTREAMS, { type: 'unauthenticated' }],
    ['ui', TWO_UPSTREAMS, { type: 'upstream_inject', upstreamInject: { providerName: 'okta' } }],
    ['aws', undefined, { type: 'aws_sts', awsSts }],
    ['aws', TWO_UPSTREAMS, { type: 'aws_sts', awsSts: { ...awsSts, ...UPSTREAM } }],
    ['xaa', undefined, { type: 'xaa', xaa }],
    ['xaa', ONE_UPSTREAM, { type: 'xaa', xaa: { ...xaa, ...UPSTREAM } }],
  ])('follows from its config: %s', (config, authServer, strategy) => {
    const given = { ...(authServer && { authServer }), members: withAuth('m', config) };
    const inline = backendsOf({ ...given, outgoingAuth: '{source: inline}' });
    expect(inline.outgoing).toEqual({ source: 'inline', backends: { m: strategy }, failedBackends: [] });
    expect(inline.staticBackends.map(({ name }) => name)).toEqual(['m']);
    const chosen = backendsOf({ ...given, outgoingAuth: `{backends: {m: ${ref(config)}}, default: ${ref(config)}}` });
    expect(chosen.outgoing).toEqual({
      source: 'discovered',
      default: strategy,
      backends: { m: strategy },
      failedBackends: [],
    });
  });

  it.each([
    ['access_token', 'urn:ietf:params:oauth:token-type:access_token'],
    ['id_token', 'urn:ietf:params:oauth:token-type:id_token'],
    ['jwt', 'urn:ietf:params:oauth:token-type:jwt'],
    ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:jwt'],
    ["''", undefined],
  ])('presents a token of type %s as %s', (given, written) => {
    const config = `
kind: MCPExternalAuthConfig
metadata: {name: typed}
spec: {type: tokenExchange, tokenExchange: {tokenUrl: 'https://idp/token', audience: a, subjectTokenType: ${given}}}
`;
    const members = `${withAuth('m', 'typed')}---${config}`;
    const { outgoing } = backendsOf({ members, outgoingAuth: '{source: inline}' });
    expect(outgoing.backends?.['m']?.tokenExchange?.subjectTokenType).toBe(written);
  });

  it.each([
    // What the spec says of a backend, what the backend says itself, and what it comes to.
    ['{type: discovered}', 'hi', 'header_injection'],
    ['{type: discovered}', undefined, 'unauthenticated'],
    ['{type: discovered}', 'invalid', undefined],
    [ref('un'), 'hi', 'unauthenticated'],
    [ref('un'), 'invalid', 'unauthenticated'],
    [ref('missing'), 'hi', undefined],
  ])('prefers what the spec says: %s over %s', (override, own, type) => {
    const members = own === undefined ? member('m') : withAuth('m', own);
    for (const source of ['inline', 'discovered']) {
      const outgoingAuth = `{source: ${source}, default: ${ref('un')}, backends: {m: ${override}}}`;
      const { outgoing, staticBackends } = backendsOf({ members, outgoingAuth });
      expect(outgoing.backends?.['m']?.type).toBe(type);
      // It must not be called with the credentials that are for the others.
      const isLeftOut = type === undefined;
      if (source === 'inline') expect(staticBackends).toHaveLength(isLeftOut ? 0 : 1);
      else expect(outgoing.failedBackends).toEqual(isLeftOut ? ['m'] : []);
    }
  });

  it('presents the token of the first upstream where a backend is called as it says itself', () => {
    const { outgoing, outcomes } = backendsOf({
      members: `${withAuth('m', 'te')}---${withAuth('n', 'xaa')}`,
      outgoingAuth: '{backends: {m: {type: discovered}, n: {type: discovered}}}',
      authServer: TWO_UPSTREAMS,
    });
    expect(outgoing.backends?.['m']?.tokenExchange?.subjectProviderName).toBe('okta');
    expect(outgoing.failedBackends).toEqual(['n']);
    expect(outcomes.discovered.get('n')).toMatchObject({ status: 'False', reason: 'AmbiguousSubjectProvider' });
  });

  it('has a default only where one is named that can be used', () => {
    for (const auth of ['{type: discovered}', '{type: externalAuthConfigRef}', ref('missing')]) {
      expect(backendsOf({ outgoingAuth: `{default: ${auth}}` }).outgoing.default).toBeUndefined();
    }
  });

  it('is found out by the server itself unless the spec wants it written out', () => {
    const members = withAuth('m', 'hi');
    for (const outgoingAuth of [undefined, '{}', '{source: discovered}']) {
      const { outgoing, staticBackends, waiting } = backendsOf({ members, ...(outgoingAuth && { outgoingAuth }) });
      expect(outgoing).toEqual({ source: 'discovered', backends: {}, failedBackends: [] });
      expect(staticBackends).toEqual([]);
      expect(waiting).toBeUndefined();
    }
  });

  it('may be up to a handler of its own for type obo', () => {
    class Handler extends OboHandler {
      override strategy() {
        return { tokenUrl: 'https://entra/token', clientSecretEnv: 'OBO' };
      }
      override secretVariables() {
        return [{ name: 'OBO', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];
      }
    }
    const given = { members: withAuth('m', 'obo'), outgoingAuth: '{source: inline}' };
    const { outgoing, env } = backendsOf(given, { obo: new Handler() });
    expect(outgoing.backends).toEqual({
      m: { type: 'obo', obo: { tokenUrl: 'https://entra/token', clientSecretEnv: 'OBO' } },
    });
    expect(env.map(({ name }) => name)).toEqual(['OBO']);
  });
});

describe('what is said of the credentials', () => {
  const NOT_FOUND =
    'failed to get MCPExternalAuthConfig missing: MCPExternalAuthConfig.toolhive.stacklok.dev "missing" not found';
  const AMBIGUOUS =
    'failed to inject subject provider name: SubjectProviderName must be set explicitly for xaa when more than one upstream is configured';
  const OBO =
    'failed to convert external auth config to strategy: vMCP OBO converter: on-behalf-of (OBO) external auth type requires an enterprise build';
  const TO_CONVERT = 'failed to convert MCPExternalAuthConfig: ';

  it.each([
    ['hi', 'True ConversionSucceeded', 'is valid'],
    [
      'foreign',
      'True ConversionSucceeded',
      'is valid; externalTokenHeaderName has no effect: VirtualMCPServer always replaces the Authorization header',
    ],
    ['missing', 'False ConversionFailed', NOT_FOUND],
    ['invalid', 'False EnterpriseRequired', 'invalid (EnterpriseRequired): no'],
    ['unreasoned', 'False InvalidExternalAuthConfig', 'invalid (InvalidExternalAuthConfig): no'],
    ['bearer', 'False ConversionFailed', 'unsupported auth type: bearerToken', TO_CONVERT],
    ['obo', 'False ConversionFailed', OBO, TO_CONVERT],
    ['xaa', 'False AmbiguousSubjectProvider', AMBIGUOUS],
  ])('of config %s: %s', (config, outcome, text, discoveredPrefix = '') => {
    const told = (title: string, prefix = '') =>
      outcome.startsWith('True')
        ? `${outcome}: ${title} auth config ${text}`
        : `${outcome}: Failed to convert ${title.toLowerCase()} auth config: ${prefix}${text}`;
    const { outcomes } = backendsOf({
      members: withAuth('m', config),
      outgoingAuth: `{default: ${ref(config)}, backends: {other: ${ref(config)}}}`,
      authServer: TWO_UPSTREAMS,
    });
    expect(said(outcomes.default)).toBe(told('Default'));
    expect(said(outcomes.backends.get('other'))).toBe(told('Backend'));
    expect(said(outcomes.discovered.get('m'))).toBe(told('Discovered', discoveredPrefix));
  });

  it('of a member that is found, and wants the token of an upstream, is whether there is one', () => {
    const of = (config: string, outgoingAuth: string, authServer?: string) =>
      said(
        backendsOf({
          members: withAuth('m', config),
          outgoingAuth,
          ...(authServer && { authServer }),
        }).outcomes.discovered.get('m'),
      );
    const valid = 'True ConversionSucceeded: Discovered auth config is valid';
    expect(of('ui', '{}', TWO_UPSTREAMS)).toBe(valid);
    expect(of('ui-nobody', '{}', TWO_UPSTREAMS)).toBe(
      'False ConversionFailed: Failed to convert discovered auth config: backend "m": upstream_inject providerName "nobody" not found in auth server upstreams',
    );
    // One that is written out, or called by what the spec says, is judged with the configuration it is in.
    expect(of('ui-nobody', '{source: inline}', TWO_UPSTREAMS)).toBe(valid);
    expect(of('ui-nobody', `{backends: {m: ${ref('un')}}}`, TWO_UPSTREAMS)).toBe(valid);
    expect(of('ui-nobody', '{}')).toBe(valid);
  });

  it('while a config is being judged is that it is, and nothing is to be rolled out', () => {
    const members = `${withAuth('a', 'new')}---${withAuth('b', 'edited')}`;
    const { outcomes, beingJudged, staticBackends } = backendsOf({ members, outgoingAuth: '{source: inline}' });
    expect(said(outcomes.discovered.get('a'))).toBe(
      'Unknown ExternalAuthConfigPending: MCPExternalAuthConfig new has not been validated yet',
    );
    expect(said(outcomes.discovered.get('b'))).toBe('unchanged');
    expect(beingJudged).toEqual(['edited', 'new']);
    expect(staticBackends).toEqual([]);
  });

  it.each([
    ['{}', 'absent', undefined],
    [
      '{default: {type: discovered}, backends: {m: {type: discovered}}}',
      'True ConversionSucceeded: Default auth config is valid',
      'True ConversionSucceeded: Backend auth config is valid',
    ],
    [
      '{default: {type: externalAuthConfigRef}, backends: {m: {type: externalAuthConfigRef}}}',
      'False ConversionFailed: Failed to convert default auth config: backend default: externalAuthConfigRef type requires externalAuthConfigRef field',
      'False ConversionFailed: Failed to convert backend auth config: backend m: externalAuthConfigRef type requires externalAuthConfigRef field',
    ],
  ])('of places without a config: %s', (outgoingAuth, fallback, backend) => {
    const { outcomes } = backendsOf({ outgoingAuth });
    expect(said(outcomes.default)).toBe(fallback);
    expect(said(outcomes.backends.get('m'))).toBe(backend);
  });

  it('is nothing of members that name no config, or belong to others', () => {
    const members = `${member('m')}---
kind: MCPServer
metadata: {name: n}
spec: {image: i, groupRef: {name: others}, externalAuthConfigRef: {name: missing}}
`;
    expect(backendsOf({ members }).outcomes.discovered.size).toBe(0);
  });

  it('leaves an error of a handler to be retried', () => {
    class Failing extends OboHandler {
      override strategy(): never {
        throw new Error('no connection');
      }
    }
    const given = { members: withAuth('m', 'obo') };
    expect(() => backendsOf(given, { obo: new Failing() })).toThrow('no connection');
  });
});

describe('the secrets of the pod', () => {
  const members = ['te', 'hi', 'xaa', 'un', 'invalid'].map((config) => withAuth(`m-${config}`, config)).join('---');
  const ALL = [
    'TOOLHIVE_HEADER_INJECTION_VALUE_HI',
    'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_TE',
    'TOOLHIVE_XAA_IDP_CLIENT_SECRET_XAA',
    'TOOLHIVE_XAA_TARGET_CLIENT_SECRET_XAA',
  ];

  it.each([
    ['each once, sorted, whoever uses it', `{source: inline, default: ${ref('hi')}, backends: {x: ${ref('te')}}}`, ALL],
    ['those of members that the server discovers', '{source: discovered}', ALL],
    ['none of what is not called any more', `{source: inline, backends: {m-hi: ${ref('un')}}}`, ALL.slice(1)],
    ['none where the spec says nothing of outgoing requests', undefined, []],
  ])('are %s', (_, outgoingAuth, names) => {
    const { env } = backendsOf({ members, ...(outgoingAuth && { outgoingAuth }) });
    expect(env.map(({ name }) => name)).toEqual(names);
  });

  it('are told apart where names of configs differ in a dot', () => {
    const configs = ['a-b', 'a.b'].map(
      (name) => `
kind: MCPExternalAuthConfig
metadata: {name: ${name}}
spec: {type: headerInjection, headerInjection: {headerName: X-A, valueSecretRef: {name: ${name}, key: k}}}
`,
    );
    const given = [withAuth('m', 'a-b'), withAuth('n', 'a.b'), ...configs].join('---');
    const { env } = backendsOf({ members: given, outgoingAuth: '{source: inline}' });
    expect(env.map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef?.name])).toEqual([
      ['TOOLHIVE_HEADER_INJECTION_VALUE_A_B', 'a-b'],
      ['TOOLHIVE_HEADER_INJECTION_VALUE_A_B_2E7336DC', 'a.b'],
    ]);
  });
});

describe('a static backend', () => {
  const inline = (members: string) => backendsOf({ members, outgoingAuth: '{source: inline}' });

  it('is where the status of a server or proxy says, or an entry its spec', () => {
    const members = [
      member('s'),
      member('p', 'transport: sse', 'MCPRemoteProxy'),
      member('e', '', 'MCPServerEntry'),
    ].join('---');
    const common = { group: 'g', namespace: 'ai', tool_type: 'mcp' };
    expect(inline(members).staticBackends).toEqual([
      {
        name: 'e',
        url: 'https://r/mcp',
        transport: 'sse',
        type: 'entry',
        metadata: { ...common, remote_url: 'https://r/mcp', workload_type: 'server_entry' },
      },
      {
        name: 'p',
        url: 'http://mcp-p-remote-proxy.ai.svc.cluster.local:8080',
        transport: 'sse',
        metadata: { ...common, remote_url: 'https://r/mcp', workload_type: 'remote_proxy' },
      },
      {
        name: 's',
        url: 'http://mcp-s-proxy.ai.svc.cluster.local:8080/mcp',
        transport: 'streamable-http',
        metadata: { ...common, workload_type: 'mcp_server' },
      },
    ]);
  });

  it.each([
    ['transport: stdio', 'streamable-http'],
    ['transport: stdio, proxyMode: sse', 'sse'],
    ['transport: sse', 'sse'],
    ['transport: sse, proxyMode: streamable-http', 'sse'],
  ])('speaks what the proxy of an MCPServer does: %s', (fields, transport) => {
    const members = `
kind: MCPServer
metadata: {name: m}
spec: {image: i, groupRef: {name: g}, ${fields}}
`;
    expect(inline(members).staticBackends[0]?.transport).toBe(transport);
  });

  it('carries the annotations that are the users own', () => {
    const members = `
kind: MCPServer
metadata:
  name: m
  annotations:
    team: blue
    group: mine
    kubectl.kubernetes.io/last-applied-configuration: '{}'
    deployment.kubernetes.io/revision: '1'
    kubernetes.io/x: y
    k8s.io/x: y
spec: {image: i, groupRef: {name: g}}
`;
    const { metadata } = inline(members).staticBackends[0] ?? {};
    expect(metadata).toEqual({
      team: 'blue',
      group: 'g',
      namespace: 'ai',
      tool_type: 'mcp',
      workload_type: 'mcp_server',
    });
  });

  it.each([
    ['a server without a URL', member('m').replace('spec:', 'status: {phase: Pending}\nspec:')],
    ['a proxy without a URL', member('m', '', 'MCPRemoteProxy').replace('spec:', 'status: {}\nspec:')],
    [
      'an entry that is not valid',
      member('m', '', 'MCPServerEntry').replace('spec:', 'status: {phase: Failed}\nspec:'),
    ],
    ['a URL that is none', member('m').replace('spec:', "status: {url: 'http://'}\nspec:")],
    ['a member whose credentials cannot be used', withAuth('m', 'invalid')],
  ])('is none of %s, and the server waits for one that can be called', (_, members) => {
    const { staticBackends, waiting } = inline(members);
    expect(staticBackends).toEqual([]);
    expect(waiting).toBe(
      'static mode requires at least one backend with valid transport ([sse streamable-http]), but none were discovered in group g',
    );
  });

  it('is the first of its name, in the order of kinds, and the others are told of', () => {
    const members = [member('m', '', 'MCPServerEntry'), member('m', '', 'MCPRemoteProxy'), member('m')].join('---');
    const { staticBackends, problems } = inline(members);
    expect(staticBackends.map(({ metadata }) => metadata?.['workload_type'])).toEqual(['mcp_server']);
    expect(problems).toEqual([
      'MCPServer and MCPRemoteProxy have the name "m": only the MCPServer is served; rename one of them',
      'MCPServer and MCPServerEntry have the name "m": only the MCPServer is served; rename one of them',
    ]);
  });
});

describe('certificate authorities of entries', () => {
  const entry = (name: string, key = 'ca.crt', status = '{phase: Valid}') =>
    member(name, `caBundleRef: {configMapRef: {name: corp, key: '${key}'}}`, 'MCPServerEntry').replace(
      'spec:',
      `status: ${status}\nspec:`,
    );

  it.each([
    ['docs', 'ca-bundle-docs'],
    ['docs.example', 'ca-bundle-docs-example-41b077c6'],
    ['x'.repeat(53), `ca-bundle-${'x'.repeat(53)}`],
    [
      'a-very-long-mcp-server-entry-name-that-exceeds-the-volume-limit-of-63',
      'ca-bundle-a-very-long-mcp-server-entry-name-that-excee-0b482042',
    ],
  ])('of %s are the volume %s', (name, volume) => {
    expect(caBundleVolumeName(name)).toBe(volume);
  });

  it('are mounted for every source, the default key when none is named', () => {
    for (const outgoingAuth of ['{source: inline}', '{source: discovered}']) {
      const { caBundles } = backendsOf({ members: entry('docs', ''), outgoingAuth });
      expect(caBundles.map(({ path }) => path)).toEqual(['/etc/toolhive/ca-bundles/docs/ca.crt']);
    }
  });

  it('are not mounted when they are known not to be there, since no pod would start', () => {
    const gone = '{phase: Failed, conditions: [{type: CABundleRefValidated, status: "False"}]}';
    expect(backendsOf({ members: entry('docs', 'ca.crt', gone) }).caBundles).toEqual([]);
  });

  it('keep a backend out that the process would not start with', () => {
    const { staticBackends, problems } = backendsOf({
      members: `${entry('docs', 'a..b')}---${entry('other')}`,
      outgoingAuth: '{source: inline}',
    });
    expect(staticBackends.map(({ name }) => name)).toEqual(['other']);
    expect(problems).toEqual([
      'MCPServerEntry "docs": the path of its CA bundle, /etc/toolhive/ca-bundles/docs/a..b, contains invalid path characters; rename the key',
    ]);
  });
});

describe('headers that entries put into requests', () => {
  const PLAIN = 'headerForward: {addPlaintextHeaders: {X-T: t}}';
  const SECRET =
    'headerForward: {addHeadersFromSecret: [{headerName: X-Api-Key, valueSecretRef: {name: tok, key: token}}]}';

  it('are variables of the pod, sorted by name, for every source', () => {
    const both = `${PLAIN.slice(0, -1)}, addHeadersFromSecret: [{headerName: X-Api-Key, valueSecretRef: {name: tok, key: token}}]}`;
    const members = [member('hdr-b', both, 'MCPServerEntry'), member('a', PLAIN, 'MCPServerEntry')].join('---');
    const { headerForwardEnv } = backendsOf({ members });
    expect(headerForwardEnv).toEqual([
      { name: 'TOOLHIVE_HEADER_FORWARD_A', value: '{"addPlaintextHeaders":{"X-T":"t"}}' },
      {
        name: 'TOOLHIVE_HEADER_FORWARD_HDR_B',
        value:
          '{"addPlaintextHeaders":{"X-T":"t"},"addHeadersFromSecret":{"X-Api-Key":"HEADER_FORWARD_X_API_KEY_HDR_B"}}',
      },
      {
        name: 'TOOLHIVE_SECRET_HEADER_FORWARD_X_API_KEY_HDR_B',
        valueFrom: { secretKeyRef: { name: 'tok', key: 'token' } },
      },
    ]);
  });

  it('are none where nothing is to be added', () => {
    expect(backendsOf({ members: member('a', 'headerForward: {}', 'MCPServerEntry') }).headerForwardEnv).toEqual([]);
  });

  it('are none of an entry whose Secrets are known not to be there', () => {
    const status = '{phase: Failed, conditions: [{type: HeaderSecretRefsValidated, status: "False"}]}';
    const members = member('a', SECRET, 'MCPServerEntry').replace('spec:', `status: ${status}\nspec:`);
    expect(backendsOf({ members }).headerForwardEnv).toEqual([]);
  });

  it('never get into requests to another backend', () => {
    const members = [
      member('a-b', SECRET, 'MCPServerEntry'),
      member('a.b', '', 'MCPServerEntry'),
      member('c', PLAIN, 'MCPServerEntry'),
    ].join('---');
    const { staticBackends, headerForwardEnv, problems } = backendsOf({ members, outgoingAuth: '{source: inline}' });
    expect(staticBackends.map(({ name }) => name)).toEqual(['a.b', 'c']);
    expect(headerForwardEnv.map(({ name }) => name)).toEqual(['TOOLHIVE_HEADER_FORWARD_C']);
    expect(problems).toEqual([
      'backends "a-b" and "a.b" share the environment variables of forwarded headers, so that those with headers are not served; rename one of them',
    ]);
  });

  it('keep an entry out whose headers cannot be forwarded', () => {
    const members = member('a', 'headerForward: {addPlaintextHeaders: {Host: x}}', 'MCPServerEntry');
    const { staticBackends, headerForwardEnv } = backendsOf({ members, outgoingAuth: '{source: inline}' });
    expect([staticBackends, headerForwardEnv]).toEqual([[], []]);
  });
});

it('follow from what a server is told of the changes of its members, and nothing else of them', () => {
  const annotated = (manifest: string) => manifest.replace('metadata: {', 'metadata: {annotations: {team: blue}, ');
  const header = '{headerName: X-Api-Key, valueSecretRef: {name: tok, key: token}}';
  const entry = [
    'externalAuthConfigRef: {name: un}',
    'caBundleRef: {configMapRef: {name: corp, key: ca.crt}}',
    `headerForward: {addHeadersFromSecret: [${header}]}`,
  ].join(', ');
  const members = [
    withAuth('s', 'te'),
    withAuth('p', 'hi', 'MCPRemoteProxy'),
    member('e', entry, 'MCPServerEntry'),
    member('s', '', 'MCPServerEntry'),
  ];
  const { workloads, ...sources } = namespaceOf({
    outgoingAuth: '{source: inline}',
    members: members.map(annotated).join('---'),
  }).backendSources('v');
  const bare = <T extends MCPServer | MCPRemoteProxy | MCPServerEntry>({ metadata: { name, namespace } }: T) => ({
    name,
    ...(namespace !== undefined && { namespace }),
  });
  const toldOfWorkload = <T extends MCPServer | MCPRemoteProxy>(workload: T): T => {
    const { annotations, spec, url } = serversOfWorkload.tells(workload);
    return { ...workload, metadata: { ...bare(workload), annotations }, spec, status: { url } };
  };
  const toldOfEntry = (workload: MCPServerEntry): MCPServerEntry => {
    const { annotations, ...rest } = serversOfEntry.tells(workload);
    return { ...workload, metadata: { ...bare(workload), ...(annotations && { annotations }) }, ...rest };
  };
  const told = {
    servers: workloads.servers.map(toldOfWorkload),
    proxies: workloads.proxies.map(toldOfWorkload),
    entries: workloads.entries.map(toldOfEntry),
  };
  const backends = groupBackends({ ...sources, workloads });
  expect(backends.staticBackends).toHaveLength(3);
  expect(groupBackends({ ...sources, workloads: told })).toEqual(backends);
});

describe('many backends', () => {
  it('are looked at once each, and every config once', () => {
    const namespace = namespaceOf({
      outgoingAuth: '{source: inline}',
      members: Array.from({ length: 200 }, (_, index) => withAuth(`m${index}`, index % 2 === 0 ? 'hi' : 'te')).join(
        '---',
      ),
    });
    const asked: string[] = [];
    let looks = 0;
    const { workloads, ...sources } = namespace.backendSources('v');
    const { staticBackends } = groupBackends({
      ...sources,
      workloads: {
        ...workloads,
        servers: workloads.servers.map((server) => ({
          ...server,
          get status() {
            looks += 1;
            return server.status;
          },
        })),
      },
      externalAuthConfig: (name): MCPExternalAuthConfig | undefined => {
        asked.push(name);
        return sources.externalAuthConfig(name);
      },
    });
    expect(staticBackends).toHaveLength(200);
    expect(asked.sort()).toEqual(['hi', 'te']);
    expect(looks).toBe(200);
  });
});
