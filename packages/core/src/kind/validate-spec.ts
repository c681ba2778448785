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
export function validateSpec(kind: Kind, spec: unknown): readonly FieldProblem[] {
  return issuesOf(kind, spec).map(asProblem);
}

/**
 * The first thing wrong with a spec, as one line for its author; undefined when nothing is.
 *
 * @param spec - As stored; what has a default may be missing.
 * @param check - Says what only code can tell, or tells better than the schema. It is asked when nothing else is missing and
 *   everything has the type it should have, and before lengths, patterns and sets of values are looked at.
 */
export function firstSpecProblem<Spec extends z.ZodType>(
  kind: Kind<Spec>,
  spec: z.input<Spec>,
  check: (spec: z.input<Spec>) => string | undefined,
): string | undefined {
  const issues = issuesOf(kind, spec);
  const misshapen = issues.find(({ code }) => code === 'invalid_type');
  if (misshapen !== undefined) return inOneLine(misshapen);
  return check(spec) ?? issues.map(inOneLine)[0];
}

/**
 * The first field that holds something of another type than it should, as one line; undefined when there is none. What is
 * missing is no matter. Code that reads a spec as it was stored is safe behind it.
 */
export function mistypedField(kind: Kind, spec: unknown): string | undefined {
  const mistyped = issuesOf(kind, spec).find((issue) => isOfAnotherType(issue, valueAt(spec, issue.path)));
  return mistyped && inOneLine(mistyped);
}

function isOfAnotherType(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (value === undefined) return false;
  if (issue.code === 'invalid_value') return issue.values.every((allowed) => typeof allowed !== typeof value);
  return issue.code === 'invalid_type';
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    root,
  );
}

function issuesOf({ definition }: Kind, spec: unknown): readonly z.core.$ZodIssue[] {
  const { error } = z.safeParse(definition.spec, spec ?? (definition.specRequired ? spec : {}));
  return error?.issues ?? [];
}

const asProblem = ({ path, message }: z.core.$ZodIssue): FieldProblem => ({ path: fieldPath('spec', path), message });

function inOneLine(issue: z.core.$ZodIssue): string {
  const { path, message } = asProblem(issue);
  return `${path}: ${message}`;
}

function fieldPath(root: string, steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    const isName = typeof step === 'string' && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(step);
    return isName ? `${path}.${step}` : `${path}[${String(step)}]`;
  }, root);
}
