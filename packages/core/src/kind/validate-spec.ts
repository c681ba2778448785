import { z } from 'zod';
import type { Kind } from './kind.js';

/** One thing wrong with an object, at one field. */
export interface FieldProblem {
  /** As the API server spells it: `spec.env[0].name`, `spec.labels[app.kubernetes.io/name]`. */
  readonly path: string;
  readonly message: string;
}

/**
 * What is wrong with a spec, by the kind's own schema; empty when nothing is.
 *
 * The API server has checked the same on every write since the schema was installed. What is left are objects that were
 * stored before, and refinements beside CEL rules. Messages never hold the value.
 *
 * @param spec - As stored; absent is an empty one, unless the kind requires a spec.
 */
export function validateSpec({ definition }: Kind, spec: unknown): readonly FieldProblem[] {
  const { error } = z.safeParse(definition.spec, spec ?? (definition.specRequired ? spec : {}));
  return (error?.issues ?? []).map(({ path, message }) => ({ path: fieldPath('spec', path), message }));
}

function fieldPath(root: string, steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    const isName = typeof step === 'string' && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(step);
    return isName ? `${path}.${step}` : `${path}[${String(step)}]`;
  }, root);
}
