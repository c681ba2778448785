import { copyJson, freezeJson } from '../json.js';
import type { KubeObject } from '../object.js';
import type { StoredObject } from '../storage/table.js';
import type { Resource } from './resource.js';

const converted = new WeakMap<Resource, WeakMap<StoredObject, StoredObject>>();

/**
 * A stored object in the version that a resource serves.
 *
 * Converted once: the same stored object gives the same served object, whose JSON text is then kept, too.
 *
 * @throws Error for an object that a webhook has to convert, unless {@link convertByWebhook} has done so.
 */
export function serve(resource: Resource, stored: StoredObject): StoredObject {
  const { storedForm } = resource;
  if (!storedForm) return stored;
  const known = conversionsOf(resource);
  const before = known.get(stored);
  if (before) return before;
  if (storedForm.webhook?.isForeign(stored) === true) {
    throw new Error(
      `${stored.kind} ${stored.metadata.name ?? ''} was not converted to ${resource.version} before it was served`,
    );
  }
  const served = freezeJson(storedForm.fromStored(stored));
  known.set(stored, served);
  return served;
}

/** Lets {@link serve} serve objects that a webhook has to convert; undefined when there are none. */
export function convertByWebhook(resource: Resource, objects: readonly StoredObject[]): Promise<void> | undefined {
  const webhook = resource.storedForm?.webhook;
  if (!webhook) return undefined;
  const known = conversionsOf(resource);
  const missing = objects.filter((object) => !known.has(object) && webhook.isForeign(object));
  if (missing.length === 0) return undefined;
  return webhook.fromStored(missing).then((results) => {
    missing.forEach((object, index) => {
      const result = results[index];
      if (result) known.set(object, freezeJson(result));
    });
  });
}

/** {@link serve}, after a webhook was asked where that is needed. */
export async function serveConverted(resource: Resource, stored: StoredObject): Promise<StoredObject> {
  await convertByWebhook(resource, [stored]);
  return serve(resource, stored);
}

/** An object in the form in which it is stored. The argument may be changed and returned. */
export async function storedFormOf({ storedForm }: Resource, object: KubeObject): Promise<KubeObject> {
  if (!storedForm) return object;
  return storedForm.webhook ? storedForm.webhook.toStored(object) : storedForm.toStored(object);
}

/** Whether {@link serve} can serve the object at once. */
export function isServable(resource: Resource, stored: StoredObject): boolean {
  return resource.storedForm?.webhook?.isForeign(stored) !== true || conversionsOf(resource).has(stored);
}

/** An object as one version of its kind serves it, in another version of the same kind. */
export async function inVersion(
  from: Resource,
  to: Resource,
  object: Readonly<KubeObject>,
): Promise<Readonly<KubeObject>> {
  if (from === to || !to.storedForm) return object;
  // Custom kinds are read from whatever version they were stored in; built-in ones from one form.
  const readable = from.custom ? object : (from.storedForm?.toStored(copyJson<KubeObject>(object)) ?? object);
  const { webhook } = to.storedForm;
  if (webhook?.isForeign(readable) !== true) return to.storedForm.fromStored(readable);
  const [result] = await webhook.fromStored([readable]);
  return result ?? object;
}

function conversionsOf(resource: Resource): WeakMap<StoredObject, StoredObject> {
  let known = converted.get(resource);
  if (!known) converted.set(resource, (known = new WeakMap()));
  return known;
}
