import type { OperatorApplication } from '../application.js';

/** Where an operator runs as it is generated. */
export function namespaceOf({ name }: Pick<OperatorApplication, 'name'>): string {
  return `${name}-system`;
}
