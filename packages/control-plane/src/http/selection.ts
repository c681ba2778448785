import type { KubeObject } from '../object.js';
import { parseFieldSelector } from '../resources/field-selector.js';
import { parseLabelSelector } from '../resources/label-selector.js';
import type { Resource } from '../resources/resource.js';

const NO_LABELS: Readonly<Record<string, string>> = {};

/** What the selectors of a request select. */
export interface Selection {
  readonly isAll: boolean;
  /** The only name that can be selected, if there is one. */
  readonly name?: string;
  matches(object: Readonly<KubeObject>): boolean;
}

export function parseSelection(
  { labelSelector, fieldSelector }: { labelSelector: string; fieldSelector: string },
  resource: Resource,
): Selection {
  const fields = fieldSelector === '' ? undefined : parseFieldSelector(fieldSelector, resource);
  const labels = labelSelector === '' ? undefined : parseLabelSelector(labelSelector);
  return {
    isAll: !fields && !labels,
    ...(fields?.name === undefined ? {} : { name: fields.name }),
    matches: (object) =>
      (labels === undefined || labels(object.metadata.labels ?? NO_LABELS)) &&
      (fields === undefined || fields.matches(object)),
  };
}
