import { describe, expect, it } from '@jest/globals';
import { isSpecError } from '@trueup/core';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { VirtualMCPServer } from '../resource.js';
import { Namespace } from '../test-support/namespace.js';

import { configDocumentFormat } from './format/config-document.js';
import { documentProblem } from './problems/document-problem.js';

const FC_RUNS = Number(process.env['FC_RUNS'] ?? 60);

const OTHERS = new Namespace(`
kind: MCPExternalAuthConfig
metadata: {name: te}
spec: {type: tokenExchange, tokenExchange: {tokenUrl: 'https://idp', audience: a, clientSecretRef: {name: s, key: k}}}
---
kind: MCPExternalAuthConfig
metadata: {name: x.aa}
spec:
  type: xaa
  xaa: {idpTokenUrl: 'https://idp', idpClientSecretRef: {name: s, key: k}, targetTokenUrl: 'https://t', targetAudience: a}
---
kind: MCPExternalAuthConfig
metadata: {name: bearer}
spec: {type: bearerToken, bearerToken: {tokenSecretRef: {name: s, key: k}}}
---
kind: MCPExternalAuthConfig
metadata: {name: new}
spec: {type: unauthenticated}
status: {}
---
kind: MCPToolConfig
metadata: {name: tc}
spec: {toolsFilter: [b, a], toolsOverride: {a: {name: x}}}
`);

const text = fc.oneof(
  fc.constantFrom('a', 'b', 'a.b', '10', '9', '', 'null', '{x}', '__proto__'),
  fc.string({ maxLength: 8 }),
);
const name = fc.constantFrom('a', 'a-b', 'a.b', 'b', '10', '9');
const texts = fc.array(text, { maxLength: 3 });
const duration = fc.constantFrom('0s', '1s', '90m', '500ms', '1.5h', '99999999999h');
const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, { requiredKeys: [] });

const override = some({
  name: text,
  description: text,
  annotations: some({ title: text, readOnlyHint: fc.boolean() }),
});
const step = fc
  .tuple(
    fc.record({ id: text }),
    some({ tool: text, arguments: json, dependsOn: texts, timeout: duration, step: json }),
  )
  .map(([required, optional]) => ({ ...required, ...optional }));

const config = some({
  name: text,
  telemetry: some({ endpoint: text }),
  aggregation: some({
    conflictResolution: fc.constantFrom('prefix', 'priority', 'manual'),
    conflictResolutionConfig: some({ prefixFormat: text, priorityOrder: texts }),
    tools: fc.array(
      fc.record(
        {
          workload: name,
          filter: texts,
          overrides: fc.dictionary(text, override, { maxKeys: 3 }),
          toolConfigRef: fc.record({ name: fc.constantFrom('tc', 'missing') }),
        },
        { requiredKeys: ['workload'] },
      ),
      { maxLength: 3 },
    ),
    defaultToolVisibility: fc.constantFrom('allow', 'deny'),
  }),
  compositeTools: fc.array(fc.record({ name: text, steps: fc.array(step, { maxLength: 2 }) }), { maxLength: 2 }),
  compositeToolRefs: fc.array(fc.record({ name: text }), { maxLength: 1 }),
  operational: some({
    timeouts: some({ default: duration, perWorkload: fc.dictionary(name, duration, { maxKeys: 2 }) }),
    failureHandling: some({ healthCheckInterval: duration, unhealthyThreshold: fc.integer({ min: -1, max: 3 }) }),
  }),
  metadata: fc.dictionary(text, text, { maxKeys: 3 }),
  audit: some({ enabled: fc.boolean(), component: text, maxDataSize: fc.integer() }),
  optimizer: some({ embeddingService: text, maxToolsToReturn: fc.integer({ min: 1, max: 50 }) }),
  codeMode: some({ enabled: fc.boolean(), toolCallTimeout: duration }),
  passthroughHeaders: texts,
});

