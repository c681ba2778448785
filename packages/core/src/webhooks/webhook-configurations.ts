import type { KubernetesObject, ResourceType } from '@trueup/kube';
import type { LabelSelector } from '../builtin-kinds.js';
import type { OperatorModule } from '../operator/module.js';
import { declaredWebhooks, type DeclaredWebhook } from './declared-webhook.js';
import type { WebhookRecord } from './webhook-record.js';
import { webhookClientConfig, type WebhookClientConfig, type WebhookTarget } from './webhook-target.js';

const GROUP = 'admissionregistration.k8s.io';
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** The kinds of what tells the API server about admission webhooks. */
export const WEBHOOK_CONFIGURATIONS: Readonly<Record<WebhookRecord['type'], ResourceType>> = {
  mutating: {
    group: GROUP,
    version: 'v1',
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
  validating: {
    group: GROUP,
    version: 'v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
};

/** {@link https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/ | ValidatingWebhookConfiguration}, or its mutating sibling. */
export interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly ConfiguredWebhook[];
}

/** One webhook of a configuration, with every default said. */
export interface ConfiguredWebhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules: readonly {
    readonly operations: readonly string[];
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly resources: readonly string[];
    readonly scope: 'Namespaced' | 'Cluster';
  }[];
  readonly admissionReviewVersions: readonly string[];
  readonly matchPolicy: 'Equivalent';
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly sideEffects: 'None' | 'NoneOnDryRun';
  readonly timeoutSeconds: number;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
}

/** What configurations depend on besides the declarations. */
export interface ConfigurationOptions {
  /** The operator's name; the configurations are called so. */
  readonly name: string;
  readonly target: WebhookTarget;
  /** PEM of the authorities to trust. Absent: the operator fills them in when it runs, or cert-manager does. */
  readonly authorities?: string;
  /** Namespaces that the operator looks at. Default, and when there are none: all. */
  readonly namespaces?: readonly string[];
  /** Labels of the configurations themselves. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What tells the API server about the admission webhooks that modules declare: at most one object of each kind. */
export function webhookConfigurations(
  modules: readonly OperatorModule[],
  options: ConfigurationOptions,
): readonly WebhookConfiguration[] {
  const declared = declaredWebhooks(modules);
  const own = new Set(modules.flatMap(({ kinds }) => kinds.map(({ resource }) => resource)));
  return (['mutating', 'validating'] as const).flatMap((type) => {
    const webhooks = declared
      .filter((webhook) => webhook.type === type)
      .map((webhook) => configured(webhook, options, own.has(webhook.kind.resource)));
    if (webhooks.length === 0) return [];
    const { name, labels } = options;
    const { kind } = WEBHOOK_CONFIGURATIONS[type];
    return [{ apiVersion: `${GROUP}/v1`, kind, metadata: { name, ...(labels && { labels }) }, webhooks }];
  });
}

function configured(webhook: DeclaredWebhook, options: ConfigurationOptions, isOwnKind: boolean): ConfiguredWebhook {
  const { group, version, plural, namespaced } = webhook.kind.resource;
  const { operations = ['CREATE', 'UPDATE'], subresource, objectSelector, matchConditions } = webhook.options;
  const { failurePolicy = 'Fail', sideEffects = 'None', timeoutSeconds = 10, reinvoked = false } = webhook.options;
  const namespaceSelector = namespaceSelectorOf(webhook, options, isOwnKind);
  return {
    name: webhook.name,
    clientConfig: webhookClientConfig(options.target, webhook.path, options.authorities),
    rules: [
      {
        operations,
        apiGroups: [group],
        apiVersions: [version],
        resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
        scope: namespaced ? 'Namespaced' : 'Cluster',
      },
    ],
    admissionReviewVersions: ['v1'],
    // Requests in other versions are sent, too, converted to the one that the code is written for.
    matchPolicy: 'Equivalent',
    failurePolicy,
    sideEffects,
    timeoutSeconds,
    ...(namespaceSelector && { namespaceSelector }),
    ...(objectSelector && { objectSelector }),
    ...(matchConditions && { matchConditions }),
    ...(webhook.type === 'mutating' && { reinvocationPolicy: reinvoked ? 'IfNeeded' : 'Never' }),
  };
}

function namespaceSelectorOf(
  { options: { namespaceSelector, includeSystemNamespaces = false } }: DeclaredWebhook,
  { target, namespaces = [] }: ConfigurationOptions,
  isOwnKind: boolean,
): LabelSelector | undefined {
  // An operator that is called at a URL does not run in the cluster, so that nothing there can keep it from starting.
  const system = ['kube-system', ...('service' in target ? [target.service.namespace] : [])];
  const matchExpressions = [
    ...(namespaceSelector?.matchExpressions ?? []),
    ...(namespaces.length > 0 ? [{ key: NAMESPACE_NAME, operator: 'In', values: namespaces } as const] : []),
    ...(isOwnKind || includeSystemNamespaces
      ? []
      : [{ key: NAMESPACE_NAME, operator: 'NotIn', values: system } as const]),
  ];
  return matchExpressions.length === 0 ? namespaceSelector : { ...namespaceSelector, matchExpressions };
}
