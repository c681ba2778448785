import type { Selection } from './client-options.js';
import { parseLabelSelector } from './label-selector.js';
import type { KubernetesObject } from './object.js';

/**
 * Whether an object is among the selected ones. Field selectors are understood for name and namespace, the fields
 * every kind has; with any other field the answer is no, and the server is left to decide.
 */
export function selectionFilter({
  namespace,
  labelSelector = '',
  fieldSelector = '',
}: Selection): (object: KubernetesObject) => boolean {
  const matchesLabels = parseLabelSelector(labelSelector);
  const fields = fieldSelector.split(',').filter((term) => term !== '');
  return ({ metadata }) =>
    (namespace === undefined || metadata.namespace === namespace) &&
    matchesLabels(metadata.labels ?? {}) &&
    fields.every((term) => matchesField(term, metadata));
}

function matchesField(term: string, { name, namespace = '' }: KubernetesObject['metadata']): boolean {
  const [, field, operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
  const fields = new Map([
    ['metadata.name', name],
    ['metadata.namespace', namespace],
  ]);
  const actual = fields.get(field ?? '');
  return actual !== undefined && (actual === value) === (operator !== '!=');
}
