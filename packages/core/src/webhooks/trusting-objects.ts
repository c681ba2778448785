import type { ResourceType } from '@trueup/kube';
import { CUSTOM_RESOURCE_DEFINITION } from '../kind/custom-resource-definition.js';
import type { OperatorModule } from '../operator/module.js';
import { convertingKinds } from './converting-kinds.js';
import { declaredWebhooks } from './declared-webhook.js';
import { WEBHOOK_CONFIGURATIONS } from './webhook-configurations.js';

/** An object that tells the API server about webhooks of an operator, and whose certificates to trust. */
export interface TrustingObject {
  readonly resource: ResourceType;
  readonly name: string;
}

/** Configurations of admission webhooks, and definitions of kinds that are converted; none when there are no webhooks. */
export function trustingObjects(operatorName: string, modules: readonly OperatorModule[]): readonly TrustingObject[] {
  const types = new Set(declaredWebhooks(modules).map(({ type }) => type));
  return [
    ...[...types].map((type) => ({ resource: WEBHOOK_CONFIGURATIONS[type], name: operatorName })),
    ...convertingKinds(modules).map(({ resource }) => ({
      resource: CUSTOM_RESOURCE_DEFINITION,
      name: `${resource.plural}.${resource.group}`,
    })),
  ];
}
