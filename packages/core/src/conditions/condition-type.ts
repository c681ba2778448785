import { configHash } from '../shared-config/config-hash.js';

const CONDITION_TYPE = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** @see {@link https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/apis/meta/v1/types.go | metav1.Condition}, maxLength of type */
const MAX_LENGTH = 316;

/** Whether the API server takes this text as the type of a condition, one without a domain in front. */
export function isConditionType(text: string): boolean {
  return CONDITION_TYPE.test(text) && text.length <= MAX_LENGTH;
}

/**
 * The type of a member's condition in a family: the prefix, then the member. Members are often keys that users chose. One
 * that cannot stand in a type as it is stands there legibly, with a hash of what it is: a single bad type would make the API
 * server refuse the whole status, for ever.
 */
export function memberCondition(prefix: string, member: string): string {
  const type = `${prefix}${member}`;
  if (isConditionType(type)) return type;
  const hash = configHash(member);
  const room = MAX_LENGTH - prefix.length - hash.length - 1;
  return `${prefix}${member.replace(/[^-A-Za-z0-9_.]/g, '_').slice(0, room)}-${hash}`;
}
