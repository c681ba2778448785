import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Namespace, Pod, type LabelSelector } from '../builtin-kinds.js';
import { Mutates } from '../decorators/mutates.js';
import { Validates } from '../decorators/validates.js';
import { defineKind } from '../kind/define-kind.js';
import { webhookConfigurations, type ConfigurationOptions } from './webhook-configurations.js';

const Site = defineKind({ group: 'example.com', kind: 'Site', versions: { v1: {} }, spec: z.object({}) });
const NAME = 'kubernetes.io/metadata.name';
const SERVICE: ConfigurationOptions = {
  name: 'sites',
  target: { service: { name: 'sites-webhook', namespace: 'operators', port: 443 } },
};
const URL_ONLY: ConfigurationOptions = { name: 'sites', target: { url: 'https://127.0.0.1:9443/' } };

class Webhooks {
  @Validates(Site)
  valid(): void {}

  @Mutates(Pod, {
    name: 'sidecar',
    operations: ['CREATE'],
    failurePolicy: 'Ignore',
    timeoutSeconds: 3,
    reinvoked: true,
    sideEffects: 'NoneOnDryRun',
    objectSelector: { matchLabels: { site: 'yes' } },
    matchConditions: [{ name: 'not-ours', expression: 'object.metadata.name != "own"' }],
  })
  addsSidecar(): void {}

  @Validates(Pod, { subresource: 'status', includeSystemNamespaces: true })
  podStatus(): void {}
}

const configurationsOf = (webhooks: new () => object, options: ConfigurationOptions) =>
  webhookConfigurations([{ name: 'sites', kinds: [Site], reconcilers: [], webhooks: [webhooks] }], options);

describe('the configurations of webhooks', () => {
  it('say everything, with the safe choice for what is not declared', () => {
    const [mutating, validating, ...others] = configurationsOf(Webhooks, { ...SERVICE, labels: { app: 'sites' } });
    expect(others).toEqual([]);
    expect(mutating).toMatchObject({ kind: 'MutatingWebhookConfiguration', metadata: { name: 'sites' } });
    expect(mutating?.webhooks).toEqual([
      {
        name: 'sidecar.pods.core',
        clientConfig: {
          service: { name: 'sites-webhook', namespace: 'operators', port: 443, path: '/mutate/pods.core/sidecar' },
        },
        rules: [
          { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' },
        ],
        admissionReviewVersions: ['v1'],
        matchPolicy: 'Equivalent',
        failurePolicy: 'Ignore',
        sideEffects: 'NoneOnDryRun',
        timeoutSeconds: 3,
        reinvocationPolicy: 'IfNeeded',
        namespaceSelector: {
          matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['kube-system', 'operators'] }],
        },
        objectSelector: { matchLabels: { site: 'yes' } },
        matchConditions: [{ name: 'not-ours', expression: 'object.metadata.name != "own"' }],
      },
    ]);
    expect(validating).toMatchObject({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'sites', labels: { app: 'sites' } },
    });
    expect(validating?.webhooks).toEqual([
      {
        name: 'valid.sites.example.com',
        clientConfig: {
          service: {
            name: 'sites-webhook',
            namespace: 'operators',
            port: 443,
            path: '/validate/sites.example.com/valid',
          },
        },
        rules: [
          {
            operations: ['CREATE', 'UPDATE'],
            apiGroups: ['example.com'],
            apiVersions: ['v1'],
            resources: ['sites'],
            scope: 'Namespaced',
          },
        ],
        admissionReviewVersions: ['v1'],
        matchPolicy: 'Equivalent',
        failurePolicy: 'Fail',
        sideEffects: 'None',
        timeoutSeconds: 10,
      },
      expect.objectContaining({
        name: 'pod-status.pods.core',
        rules: [expect.objectContaining({ resources: ['pods/status'] })],
      }),
    ]);
    expect(validating?.webhooks?.[1]).not.toHaveProperty('namespaceSelector');
  });

  const own = { matchLabels: { team: 'a' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] } as const;
  class OnPods {
    @Validates(Pod, { namespaceSelector: own })
    pods(): void {}
  }
  class OnSites {
    @Validates(Site, { namespaceSelector: own })
    sites(): void {}
  }
  class OnNamespaces {
    @Validates(Namespace)
    namespaces(): void {}
  }
  const notIn = (...values: readonly string[]) => ({ key: NAME, operator: 'NotIn' as const, values });
  const within = { key: NAME, operator: 'In' as const, values: ['team-a'] };

  it.each<{ what: string; of: new () => object; options: ConfigurationOptions; selector: LabelSelector | undefined }>([
    {
      what: 'keep what runs the cluster and the operator out of what the operator could block',
      of: OnPods,
      options: SERVICE,
      selector: { ...own, matchExpressions: [...own.matchExpressions, notIn('kube-system', 'operators')] },
    },
    {
      what: 'need not think of an operator outside the cluster',
      of: OnNamespaces,
      options: URL_ONLY,
      selector: { matchExpressions: [notIn('kube-system')] },
    },
    { what: 'ask about the kinds of the operator everywhere', of: OnSites, options: SERVICE, selector: own },
    {
      what: 'ask only where the operator looks',
      of: OnSites,
      options: { ...URL_ONLY, namespaces: ['team-a'] },
      selector: { ...own, matchExpressions: [...own.matchExpressions, within] },
    },
  ])('$what', ({ of, options, selector }) => {
    const [configuration] = configurationsOf(of, options);
    expect(configuration?.webhooks?.[0]?.namespaceSelector).toEqual(selector);
  });

  it('lead to a URL where there is no Service, and say whom to trust when it is known', () => {
    const [, validating] = configurationsOf(Webhooks, { ...URL_ONLY, authorities: 'PEM' });
    expect(validating?.webhooks?.[0]?.clientConfig).toEqual({
      url: 'https://127.0.0.1:9443/validate/sites.example.com/valid',
      caBundle: Buffer.from('PEM').toString('base64'),
    });
  });
});
