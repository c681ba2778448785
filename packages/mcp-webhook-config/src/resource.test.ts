import { describe, expect, it } from '@jest/globals';
import { customResourceDefinition, referencePage, validateSpec } from '@trueup/core';
import { MCPWebhookConfig } from './resource.js';

const crd = customResourceDefinition(MCPWebhookConfig);
const url = 'https://policy.example.com/validate';
const ref = { name: 's', key: 'k' };

describe('MCPWebhookConfig', () => {
  it('exists in one version, which is not deprecated', () => {
    expect(crd.metadata.name).toBe('mcpwebhookconfigs.toolhive.stacklok.dev');
    expect(crd.metadata.labels).toEqual({ 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' });
    expect(crd.spec.names).toMatchObject({ shortNames: ['mwc'], categories: ['toolhive'] });
    expect(crd.spec.versions).toEqual([expect.objectContaining({ name: 'v1alpha1', served: true, storage: true })]);
    expect(crd.spec.versions[0]).not.toHaveProperty('deprecated');
    expect(crd.spec.versions[0]?.additionalPrinterColumns?.map(({ name }) => name)).toEqual([
      'Valid',
      'References',
      'Age',
    ]);
  });

  it('explains every field', () => {
    const unexplained = referencePage(MCPWebhookConfig)
      .split('\n')
      .filter((line) => /^\| `(spec|status)[^`]*\w` .*\|  \|$/.test(line));
    expect(unexplained).toEqual([]);
  });

  it.each([
    ['spec', undefined],
    ['spec.validating[0].name', { validating: [{ name: '', url }] }],
    ['spec.validating[0].name', { validating: [{ name: 'x'.repeat(64), url }] }],
    ['spec.mutating[0].url', { mutating: [{ name: 'a' }] }],
    ['spec.mutating[0].url', { mutating: [{ name: 'a', url: 'policy' }] }],
    ['spec.mutating[0].timeout', { mutating: [{ name: 'a', url, timeout: '3 days' }] }],
    ['spec.mutating[0].failurePolicy', { mutating: [{ name: 'a', url, failurePolicy: 'Fail' }] }],
    ['spec.mutating[0].hmacSecretRef.key', { mutating: [{ name: 'a', url, hmacSecretRef: { name: 's' } }] }],
    [
      'spec.validating',
      {
        validating: [
          { name: 'a', url },
          { name: 'a', url },
        ],
      },
    ],
  ])('refuses a wrong %s', (path, spec) => {
    expect(validateSpec(MCPWebhookConfig, spec)).toContainEqual(expect.objectContaining({ path }));
  });

  it('takes everything there is to say', () => {
    const tlsConfig = { caSecretRef: ref, clientCertSecretRef: ref, clientKeySecretRef: ref, insecureSkipVerify: true };
    const webhook = { name: 'a', url, timeout: '1m30.5s', failurePolicy: 'ignore', tlsConfig, hmacSecretRef: ref };
    expect(validateSpec(MCPWebhookConfig, { validating: [webhook], mutating: [webhook] })).toEqual([]);
  });
});
