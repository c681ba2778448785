import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { MCPAuthzConfig } from './resource.js';

const crd = customResourceDefinition(MCPAuthzConfig);

describe('MCPAuthzConfig', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcpauthzconfigs.toolhive.stacklok.dev');
    expect(crd.metadata.labels).toEqual({ 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' });
    expect(crd.spec.names).toMatchObject({ shortNames: ['authzcfg'], categories: ['toolhive'] });
    const [alpha, beta] = crd.spec.versions;
    expect([alpha, beta].map((version) => [version?.name, version?.storage, version?.deprecationWarning])).toEqual([
      ['v1alpha1', false, 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1'],
      ['v1beta1', true, undefined],
    ]);
    expect(alpha?.schema).toEqual(beta?.schema);
    expect(beta?.additionalPrinterColumns?.map(({ name, jsonPath }) => [name, jsonPath])).toEqual([
      ['Type', '.spec.type'],
      ['Valid', ".status.conditions[?(@.type=='Valid')].status"],
      ['References', '.status.referenceCount'],
      ['Age', '.metadata.creationTimestamp'],
    ]);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPAuthzConfig)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it('takes any type and any members, for backends to judge', () => {
    expect(validateSpec(MCPAuthzConfig, { type: 'opa', config: { a: { b: [1, null] } } })).toEqual([]);
  });

  it.each([
    ['spec.type', { type: '', config: {} }],
    ['spec.type', { config: {} }],
    ['spec.config', { type: 'cedarv1' }],
    ['spec.config', { type: 'cedarv1', config: 'permit' }],
    ['spec.config', { type: 'cedarv1', config: null }],
  ])('refuses a wrong %s', (path, spec) => {
    expect(validateSpec(MCPAuthzConfig, spec)).toContainEqual(expect.objectContaining({ path }));
  });
});
