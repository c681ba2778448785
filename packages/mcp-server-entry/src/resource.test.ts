import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { MCPServerEntry } from './resource.js';

const crd = customResourceDefinition(MCPServerEntry);
const stored = crd.spec.versions.find((version) => version.storage);
const MINIMAL = { remoteUrl: 'https://mcp.example.com', transport: 'sse', groupRef: { name: 'g' } };

describe('MCPServerEntry', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcpserverentries.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['mcpentry']);
    expect(crd.spec.versions.map(({ name, storage, deprecated }) => ({ name, storage, deprecated }))).toEqual([
      { name: 'v1alpha1', storage: false, deprecated: true },
      { name: 'v1beta1', storage: true, deprecated: undefined },
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows where it stands, where it leads and what it belongs to', () => {
    const columns = stored?.additionalPrinterColumns?.map(({ name }) => name);
    expect(columns).toEqual(['Phase', 'Transport', 'Remote URL', 'Group', 'Age']);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPServerEntry)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it.each([
    ['remoteUrl', { remoteUrl: undefined }],
    ['remoteUrl', { remoteUrl: 'mcp.example.com' }],
    ['transport', { transport: undefined }],
    ['transport', { transport: 'stdio' }],
    ['groupRef', { groupRef: undefined }],
    ['groupRef.name', { groupRef: { name: '' } }],
  ])('needs a proper %s', (field, spec) => {
    expect(validateSpec(MCPServerEntry, MINIMAL)).toEqual([]);
    expect(validateSpec(MCPServerEntry, { ...MINIMAL, ...spec })).toContainEqual(
      expect.objectContaining({ path: `spec.${field}` }),
    );
  });
});
