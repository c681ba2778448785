import { objectAt, objectsAt, statusOf } from '../../access.js';
import { copyJson } from '../../json.js';
import type { JsonObject, KubeObject, OwnerReference } from '../../object.js';
import { specOf } from '../../access.js';

export function controllerReference({ apiVersion, kind, metadata }: Readonly<KubeObject>): OwnerReference {
  const { name = '', uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** A pod made from the template of a workload. */
export function podFromTemplate(
  owner: Readonly<KubeObject>,
  { labels = {}, ...name }: ({ name: string } | { generateName: string }) & { labels?: Record<string, string> },
): KubeObject & { spec: JsonObject } {
  const template = objectAt(specOf(owner), 'template');
  const metadata = objectAt(template, 'metadata');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...copyJson(metadata),
      ...name,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...stringMap(metadata['labels']), ...labels },
      ownerReferences: [controllerReference(owner)],
    },
    spec: copyJson(objectAt(template, 'spec')),
  };
}

export function stringMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(objectAt({ value }, 'value')).map(([key, text]) => [key, String(text)]));
}

/** Letters and digits that make no words, as generated names use. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** A short hash of a JSON value for names and labels: FNV-1a, 32 bit. */
export function shortHash(value: unknown): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(value))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => SAFE.charAt(digit.charCodeAt(0) % SAFE.length)).join('');
}

export function isPodReady(pod: Readonly<KubeObject>): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  return objectsAt(statusOf(pod), 'conditions').some(({ type, status }) => type === 'Ready' && status === 'True');
}
