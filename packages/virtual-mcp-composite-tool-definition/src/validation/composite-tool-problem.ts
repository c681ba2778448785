/** One thing wrong with a composite tool. */
export interface CompositeToolProblem {
  /** What kind of thing, for a condition. */
  readonly reason: 'ValidationFailed' | 'SchemaInvalid' | 'TemplateInvalid' | 'DependencyCycle';
  /** Where and what: `spec.steps[0].tool must be a valid tool name`. */
  readonly message: string;
}

export const invalid = (message: string): CompositeToolProblem => ({ reason: 'ValidationFailed', message });

export const invalidTemplate = (message: string): CompositeToolProblem => ({ reason: 'TemplateInvalid', message });

export const invalidSchema = (message: string): CompositeToolProblem => ({ reason: 'SchemaInvalid', message });
