import { Event, Lease, Secret, type PolicyRule } from '../builtin-kinds.js';
import { DIGEST_KEY_SECRET } from '../content/digest-key.js';
import { leaseName } from '../leader-election/leader-election-options.js';
import { contentKindsOf, controllerRecordOf } from '../metadata.js';
import type { OperatorModule } from '../operator/module.js';
import { controllerPermissions, declaredPermissions } from './controller-permissions.js';
import { makeOnce, mergeRules } from './policy-rules.js';
import { webhookPermissions } from './webhook-permissions.js';

/** Everything an operator needs to be allowed, by where it counts. */
export interface OperatorPermissions {
  /** On objects in namespaces: in each that is watched, or in all of them. */
  readonly namespaced: readonly PolicyRule[];
  /** On objects that are in no namespace. Most operators need nothing there. */
  readonly cluster: readonly PolicyRule[];
  /** In the namespace the operator itself runs in. */
  readonly ownNamespace: readonly PolicyRule[];
}

export interface PermissionOptions {
  /** Name of the Lease by which replicas elect their leader. Default: no leader is elected. */
  readonly lease?: string;
  /** Names of its shards; the replicas of each have a Lease of their own. Default: it has none. */
  readonly shards?: readonly string[];
  /** Whether the operator has `formerManagers`. Default false. */
  readonly takesOver?: boolean;
  /**
   * Name of the operator, when it serves its webhooks with certificates that it issues itself. Default: it serves none, or
   * its certificates come from elsewhere.
   */
  readonly issuesCertificatesAs?: string;
}

/**
 * The permissions that follow from what the modules declare, and no others: their kinds, what these own, watch and
 * reference, the contents they read, `@Permissions`, events.
 *
 * Kinds are not installed with them; that is for who installs the operator.
 */
export function operatorPermissions(
  modules: readonly OperatorModule[],
  options: PermissionOptions = {},
): OperatorPermissions {
  const targets = modules.flatMap(({ reconcilers, webhooks = [] }) => [...reconcilers, ...webhooks]);
  const rules = targets.flatMap((target) => {
    const record = controllerRecordOf(target);
    if (record === undefined) return declaredPermissions(target);
    return controllerPermissions(target, record, { takesOver: options.takesOver ?? false });
  });
  const { issuesCertificatesAs: name } = options;
  const forWebhooks = name === undefined ? undefined : webhookPermissions(modules, name);
  const readsContents = targets.some((target) => contentKindsOf(target).length > 0);
  return {
    namespaced: mergeRules(rules.filter(({ namespaced }) => namespaced).map(({ rule }) => rule)),
    cluster: mergeRules([
      ...rules.filter(({ namespaced }) => !namespaced).map(({ rule }) => rule),
      ...(forWebhooks?.cluster ?? []),
    ]),
    ownNamespace: mergeRules([
      ...(readsContents ? makeOnce(Secret.resource, [DIGEST_KEY_SECRET], ['get']) : []),
      ...(options.lease === undefined ? [] : leaderElection(leasesOf(options.lease, options.shards))),
      ...(forWebhooks?.ownNamespace ?? []),
    ]),
  };
}

function leasesOf(lease: string, shards: readonly string[] = []): readonly string[] {
  return [undefined, ...shards].map((shard) => leaseName(lease, shard));
}

function leaderElection(leases: readonly string[]): readonly PolicyRule[] {
  const { group, plural } = Event.resource;
  return [
    ...makeOnce(Lease.resource, leases, ['get', 'update']),
    { apiGroups: [group], resources: [plural], verbs: ['create', 'patch'] },
  ];
}
