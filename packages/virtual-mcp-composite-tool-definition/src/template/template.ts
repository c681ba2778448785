/** A parsed template of Go's text/template. */
export type Template = readonly TemplateNode[];

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: Template;
      /** What stands after `else`. */
      readonly otherwise: Template;
    }
  | { readonly kind: 'break' | 'continue' }
  /** `define` has a body, `template` a pipeline, `block` both. */
  | {
      readonly kind: 'define' | 'template' | 'block';
      readonly name: string;
      readonly pipeline?: Pipeline;
      readonly body: Template;
    };

export interface Pipeline {
  /** Variables that take the value: declared by `:=`, assigned by `=`. */
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  /** Each a function or value with its arguments; what one gives is the last argument of the next. */
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  /** `.steps.a` is `['steps', 'a']`. */
  | { readonly kind: 'field'; readonly path: readonly string[] }
  /** `$x.name` is `['$x', 'name']`; `$` is the data of the whole template. */
  | { readonly kind: 'variable'; readonly path: readonly string[] }
  | { readonly kind: 'chain'; readonly of: Operand; readonly path: readonly string[] }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string; readonly value: string };

/** Every operand of a template, those within others included. */
export function* operandsOf(template: Template): Generator<Operand> {
  for (const node of template) {
    if ('pipeline' in node && node.pipeline !== undefined) yield* operandsOfPipeline(node.pipeline);
    if ('body' in node) yield* operandsOf(node.body);
    if ('otherwise' in node) yield* operandsOf(node.otherwise);
  }
}

function* operandsOfPipeline({ commands }: Pipeline): Generator<Operand> {
  for (const operand of commands.flat()) yield* withinOperand(operand);
}

function* withinOperand(operand: Operand): Generator<Operand> {
  yield operand;
  if (operand.kind === 'chain') yield* withinOperand(operand.of);
  if (operand.kind === 'pipeline') yield* operandsOfPipeline(operand.pipeline);
}
