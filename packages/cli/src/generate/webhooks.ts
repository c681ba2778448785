import {
  conversionPath,
  convertingKinds,
  webhookClientConfig,
  webhookConfigurations,
  webhookServiceName,
  type Kind,
  type KubernetesObject,
  type WebhookClientConfig,
  type WebhookConfiguration,
  type WebhookTarget,
} from '@trueup/core';
import type { OperatorApplication } from '../application.js';
import { namespaceOf } from './namespace.js';

/** Where the container serves webhooks. */
export const WEBHOOK_PORT = { name: 'webhook', containerPort: 9443, protocol: 'TCP' } as const;
const SERVICE_PORT = 443;

/** What tells the API server about the admission webhooks of an application; whom to trust is filled in by the operator. */
export function admissionConfigurations(application: OperatorApplication): readonly WebhookConfiguration[] {
  const { name, modules } = application;
  const labels = { 'app.kubernetes.io/name': name };
  return webhookConfigurations(modules, { name, labels, target: targetOf(application) });
}

/** `mutating` or `validating`, for the names of files. */
export function typeOf({ kind }: WebhookConfiguration): string {
  return kind.replace('WebhookConfiguration', '').toLowerCase();
}

/** Where the objects of a kind are converted. */
export function conversionOf(application: OperatorApplication, kind: Kind): WebhookClientConfig {
  return webhookClientConfig(targetOf(application), conversionPath(kind));
}

/** Whether the API server asks an application anything. */
export function servesWebhooks(application: OperatorApplication): boolean {
  return admissionConfigurations(application).length + convertingKinds(application.modules).length > 0;
}

/** The Service by which the API server reaches the webhooks. */
export function webhookService(application: OperatorApplication): KubernetesObject {
  const { name, modules } = application;
  const labels = { 'app.kubernetes.io/name': name };
  const spec = {
    selector: labels,
    ports: [{ name: WEBHOOK_PORT.name, port: SERVICE_PORT, targetPort: WEBHOOK_PORT.name, protocol: 'TCP' }],
    // A pod is ready once it has read its objects, and some of them it can only read once it has converted them.
    ...(convertingKinds(modules).length > 0 && { publishNotReadyAddresses: true }),
  };
  const metadata = { name: webhookServiceName(name), namespace: namespaceOf(application), labels };
  return { apiVersion: 'v1', kind: 'Service', metadata, ...{ spec } };
}

function targetOf(application: OperatorApplication): WebhookTarget {
  const { name } = application;
  return { service: { name: webhookServiceName(name), namespace: namespaceOf(application), port: SERVICE_PORT } };
}