const backendAuth = fc.oneof(
  fc.constant({ type: 'discovered' }),
  fc
    .constantFrom('te', 'x.aa', 'bearer', 'new', 'missing')
    .map((of) => ({ type: 'externalAuthConfigRef', externalAuthConfigRef: { name: of } })),
);

const spec = some({
  config,
  passthroughHeaders: texts,
  outgoingAuth: some({
    source: fc.constantFrom('inline', 'discovered'),
    default: backendAuth,
    backends: fc.dictionary(name, backendAuth, { maxKeys: 3 }),
  }),
  sessionStorage: fc.constantFrom({ provider: 'memory' }, { provider: 'redis', address: 'redis:6379', db: 1 }),
});

const member = fc.record({
  kind: fc.constantFrom('MCPServer', 'MCPServerEntry'),
  name,
  auth: fc.option(fc.constantFrom('te', 'x.aa', 'bearer', 'new', 'missing'), { nil: undefined }),
  status: fc.constantFrom(undefined, {}, { phase: 'Failed' }),
});
const members = fc.uniqueArray(member, { maxLength: 5, selector: ({ kind, name }) => `${kind}/${name}` });

type Members = readonly {
  readonly kind: string;
  readonly name: string;
  readonly auth: string | undefined;
  readonly status: object | undefined;
}[];

/** The configuration of a server whose spec the schema admits; undefined when it says that there is none. */
function configurationOf(given: object, among: Members) {
  const namespace = new Namespace('', OTHERS);
  for (const { kind, name, auth, status } of among) {
    const own = kind === 'MCPServer' ? { image: 'i' } : { remoteUrl: 'https://r', transport: 'sse' };
    const ref = auth && { externalAuthConfigRef: { name: auth } };
    namespace.add({
      kind,
      metadata: { name },
      spec: { ...own, groupRef: { name: 'g' }, ...ref },
      ...(status && { status }),
    });
  }
  namespace.add({
    kind: VirtualMCPServer.resource.kind,
    metadata: { name: 'v' },
    spec: { groupRef: { name: 'g' }, incomingAuth: { type: 'anonymous' }, ...given },
  });
  try {
    return namespace.configuration('v');
  } catch (error) {
    if (isSpecError(error)) return undefined;
    throw error;
  }
}

/** The same value with members in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, turned(item)]),
  );
}

describe('any configuration', () => {
  it('is made or refused for a reason, reads back as it is, and does not depend on any order', () => {
    fc.assert(
      fc.property(spec, members, (given, among) => {
        const made = configurationOf(given, among);
        const again = configurationOf(turned(given) as object, [...among].reverse());
        expect(again?.text).toBe(made?.text);
        if (made === undefined) return;
        const { document, text } = made;
        expect(load(text)).toEqual(JSON.parse(JSON.stringify(document)));
        expect(configDocumentFormat.read(document, 'spec.config')).toEqual(document);
        documentProblem(document);
      }),
      { numRuns: FC_RUNS },
    );
  });

  it('names no variable that the pod does not have, and calls no backend with what is for others', () => {
    fc.assert(
      fc.property(spec, members, (given, among) => {
        const made = configurationOf(given, among);
        if (made === undefined) return;
        const { document, text, backends } = made;
        const variables = backends.env.map(({ name: variable }) => variable);
        for (const [, variable] of text.matchAll(/Env: (\S+)/g)) expect(variables).toContain(variable);
        const { backends: strategies = {}, failedBackends = [] } = document.outgoingAuth;
        for (const failed of failedBackends) expect(strategies).not.toHaveProperty([failed]);
        const broken = [...backends.outcomes.discovered].filter(([, { kind }]) => kind === 'stated');
        for (const [backend, outcome] of broken) {
          if (outcome.kind !== 'stated' || outcome.status === 'True') continue;
          const isServed = document.backends?.some(({ name: served }) => served === backend) ?? false;
          if (isServed) expect(strategies).toHaveProperty([backend]);
        }
      }),
      { numRuns: FC_RUNS },
    );
  });
});
