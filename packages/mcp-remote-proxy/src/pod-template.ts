import { contentRefsOf, type ContentRef } from '@trueup/core';
import {
  decodePodTemplate,
  mergePodTemplate,
  ofPodTemplate,
  PodTemplateError,
  podTemplateHash,
  PROXY_CONTAINER,
  RUN_CONFIG_CHECKSUM,
  SECRETS_DIGEST,
  type PodTemplate,
  type ProxyDeployment,
} from '@trueup/mcp-workload';
import type { MCPRemoteProxy } from './resource.js';

type Spec = Pick<MCPRemoteProxy['spec'], 'podTemplateSpec'>;

/** On the Deployment: which template was laid over it. */
export const POD_TEMPLATE_HASH = 'toolhive.stacklok.io/podtemplatespec-hash';

/** What the pods go by, which a template of the user must not hide. */
const KEPT_ANNOTATIONS = [RUN_CONFIG_CHECKSUM, SECRETS_DIGEST];

/** Undefined without a template. */
export function podTemplateHashOf({ podTemplateSpec }: Spec): string | undefined {
  return podTemplateSpec === undefined ? undefined : podTemplateHash(podTemplateSpec);
}

/** The Secret and ConfigMap keys that the template itself names, which the pods take in when they start. */
export function podTemplateContents({ podTemplateSpec = {} }: Spec): readonly ContentRef[] {
  const { spec } = ofPodTemplate(() => decodePodTemplate(podTemplateSpec));
  return contentRefsOf({ ...spec, containers: spec.containers ?? [] });
}

/**
 * Judges a raw template by laying it over a pod of nothing but the proxy.
 * @throws {@link PodTemplateError} when it cannot be laid over a proxy's pod.
 */
export function decodeProxyTemplate(raw: unknown): PodTemplate {
  return merged({ spec: { containers: [{ name: PROXY_CONTAINER }] } }, raw);
}

/**
 * Lays the user's template over a Deployment; the labels that its selector looks for and the annotations that roll its pods
 * stay.
 */
export function withPodTemplate(deployment: ProxyDeployment, { podTemplateSpec }: Spec): ProxyDeployment {
  if (podTemplateSpec === undefined) return deployment;
  const { template: own } = deployment.spec;
  const template = ofPodTemplate(() => merged(own, podTemplateSpec));
  const { labels = {}, annotations = {} } = own.metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => KEPT_ANNOTATIONS.includes(key)));
  const metadata = {
    ...template.metadata,
    labels: { ...template.metadata.labels, ...labels },
    annotations: { ...template.metadata.annotations, ...kept },
  };
  return { ...deployment, spec: { ...deployment.spec, template: { metadata, spec: template.spec } } };
}

function merged(template: object, raw: unknown): PodTemplate {
  const result = mergePodTemplate(template, raw);
  if (result.spec.containers?.some(({ name }) => name === PROXY_CONTAINER)) return result;
  throw new PodTemplateError(`spec.containers must keep the container ${PROXY_CONTAINER}, which is the proxy`);
}
