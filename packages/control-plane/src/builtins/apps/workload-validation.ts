import type { JsonObject } from '../../object.js';
import { equalJson } from '../../json.js';
import { invalid, notSupported, required } from '../../schema/field-error.js';
import { child } from '../../schema/field-path.js';
import type { FieldError } from '../../status-error.js';
import { objectAt, optionalNumberAt, optionalObjectAt, stringAt } from '../../access.js';
import { validatePodSpec } from '../core/pod-spec-validation.js';
import { isEmptySelector, matchesSelector, validateLabelSelector } from '../label-selector.js';

/** The rules that Deployments, ReplicaSets, StatefulSets and DaemonSets share: a selector that finds the pods. */
export function validateWorkloadSpec(
  spec: JsonObject,
  { kind, claims = [] }: { kind: string; claims?: readonly string[] },
): FieldError[] {
  const template = objectAt(spec, 'template');
  const podSpec = objectAt(template, 'spec');
  const errors = [...selectorErrors(spec, template, kind), ...validatePodSpec(podSpec, 'spec.template.spec', claims)];
  const restartPolicy = stringAt(podSpec, 'restartPolicy');
  if (restartPolicy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  }
  return errors;
}

function selectorErrors(spec: JsonObject, template: JsonObject, kind: string): FieldError[] {
  const selector = optionalObjectAt(spec, 'selector');
  const labels = objectAt(objectAt(template, 'metadata'), 'labels');
  const mismatch = invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  // Without a selector it matches no labels, which the API server reports as well.
  if (selector === undefined) return [required('spec.selector'), mismatch];
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (isEmptySelector(selector)) {
    return [...errors, invalid('spec.selector', selector, `empty selector is invalid for ${kind}`)];
  }
  const strings = Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
  return errors.length > 0 || matchesSelector(selector, strings) ? errors : [mismatch];
}

/** Numbers of a spec that may be absent but not negative. */
export function nonNegativeErrors(spec: JsonObject, fields: readonly string[], path = 'spec'): FieldError[] {
  return fields.flatMap((field) => {
    const value = optionalNumberAt(spec, field);
    return value === undefined || value >= 0
      ? []
      : [invalid(child(path, field), value, 'must be greater than or equal to 0')];
  });
}

/** Fields of a spec that an update must leave alone. */
export function immutableErrors(spec: JsonObject, old: JsonObject, fields: readonly string[]): FieldError[] {
  return fields
    .filter((field) => !equalJson(spec[field], old[field]))
    .map((field) => invalid(`spec.${field}`, spec[field] ?? null, 'field is immutable'));
}
