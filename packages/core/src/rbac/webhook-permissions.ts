import type { ResourceType, Verb } from '@trueup/kube';
import { Secret, type PolicyRule } from '../builtin-kinds.js';
import type { OperatorModule } from '../operator/module.js';
import { trustingObjects } from '../webhooks/trusting-objects.js';
import { webhookCertificateName } from '../webhooks/webhook-server-options.js';
import { makeOnce } from './policy-rules.js';

/** The server's certificate is watched by its name, which takes `list` and `watch` of that name. */
const FOLLOW: readonly Verb[] = ['get', 'list', 'watch'];

/** What an operator needs that issues the certificates of its webhooks: to keep them, and to tell whom to trust. */
export function webhookPermissions(
  modules: readonly OperatorModule[],
  operatorName: string,
): { readonly ownNamespace: readonly PolicyRule[]; readonly cluster: readonly PolicyRule[] } {
  const objects = trustingObjects(operatorName, modules);
  if (objects.length === 0) return { ownNamespace: [], cluster: [] };
  return {
    ownNamespace: makeOnce(Secret.resource, [webhookCertificateName(operatorName)], [...FOLLOW, 'update']),
    cluster: objects.map(({ resource, name }) => named(resource, name, [...FOLLOW, 'patch'])),
  };
}

function named({ group, plural }: ResourceType, name: string, verbs: readonly Verb[]): PolicyRule {
  return { apiGroups: [group], resources: [plural], resourceNames: [name], verbs };
}
