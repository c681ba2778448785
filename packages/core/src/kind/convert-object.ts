import { apiVersionOf, type KubernetesObject } from '@trueup/kube';
import { withSpec } from '../engine/with-spec.js';
import { SpecError } from '../errors.js';
import { storageVersionOf } from './define-kind.js';
import type { ConvertedObject, CustomObject, Kind } from './kind.js';

/** Whether objects of a kind are converted between its versions, other than by their `apiVersion` alone. */
export function isConverting({ definition }: Kind): boolean {
  return Object.values(definition.versions).some(({ convert }) => convert !== undefined);
}

/**
 * An object of a kind in another version: through the stored one, when neither is it.
 *
 * @throws {@link SpecError} for versions the kind does not have, and what the conversion throws.
 */
export function convertObject(kind: Kind, object: KubernetesObject, apiVersion: string): KubernetesObject {
  if (object.apiVersion === apiVersion) return object;
  const [from, to] = [versionOf(kind, object.apiVersion), versionOf(kind, apiVersion)];
  const storage = storageVersionOf(kind.definition);
  const stored =
    from.name === storage ? object : apply(object, from.options.convert?.toStored.bind(from.options.convert));
  const converted =
    to.name === storage ? stored : apply(stored, to.options.convert?.fromStored.bind(to.options.convert));
  return { ...converted, apiVersion };
}

function versionOf({ definition, resource }: Kind, apiVersion: string) {
  const name = apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
  const options = definition.versions[name];
  if (options === undefined || apiVersionOf({ ...resource, version: name }) !== apiVersion)
    throw new SpecError(`${resource.kind} has no version ${apiVersion}`);
  return { name, options };
}

function apply(
  object: KubernetesObject,
  convert: ((object: CustomObject) => ConvertedObject) | undefined,
): KubernetesObject {
  if (convert === undefined) return object;
  const { metadata, ...content } = convert(withSpec(object) as CustomObject);
  return { ...object, metadata: { ...object.metadata, ...metadata }, ...content };
}
