import { objectAt, objectsAt, specOf, statusOf, stringAt, stringsAt } from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';

/** A condition on the pods that a quota counts. */
interface Scope {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly string[];
}

function scopesOf(quota: Readonly<KubeObject>): Scope[] {
  const spec = specOf(quota);
  const selectors = objectsAt(objectAt(spec, 'scopeSelector'), 'matchExpressions');
  return [
    ...stringsAt(spec, 'scopes').map((name) => ({ name, operator: 'Exists', values: [] })),
    ...selectors.map((selector) => ({
      name: stringAt(selector, 'scopeName'),
      operator: stringAt(selector, 'operator'),
      values: stringsAt(selector, 'values'),
    })),
  ];
}

/** Whether a quota counts an object. Scopes are about pods: where there are any, nothing else is counted. */
export function isInScope(quota: Readonly<KubeObject>, object: Readonly<KubeObject>): boolean {
  return scopesOf(quota).every((scope) => object.kind === 'Pod' && matches(scope, object));
}

function matches({ name, operator, values }: Scope, pod: Readonly<KubeObject>): boolean {
  const spec = specOf(pod);
  switch (name) {
    case 'Terminating':
      return typeof spec['activeDeadlineSeconds'] === 'number';
    case 'NotTerminating':
      return typeof spec['activeDeadlineSeconds'] !== 'number';
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass': {
      const className = stringAt(spec, 'priorityClassName');
      if (operator === 'Exists') return className !== '';
      if (operator === 'DoesNotExist') return className === '';
      return operator === 'In' ? values.includes(className) : !values.includes(className);
    }
    case 'CrossNamespacePodAffinity':
      return ['podAffinity', 'podAntiAffinity'].some((field) =>
        crossesNamespaces(objectAt(objectAt(spec, 'affinity'), field)),
      );
    default:
      return false;
  }
}

function isBestEffort(pod: Readonly<KubeObject>): boolean {
  return stringAt(statusOf(pod), 'qosClass') === 'BestEffort';
}

function crossesNamespaces(affinity: JsonObject): boolean {
  const preferred = objectsAt(affinity, 'preferredDuringSchedulingIgnoredDuringExecution');
  const terms = [
    ...objectsAt(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'),
    ...preferred.map((weighted) => objectAt(weighted, 'podAffinityTerm')),
  ];
  return terms.some((term) => stringsAt(term, 'namespaces').length > 0 || term['namespaceSelector'] !== undefined);
}
