import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { MCPRemoteProxy } from './resource.js';

const crd = customResourceDefinition(MCPRemoteProxy);
const stored = crd.spec.versions.find((version) => version.storage);

describe('MCPRemoteProxy', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcpremoteproxies.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['rp', 'mcprp']);
    expect(crd.spec.versions.map(({ name, storage, deprecated }) => ({ name, storage, deprecated }))).toEqual([
      { name: 'v1alpha1', storage: false, deprecated: true },
      { name: 'v1beta1', storage: true, deprecated: undefined },
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows where it stands, where it leads and where it is reached', () => {
    expect(stored?.additionalPrinterColumns?.map(({ name }) => name)).toEqual([
      'Phase',
      'Remote URL',
      'URL',
      'Ready',
      'Age',
    ]);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPRemoteProxy)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it('needs no more than the URL of the remote server', () => {
    expect(validateSpec(MCPRemoteProxy, { remoteUrl: 'https://mcp.example.com' })).toEqual([]);
    expect(MCPRemoteProxy.definition.spec.parse({ remoteUrl: 'https://mcp.example.com' })).toEqual({
      remoteUrl: 'https://mcp.example.com',
      allowPrivateEndpoint: false,
      transport: 'streamable-http',
      proxyPort: 8080,
      sessionAffinity: 'ClientIP',
      trustProxyHeaders: false,
    });
  });
});
