import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage } from '@trueup/core';
import { MCPTelemetryConfig } from './resource.js';

const crd = customResourceDefinition(MCPTelemetryConfig);
const stored = crd.spec.versions.find((version) => version.storage);

describe('MCPTelemetryConfig', () => {
  it('is found under its names, in both versions with one schema', () => {
    expect(crd.metadata.name).toBe('mcptelemetryconfigs.toolhive.stacklok.dev');
    expect(crd.spec.names.shortNames).toEqual(['mcpotel']);
    expect(crd.spec.versions.map(({ name, storage, deprecated }) => [name, storage, deprecated])).toEqual([
      ['v1alpha1', false, true],
      ['v1beta1', true, undefined],
    ]);
    expect(crd.spec.versions[0]?.schema).toEqual(stored?.schema);
  });

  it('shows endpoint, verdict, signals, references and age', () => {
    expect(stored?.additionalPrinterColumns?.map(({ name, type }) => [name, type])).toEqual([
      ['Endpoint', 'string'],
      ['Valid', 'string'],
      ['Tracing', 'boolean'],
      ['Metrics', 'boolean'],
      ['References', 'integer'],
      ['Age', 'date'],
    ]);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPTelemetryConfig)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });
});
