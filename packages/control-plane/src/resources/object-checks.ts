import { copyJson, equalJson } from '../json.js';
import type { KubeObject, OwnerReference } from '../object.js';
import { metaWarnings, validateMetaChange, validateNames, validateObjectMeta } from '../schema/object-meta.js';
import type { FieldError } from '../status-error.js';
import { badRequest, invalid } from './errors.js';
import type { Resource } from './resource.js';
import type { WriteContext } from './write-context.js';

/** Makes the body's namespace that of the request. @throws 400 when it names another one. */
export function fillNamespace(object: KubeObject, { resource, namespace }: WriteContext): void {
  const { metadata } = object;
  if (!resource.namespaced) Reflect.deleteProperty(metadata, 'namespace');
  else if (metadata.namespace === undefined || metadata.namespace === '') metadata.namespace = namespace;
  else if (metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** @throws 400 when the object has no name, or not that of the URL. */
export function checkName(object: KubeObject, name: string): void {
  const found = object.metadata.name;
  if (found === undefined || found === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (found !== name) {
    throw badRequest(`the name of the object (${found}) does not match the name on the URL (${name})`);
  }
}

/** Drops owner references that are there twice, with a warning, as the server does before and after mutating admission. */
export function dropDuplicateOwners(object: KubeObject, afterAdmission: boolean, warn: (text: string) => void): void {
  const owners = object.metadata.ownerReferences;
  if (!owners || owners.length < 2) return;
  const kept: OwnerReference[] = [];
  const duplicates: string[] = [];
  for (const owner of owners) {
    if (kept.some((other) => equalJson(other, owner))) duplicates.push(owner.uid);
    else kept.push(owner);
  }
  if (duplicates.length === 0) return;
  const when = afterAdmission ? ' after mutating admission happens' : '';
  warn(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
  object.metadata.ownerReferences = kept;
}

/** @throws 422 when a new object breaks a rule of its kind. */
export function validateCreation(object: KubeObject, { resource, warn }: WriteContext): void {
  const { namespaced, strategy } = resource;
  const ofKind = [
    ...validateObjectMeta(object.metadata, { namespaced, names: strategy.names ?? 'subdomain' }),
    ...(strategy.validate?.(object) ?? []),
  ];
  for (const text of strategy.warnings?.(object) ?? []) warn(text);
  throwInvalid(ofKind, object, resource);
  throwInvalid(validateNames(object.metadata, 'path-segment'), object, resource);
  for (const text of metaWarnings(object.metadata, { custom: resource.custom })) warn(text);
}

/**
 * @throws 422 when an update breaks a rule. The rules of metadata are asked twice, for all kinds and by the kind: a real
 * server lists their causes twice, too.
 */
export function validateChange(
  object: KubeObject,
  old: Readonly<KubeObject>,
  { resource, subresource, warn }: WriteContext,
): void {
  const { namespaced, strategy } = resource;
  const ofMeta = validateObjectMeta(object.metadata, { namespaced, names: 'path-segment' });
  const changes = [...ofMeta, ...validateMetaChange(object.metadata, old.metadata)];
  const ofKind =
    subresource === 'status' && strategy.validateStatus
      ? strategy.validateStatus(object, old)
      : strategy.validate?.(object, old);
  // A binding sets what updates may not change.
  const rules = subresource === 'binding' ? [] : ofKind;
  const errors = [...ofMeta, ...changes, ...changes, ...(rules ?? [])];
  for (const text of strategy.warnings?.(object, old) ?? []) warn(text);
  throwInvalid(errors, object, resource);
  // Writers of status have no say in finalizers.
  if (subresource === 'status') return;
  for (const text of metaWarnings(object.metadata, { custom: resource.custom, old: old.metadata })) warn(text);
}

/** An unfrozen copy of a served object. */
export function draftOf(object: Readonly<KubeObject>): KubeObject {
  return copyJson(object);
}

function throwInvalid(errors: readonly FieldError[], object: KubeObject, resource: Resource): void {
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors);
}
