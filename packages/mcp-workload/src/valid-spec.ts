import { SpecError, validateSpec, type Kind } from '@trueup/core';
import type { z } from 'zod';

/**
 * A stored spec with its defaults. The API server has filled them in and checked everything, except in objects that were
 * stored before the schema said so.
 *
 * @throws {@link SpecError} naming the first field that is wrong.
 */
export function validSpec<Spec extends z.ZodType>(kind: Kind<Spec>, spec: unknown): z.output<Spec> {
  const { data, success } = kind.definition.spec.safeParse(spec);
  if (success) return data;
  const [problem] = validateSpec(kind, spec);
  throw new SpecError(problem === undefined ? 'the spec is invalid' : `${problem.path}: ${problem.message}`);
}
