import { randomUUID } from 'node:crypto';
import { trackUpdate } from '../apply/managed-fields.js';
import { timestamp } from '../clock.js';
import type { KubeObject } from '../object.js';
import { copyJson } from '../json.js';
import type { StoredObject } from '../storage/table.js';
import { admissionRequest } from './admission-request.js';
import { alreadyExists, plainError } from './errors.js';
import { fieldTracking } from './field-tracking.js';
import { generateName } from './generate-name.js';
import { dropDuplicateOwners, fillNamespace, validateCreation } from './object-checks.js';
import { storeKey } from './registry.js';
import { serveConverted, storedFormOf } from './served-object.js';
import type { WriteContext, WritePipeline } from './write-context.js';

const GENERATED_NAME_ATTEMPTS = 8;

/** What a client cannot choose. */
const SYSTEM_FIELDS = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'selfLink',
] as const;

/**
 * Stores a new object: the pipeline of a POST after the body is decoded.
 *
 * @param object - Decoded and defaulted; the function's to change.
 * @returns the object in the version of the request.
 */
export async function createObject(
  pipeline: WritePipeline,
  context: WriteContext,
  object: KubeObject,
): Promise<StoredObject> {
  const { resource } = context;
  dropSystemFields(object);
  fillNamespace(object, context);
  dropDuplicateOwners(object, false, context.warn);
  trackUpdate({ ...fieldTracking(pipeline, context), next: object });
  await admitCreation(pipeline, context, object);
  const draft = object.metadata.name === undefined && object.metadata.generateName !== undefined;
  const table = pipeline.store.table(storeKey(resource));
  for (let attempt = 1; ; attempt++) {
    const next = draft ? copyJson(object) : object;
    if (draft) next.metadata.name = generateName(next.metadata.generateName ?? '');
    prepareCreation(pipeline, context, next);
    await validateAdmission(pipeline, context, next);
    const form = await creationForm(context, next);
    const holder = table.get(next.metadata.namespace, next.metadata.name ?? '');
    if (!holder) return form ? serveConverted(resource, table.add(form)) : next;
    if (!draft || attempt === GENERATED_NAME_ATTEMPTS) {
      throw alreadyExists(resource, next.metadata.name ?? '', holder.metadata.deletionTimestamp !== undefined);
    }
  }
}

function dropSystemFields({ metadata }: KubeObject): void {
  for (const field of SYSTEM_FIELDS) if (metadata[field] !== undefined) Reflect.deleteProperty(metadata, field);
}

export async function admitCreation(pipeline: WritePipeline, context: WriteContext, object: KubeObject): Promise<void> {
  const { name = '' } = object.metadata;
  await context.resource.strategy.load?.();
  await pipeline.admission.mutate(admissionRequest('CREATE', context, { name, object }));
  dropDuplicateOwners(object, true, context.warn);
}

/** Fills what the server gives a new object, lets its kind prepare it, and checks it. */
export function prepareCreation(pipeline: WritePipeline, context: WriteContext, object: KubeObject): void {
  const { resource } = context;
  const { metadata } = object;
  dropSystemFields(object);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(pipeline.now());
  fillNamespace(object, context);
  // Built-in kinds see to it themselves: a Node keeps the status it is made with.
  if (resource.custom && resource.subresources.status) Reflect.deleteProperty(object, 'status');
  if (resource.strategy.changesGeneration) metadata.generation = 1;
  resource.strategy.prepareForCreate?.(object);
  validateCreation(object, context);
}

/** Shows a new object to the plugins that may refuse it, in its final state. */
export async function validateAdmission(
  pipeline: WritePipeline,
  context: WriteContext,
  object: KubeObject,
): Promise<void> {
  const { name = '' } = object.metadata;
  await pipeline.admission.validate(admissionRequest('CREATE', context, { name, object }));
}

/**
 * What is stored of a new object; undefined for a dry run. It may be added to its table if the name is still free then and
 * nothing is awaited in between.
 */
export async function creationForm(
  { resource, dryRun }: WriteContext,
  object: KubeObject,
): Promise<KubeObject | undefined> {
  if (dryRun) return undefined;
  if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== '') {
    throw plainError('resourceVersion should not be set on objects to be created');
  }
  return storedFormOf(resource, object);
}
