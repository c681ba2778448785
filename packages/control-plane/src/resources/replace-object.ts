import { trackUpdate } from '../apply/managed-fields.js';
import type { KubeObject } from '../object.js';
import { copyUnfrozen } from '../json.js';
import { fieldTracking } from './field-tracking.js';
import { checkName, dropDuplicateOwners, fillNamespace } from './object-checks.js';
import { updateObject, type UpdateResult } from './update-object.js';
import type { WriteContext, WritePipeline } from './write-context.js';

/**
 * Replaces an object by the body of a PUT.
 *
 * @param object - Decoded and defaulted; the function's to change.
 */
export function replaceObject(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  object: KubeObject,
): Promise<UpdateResult> {
  const { resource, subresource } = context;
  const tracking = fieldTracking(pipeline, context);
  fillNamespace(object, context);
  checkName(object, name);
  dropDuplicateOwners(object, false, context.warn);
  const uid = object.metadata.uid;
  return updateObject(
    pipeline,
    context,
    name,
    (live) => {
      const next = copyUnfrozen(object);
      trackUpdate({ ...tracking, ...(live ? { live } : {}), next });
      return next;
    },
    {
      allowCreate: subresource === undefined && resource.strategy.allowCreateOnUpdate,
      ...(uid === undefined || uid === '' ? {} : { uid }),
    },
  );
}
