import { formatSelector } from '../builtins/label-selector.js';
import { trackUpdate } from '../apply/managed-fields.js';
import { copyJson, setValueAt, valueAt } from '../json.js';
import { isJsonObject, type KubeObject } from '../object.js';
import { applyMergePatch } from '../patch/merge-patch.js';
import type { StoredObject } from '../storage/table.js';
import { fieldTracking } from './field-tracking.js';
import { badRequest, internalError, methodNotSupported } from './errors.js';
import { checkName, draftOf } from './object-checks.js';
import type { Patch } from './patch-object.js';
import type { Resource, Subresources } from './resource.js';
import { updateObject, type AdmittedForm } from './update-object.js';
import type { WriteContext, WritePipeline } from './write-context.js';

type ScalePaths = NonNullable<Subresources['scale']>;

/** How a change makes the next Scale from the present one. */
type ScaleChange = (scale: KubeObject) => unknown;

/** The autoscaling/v1 Scale of an object. @throws 500 when the object has no value for the replicas. */
export function readScale(resource: Resource, object: StoredObject): KubeObject {
  const paths = pathsOf(resource);
  if (valueAt(object, keysOf(paths.specReplicasPath)) === undefined) {
    throw internalError(`the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`);
  }
  return scaleOf(object, paths);
}

/** PUT of a Scale: sets the replicas of the object. */
export function replaceScale(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  scale: unknown,
): Promise<KubeObject> {
  return changeScale(pipeline, context, name, () => scale);
}

/** PATCH of a Scale. */
export async function patchScale(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  patch: Patch,
): Promise<KubeObject> {
  if (patch.type === 'apply')
    return changeScale(pipeline, context, name, (scale) => applyMergePatch(scale, patch.configuration));
  const { type, document } = patch;
  if (type !== 'json') return changeScale(pipeline, context, name, (scale) => applyMergePatch(scale, document));
  const { applyJsonPatch } = await import('../patch/json-patch.js');
  return changeScale(pipeline, context, name, (scale) => applyJsonPatch(scale, document));
}

async function changeScale(
  pipeline: WritePipeline,
  context: WriteContext,
  name: string,
  change: ScaleChange,
): Promise<KubeObject> {
  const { resource, manager } = context;
  const paths = pathsOf(resource);
  const { object } = await updateObject(
    pipeline,
    context,
    name,
    (live) => {
      if (!live) throw methodNotSupported(resource, 'create');
      const next = draftOf(live);
      const scale = decodeScale(change(copyJson(scaleOf(live, paths))), name);
      if (scale.replicas === undefined) {
        throw badRequest(`the spec replicas field ${JSON.stringify(paths.specReplicasPath)} cannot be empty`);
      }
      setValueAt(next, keysOf(paths.specReplicasPath), scale.replicas);
      if (scale.resourceVersion !== undefined) next.metadata.resourceVersion = scale.resourceVersion;
      trackUpdate({ ...fieldTracking(pipeline, context), live, next });
      dropTimes(next, manager);
      return next;
    },
    { allowCreate: false, admittedAs: admittedScale(paths) },
  );
  return scaleOf(object, paths);
}

/** Admission is shown the Scale, and may change its replicas. */
function admittedScale(paths: ScalePaths): AdmittedForm {
  return {
    kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    of: (object) => scaleOf(object, paths),
    put(scale, object) {
      const replicas = valueAt(scale, ['spec', 'replicas']);
      if (replicas !== valueAt(scaleOf(object, paths), ['spec', 'replicas'])) {
        setValueAt(object, keysOf(paths.specReplicasPath), replicas);
      }
    },
  };
}

/** What was written through a Scale is recorded without a time. */
function dropTimes({ metadata }: KubeObject, manager: string): void {
  if (metadata.managedFields === undefined) return;
  metadata.managedFields = metadata.managedFields.map((entry) => {
    if (entry.subresource !== 'scale' || entry.manager !== manager) return entry;
    const { time: _time, ...rest } = entry;
    return rest;
  });
}

interface DecodedScale {
  readonly replicas?: number;
  readonly resourceVersion?: string;
}

function decodeScale(value: unknown, name: string): DecodedScale {
  if (!isJsonObject(value)) throw badRequest('the object provided is no Scale');
  const { metadata, spec } = value;
  const scaleMetadata = isJsonObject(metadata) ? metadata : {};
  checkName({ apiVersion: '', kind: '', metadata: scaleMetadata }, name);
  const replicas = isJsonObject(spec) ? spec['replicas'] : undefined;
  if (replicas !== undefined && replicas !== null && !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  const { resourceVersion } = scaleMetadata;
  return {
    ...(typeof replicas === 'number' ? { replicas } : isJsonObject(spec) ? { replicas: 0 } : {}),
    ...(typeof resourceVersion === 'string' && resourceVersion !== '' ? { resourceVersion } : {}),
  };
}

function scaleOf(object: StoredObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.labelSelectorPath === undefined ? '' : selectorText(object, paths.labelSelectorPath);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(
      Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
    spec: { replicas: integerAt(object, paths.specReplicasPath) },
    status: {
      replicas: integerAt(object, paths.statusReplicasPath),
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/** A custom kind keeps the selector as text; built-in kinds as a LabelSelector, which is printed here. */
function selectorText(object: StoredObject, path: string): string {
  const value = valueAt(object, keysOf(path));
  return typeof value === 'string' || value === undefined ? (value ?? '') : formatSelector(value);
}

function integerAt(object: StoredObject, path: string): number {
  const value = valueAt(object, keysOf(path));
  return typeof value === 'number' ? value : 0;
}

function keysOf(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}

function pathsOf(resource: Resource): ScalePaths {
  const { scale } = resource.subresources;
  if (!scale) throw methodNotSupported(resource, 'get');
  return scale;
}
