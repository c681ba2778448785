import { loadAll } from 'js-yaml';
import { ManifestError } from './errors.js';
import type { KubernetesObject } from './object.js';

/** An object to create or apply, as a user wrote it. */
export interface Manifest {
  /** Where it stands, for messages: the file, and which document of it when there are several. */
  readonly source: string;
  readonly object: KubernetesObject;
}

/**
 * Reads the objects of a YAML or JSON text: several documents, empty ones skipped, `List`s taken apart.
 *
 * @param source - Where the text is from, for messages.
 * @throws {@link ManifestError} naming the source and what is wrong with it.
 */
export function parseManifests(text: string, source: string): readonly Manifest[] {
  let documents: readonly unknown[];
  try {
    documents = loadAll(text);
  } catch (error) {
    throw new ManifestError(`${source}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
  const filled = documents.filter((document) => document !== null && document !== undefined);
  return filled.flatMap((document, index) => {
    const where = filled.length === 1 ? source : `${source} (document ${index + 1})`;
    return itemsOf(document).map((item) => ({ source: where, object: requireObject(item, where) }));
  });
}

function itemsOf(document: unknown): readonly unknown[] {
  const isList = isRecord(document) && document['kind'] === 'List' && Array.isArray(document['items']);
  return isList ? (document['items'] as readonly unknown[]) : [document];
}

function requireObject(item: unknown, where: string): KubernetesObject {
  if (!isRecord(item)) throw new ManifestError(`${where}: not a Kubernetes object, but ${JSON.stringify(item)}`);
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof item[field] !== 'string') throw new ManifestError(`${where}: ${field} is missing`);
  }
  const { metadata } = item;
  if (!isRecord(metadata) || (typeof metadata['name'] !== 'string' && typeof metadata['generateName'] !== 'string')) {
    throw new ManifestError(`${where}: ${String(item['kind'])} without metadata.name`);
  }
  return item as unknown as KubernetesObject;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
