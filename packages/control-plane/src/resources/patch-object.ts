import { applyPatch } from '../apply/apply.js';
import { trackUpdate } from '../apply/managed-fields.js';
import { decodeError } from '../builtins/go-codec.js';
import type { KubeObject } from '../object.js';
import { applyMergePatch } from '../patch/merge-patch.js';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.js';
import { copyJson } from '../json.js';
import type { StoredObject } from '../storage/table.js';
import { decodePatched } from './decode-object.js';
import { badRequest } from './errors.js';
import { fieldTracking } from './field-tracking.js';
import { isNestedTooDeeply } from './nesting.js';
import { checkName, fillNamespace } from './object-checks.js';
import type { Resource } from './resource.js';
import { updateObject, type UpdateResult } from './update-object.js';
import type { WriteContext, WritePipeline } from './write-context.js';

/** A patch as the client sent it, parsed. */
export type Patch =
  | {
      readonly type: 'json' | 'merge' | 'strategic';
      readonly document: unknown;
      readonly duplicates: readonly string[];
    }
  | { readonly type: 'apply'; readonly configuration: KubeObject; readonly force: boolean };

/** Changes an object by a patch. An apply patch may create it. */
export function patchObject(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  patch: Patch,
): Promise<UpdateResult> {
  const change =
    patch.type === 'apply' ? apply(pipeline, context, name, patch) : modify(pipeline, context, name, patch);
  return updateObject(pipeline, context, name, change, {
    allowCreate: patch.type === 'apply' && context.subresource === undefined,
  });
}

function apply(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  { configuration, force }: Extract<Patch, { type: 'apply' }>,
): (live: StoredObject | undefined) => KubeObject {
  const { resource } = context;
  const tracking = fieldTracking(pipeline, context);
  return (live) => {
    const next = applyPatch({
      ...tracking,
      kind: resource.kind,
      ...(live ? { live } : {}),
      patch: copyJson(configuration),
      force,
    });
    const problem = resource.custom ? undefined : decodeError(resource.schema, next);
    if (problem !== undefined) throw badRequest(problem);
    // What an applier sets to null, or leaves of a map that only it filled, is for validation to judge.
    resource.strategy.default?.(next, { keepsNulls: true });
    fillNamespace(next, context);
    checkName(next, name);
    return next;
  };
}

function modify(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  patch: Extract<Patch, { document: unknown }>,
): (live: StoredObject | undefined) => Promise<KubeObject> {
  const { resource } = context;
  const tracking = fieldTracking(pipeline, context);
  return async (live) => {
    const patched = await patchDocument(patch, live, resource);
    const next = decodePatched(patched, patch.duplicates, { ...context, registry: pipeline.registry });
    checkName(next, name);
    trackUpdate({ ...tracking, ...(live ? { live } : {}), next });
    return next;
  };
}

async function patchDocument(
  { type, document }: Extract<Patch, { document: unknown }>,
  live: unknown,
  resource: Resource,
): Promise<unknown> {
  switch (type) {
    case 'json': {
      const { applyJsonPatch } = await import('../patch/json-patch.js');
      const patched = applyJsonPatch(live, document);
      // Operations that copy can make it deeper than the document and the patch were.
      if (isNestedTooDeeply(patched)) throw badRequest('error decoding patch: exceeded max depth');
      return patched;
    }
    case 'merge':
      return applyMergePatch(live, document);
    case 'strategic':
      return applyStrategicMergePatch(live, document, resource.schema);
  }
}
