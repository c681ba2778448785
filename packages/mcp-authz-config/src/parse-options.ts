import type { z } from 'zod';

export type ParsedOptions<T> = { readonly options: T } | { readonly problem: string };

/** Reads the settings of a backend; the problem is the first one, with the path of the field below `config`. */
export function parseOptions<T>(schema: z.ZodType<T>, config: unknown): ParsedOptions<T> {
  const { data, error } = schema.safeParse(config);
  if (error === undefined) return { options: data };
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return { problem: `config${path.join('')}: ${issue?.message ?? error.message}` };
}
