import { formatName, type KubernetesObject, type OwnerReference, type ResourceType } from '@trueup/kube';
import { ChildNotOwnedError, ChildOutOfScopeError, OwnedByOtherError } from '../errors.js';
import type { AppliedBody } from './applier.js';
import type { DesiredObject } from './reconciler.js';

/** Thrown while a child still belongs to an object of the owner's name that is gone: it goes, too, and then its name is free. */
export class PredecessorsChild extends Error {
  override readonly name = 'PredecessorsChild';
}

/**
 * A child as it is applied: where its owner is, and owned by it.
 *
 * @throws {@link ChildOutOfScopeError} when the owner cannot own it there.
 */
export function withOwner(child: DesiredObject, owner: KubernetesObject, { namespaced }: ResourceType): AppliedBody {
  const namespace = namespaceOf(child, owner, namespaced);
  return {
    ...child,
    metadata: {
      ...child.metadata,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [ownerReference(owner)],
    },
  };
}

/** @see {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ | Owners and dependents} */
function namespaceOf(child: DesiredObject, owner: KubernetesObject, namespaced: boolean): string | undefined {
  const { namespace: ownersNamespace } = owner.metadata;
  const { name, namespace = ownersNamespace } = child.metadata;
  const fail = (problem: string): never => {
    throw new ChildOutOfScopeError(
      `desired() returned the ${child.kind} ${formatName(child.metadata)} for ${owner.kind} ${formatName(owner.metadata)}: ${problem}`,
    );
  };
  if (ownersNamespace !== undefined && !namespaced)
    return fail('an object in a namespace cannot own one that is in none; Kubernetes would delete it as an orphan');
  if (ownersNamespace !== undefined && namespace !== ownersNamespace)
    return fail('an owner and what it owns are in one namespace; leave metadata.namespace out');
  if (namespaced && namespace === undefined) return fail(`say in which namespace ${name} is to be`);
  return namespaced ? namespace : undefined;
}

function ownerReference(owner: KubernetesObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/**
 * @param isOurs - Whether an object that nobody owns may be taken: we made it, or the author says so.
 * @throws {@link OwnedByOtherError}, {@link ChildNotOwnedError} when an object that exists is not this owner's.
 */
export function requireOwnable(live: KubernetesObject, owner: KubernetesObject, isOurs: () => boolean): void {
  const other = live.metadata.ownerReferences?.find((reference) => reference.controller === true);
  const name = `${live.kind} ${formatName(live.metadata)}`;
  const us = `${owner.kind} ${formatName(owner.metadata)}`;
  if (other === undefined) {
    if (isOurs()) return;
    throw new ChildNotOwnedError(`${name} was there before and belongs to nobody; remove it, or rename ${us}`);
  }
  if (other.uid === owner.metadata.uid) return;
  if (other.kind === owner.kind && other.name === owner.metadata.name)
    throw new PredecessorsChild(`${name} belongs to an earlier ${us}`);
  throw new OwnedByOtherError(`${name} belongs to ${other.kind} ${other.name}; rename ${us} or remove the other one`);
}
