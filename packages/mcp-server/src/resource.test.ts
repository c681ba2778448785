import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { MCPServer } from './resource.js';

const crd = customResourceDefinition(MCPServer);
const stored = crd.spec.versions.find((version) => version.storage);
const spec = stored?.schema.openAPIV3Schema.properties?.['spec'];

describe('MCPServer', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcpservers.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['mcpserver', 'mcpservers']);
    expect(
      crd.spec.versions.map(({ name, storage, deprecationWarning }) => ({ name, storage, deprecationWarning })),
    ).toEqual([
      {
        name: 'v1alpha1',
        storage: false,
        deprecationWarning: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1',
      },
      { name: 'v1beta1', storage: true, deprecationWarning: undefined },
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('needs an image, and nothing else', () => {
    expect(spec?.required).toEqual(['image']);
    expect(validateSpec(MCPServer, { image: 'ghcr.io/example/fetch:1' })).toEqual([]);
    expect(validateSpec(MCPServer, {})).toMatchObject([{ path: 'spec.image' }]);
  });

  it('is admitted without a spec, as it always was', () => {
    expect(stored?.schema.openAPIV3Schema.required).toBeUndefined();
  });

  it('has its defaults filled in by the API server', () => {
    const defaults = Object.entries(spec?.properties ?? {}).flatMap(([name, field]) =>
      field.default === undefined ? [] : [[name, field.default]],
    );
    expect(Object.fromEntries(defaults)).toEqual({
      transport: 'stdio',
      proxyMode: 'streamable-http',
      proxyPort: 8080,
      sessionAffinity: 'ClientIP',
      trustProxyHeaders: false,
    });
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPServer)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it('keeps a pod template as it was written', () => {
    const podTemplateSpec = { spec: { containers: [{ name: 'mcp', resources: { limits: { cpu: '1' } } }] } };
    expect(MCPServer.definition.spec.parse({ image: 'x', podTemplateSpec }).podTemplateSpec).toEqual(podTemplateSpec);
  });

  it.each([
    { name: 'a port out of range', change: { proxyPort: 0 }, path: 'spec.proxyPort' },
    { name: 'an unknown transport', change: { transport: 'http' }, path: 'spec.transport' },
    {
      name: 'a variable twice',
      change: {
        env: [
          { name: 'A', value: '' },
          { name: 'A', value: 'x' },
        ],
      },
      path: 'spec.env',
    },
    {
      name: 'a Secret twice',
      change: {
        secrets: [
          { name: 's', key: 'a' },
          { name: 's', key: 'b' },
        ],
      },
      path: 'spec.secrets',
    },
    {
      name: 'an empty reference',
      change: { oidcConfigRef: { name: '', audience: 'a' } },
      path: 'spec.oidcConfigRef.name',
    },
    {
      name: 'a bucket of nothing',
      change: { rateLimiting: { shared: { maxTokens: 0, refillPeriod: '1m' } } },
      path: 'spec.rateLimiting.shared.maxTokens',
    },
    {
      name: 'no policy at all',
      change: { authzConfig: { type: 'inline', inline: { policies: [] } } },
      path: 'spec.authzConfig.inline.policies',
    },
  ])('refuses $name', ({ change, path }) => {
    expect(validateSpec(MCPServer, { image: 'x', ...change })).toMatchObject([{ path }]);
  });
});
