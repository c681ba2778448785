import { objectAt, optionalObjectAt, stringAt, stringsAt } from '../access.js';
import type { JsonObject } from '../object.js';
import type { StoredObject } from '../storage/table.js';
import { readMatchCriteria, type MatchCriteria } from './match-criteria.js';

/** A ValidatingAdmissionPolicyBinding: where a policy holds, and what that means. */
export interface PolicyBinding {
  readonly name: string;
  readonly policyName: string;
  /** Absent: wherever the policy holds. */
  readonly criteria?: MatchCriteria;
  /** Deny, Warn, Audit. */
  readonly actions: readonly string[];
  readonly paramRef?: JsonObject;
}

const known = new WeakMap<StoredObject, PolicyBinding>();

export function bindingOf(object: StoredObject): PolicyBinding {
  let binding = known.get(object);
  if (!binding) known.set(object, (binding = readBinding(object)));
  return binding;
}

function readBinding(object: StoredObject): PolicyBinding {
  const spec = objectAt(object, 'spec');
  const resources = optionalObjectAt(spec, 'matchResources');
  const paramRef = optionalObjectAt(spec, 'paramRef');
  return {
    name: object.metadata.name ?? '',
    policyName: stringAt(spec, 'policyName'),
    ...(resources && { criteria: readMatchCriteria(resources, 'resourceRules') }),
    actions: stringsAt(spec, 'validationActions'),
    ...(paramRef && { paramRef }),
  };
}
