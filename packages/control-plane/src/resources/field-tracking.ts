import type { VersionedObject, Writer } from '../apply/contract.js';
import { definitionOf } from '../builtins/definitions.js';
import { normalizeObject } from '../builtins/go-codec.js';
import { copyJson, freezeJson } from '../json.js';
import type { KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import { apiVersionOf, parseApiVersion, storeKey } from './registry.js';
import type { Resource } from './resource.js';
import type { WriteContext, WritePipeline } from './write-context.js';

/** What a write's managedFields depend on, apart from the objects. */
export interface FieldTracking extends Writer {
  readonly schema: Schema;
  readonly custom: boolean;
  readonly ignoredFields: readonly string[];
  readonly zero?: KubeObject;
}

export function fieldTracking(pipeline: WritePipeline, context: WriteContext): FieldTracking {
  const { resource, subresource, manager } = context;
  const zero = zeroObject(resource);
  return {
    manager,
    apiVersion: apiVersionOf(resource),
    now: pipeline.now(),
    schema: resource.schema,
    custom: resource.custom,
    ...(subresource === undefined ? {} : { subresource }),
    ignoredFields: ignoredFields(resource, subresource),
    ...(zero === undefined ? {} : { zero }),
    inVersion: versionLookup(pipeline, resource),
  };
}

/** Fields that an endpoint does not write, so that nobody comes to own them through it. */
function ignoredFields(resource: Resource, subresource: WriteContext['subresource']): readonly string[] {
  switch (subresource) {
    case 'status':
      return ['spec', ...(resource.strategy.statusKeeps ?? []).map((field) => `metadata.${field}`)];
    case 'finalize':
    case undefined:
      return resource.subresources.status ? ['status'] : [];
    case 'scale':
    case 'binding':
      return [];
  }
}

const zeroObjects = new WeakMap<Resource, KubeObject>();

/** A built-in kind's empty object: what the server writes by itself, though it is empty, is nobody's. */
function zeroObject(resource: Resource): KubeObject | undefined {
  const definition = resource.custom ? undefined : definitionOf(resource.schema);
  if (definition === undefined) return undefined;
  let zero = zeroObjects.get(resource);
  if (zero === undefined) {
    zero = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: {} };
    normalizeObject(definition, zero);
    zeroObjects.set(resource, freezeJson(zero));
  }
  return zero;
}

/**
 * Entries of managedFields may have been recorded in another version of the kind; those of a version that is not served
 * any more vanish. Versions of a custom kind differ in apiVersion only, the two forms of an Event in their fields.
 */
function versionLookup(
  { registry }: WritePipeline,
  resource: Resource,
): (object: KubeObject, apiVersion: string) => VersionedObject | undefined {
  return (object, apiVersion) => {
    const { group, version } = parseApiVersion(apiVersion);
    const other = registry.find(group, version, resource.plural);
    if (!other || storeKey(other) !== storeKey(resource)) return undefined;
    const { schema } = other;
    if (object.apiVersion === apiVersion) return { object, schema };
    if (resource.custom || !resource.storedForm || !other.storedForm) {
      return { object: { ...object, apiVersion }, schema };
    }
    const stored = resource.storedForm.toStored(copyJson(object));
    return { object: copyJson<KubeObject>(other.storedForm.fromStored(stored)), schema };
  };
}
