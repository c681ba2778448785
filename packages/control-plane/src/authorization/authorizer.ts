import { forbidden } from '../resources/errors.js';
import type { UserInfo } from '../resources/write-context.js';
import { quote } from '../schema/field-error.js';
import { StatusError } from '../status-error.js';
import { resourceWithSub, type Attributes } from './attributes.js';
import type { PolicyRule } from './policy-rule.js';

export interface Decision {
  readonly allowed: boolean;
  /** Why it is allowed, or what kept the authorizer from finding out; empty when there is nothing to say. */
  readonly reason: string;
}

/** Decides who may do what. */
export interface Authorizer {
  decide(user: UserInfo, attributes: Attributes): Decision;
  /** All rules that a user has in a namespace, those of the cluster included; without a namespace these alone. */
  rulesOf(user: UserInfo, namespace: string | undefined): readonly PolicyRule[];
}

/** The 403 of a real server for somebody who may not do something. */
export function accessDenied({ username }: UserInfo, attributes: Attributes, reason: string): StatusError {
  const why = `User "${username}" ${describe(attributes)}${reason === '' ? '' : `: ${reason}`}`;
  if (attributes.type === 'path') return new StatusError(403, 'Forbidden', `forbidden: ${why}`, {});
  return forbidden({ group: attributes.group, plural: attributes.resource }, attributes.name, why);
}

function describe(attributes: Attributes): string {
  const { verb } = attributes;
  if (attributes.type === 'path') return `cannot ${verb} path ${quote(attributes.path)}`;
  const { group, namespace } = attributes;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `cannot ${verb} resource "${resourceWithSub(attributes)}" in API group "${group}" ${where}`;
}
