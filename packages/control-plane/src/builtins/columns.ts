import type { JsonObject, KubeObject } from '../object.js';
import type { Column } from '../resources/resource.js';
import { objectsAt, stringAt } from '../access.js';
import { age } from './human-duration.js';

/** Building blocks of the printer columns of built-in kinds. */

/** What ObjectMeta says about metadata.creationTimestamp; the description of every Age column. */
export const CREATION_TIMESTAMP_DESCRIPTION = [
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.',
  'Populated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
].join('\n\n');

type Cell = (object: KubeObject, nowMs: number) => unknown;

export function column(name: string, cell: Cell, type: Column['type'] = 'string'): Column {
  return { name, type, description: '', priority: 0, cell };
}

/** Shown with `-o wide` only. */
export function wideColumn(name: string, cell: Cell, type: Column['type'] = 'string'): Column {
  return { ...column(name, cell, type), priority: 1 };
}

export const ageColumn: Column = {
  ...column('Age', (object, nowMs) => age(object.metadata.creationTimestamp, nowMs)),
  description: CREATION_TIMESTAMP_DESCRIPTION,
};

export const createdAtColumn = column('Created At', (object) => object.metadata.creationTimestamp, 'date');

export function orNone(text: string): string {
  return text === '' ? '<none>' : text;
}

/** `a,b,c + 2 more...` */
export function firstThree(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

export function formatLabels(labels: JsonObject): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

/** The Containers and Images columns of a kind whose pods' spec the function finds. */
export function containerColumns(podSpec: (object: KubeObject) => JsonObject): Column[] {
  const list = (object: KubeObject, key: string): string =>
    objectsAt(podSpec(object), 'containers')
      .map((container) => stringAt(container, key))
      .join(',');
  return [
    wideColumn('Containers', (object) => list(object, 'name')),
    wideColumn('Images', (object) => list(object, 'image')),
  ];
}
