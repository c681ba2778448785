import { objectSchema } from './custom-resource-definition.js';
import { pluralOf, storageVersionOf } from './define-kind.js';
import type { Kind, KindDefinition } from './kind.js';
import type { StructuralSchema } from './structural-schema.js';

/**
 * A page in Markdown about a kind: how it is called, every field with its type, default and bounds, and the CEL rules.
 *
 * @throws {@link SchemaError} (`ERR_SCHEMA_INVALID`) for a schema that says what a CRD cannot say.
 */
export function referencePage({ definition }: Kind): string {
  const { spec, status } = objectSchema(definition).properties ?? {};
  const blocks = [
    `# ${definition.kind}`,
    definition.description ?? '',
    names(definition),
    ...section('Spec', 'spec', spec),
    ...section('Status', 'status', status),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function names(definition: KindDefinition): string {
  const { group, scope = 'Namespaced', shortNames = [], versions } = definition;
  const storage = storageVersionOf(definition);
  const versionNotes = Object.entries(versions).map(([name, { deprecated, served = true }]) => {
    const notes = [
      ...(name === storage ? ['stored'] : []),
      ...(served ? [] : ['not served']),
      ...(deprecated === undefined ? [] : [`deprecated: ${deprecated}`]),
    ];
    return notes.length === 0 ? code(name) : `${code(name)} (${notes.join('; ')})`;
  });
  return table(
    ['', ''],
    [
      ['API version', code(`${group}/${storage}`)],
      ['Versions', versionNotes.join(', ')],
      ['Plural', code(pluralOf(definition))],
      ...(shortNames.length > 0 ? [['Short names', shortNames.map(code).join(', ')]] : []),
      ['Scope', scope],
    ],
  );
}

interface Field {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
}

function section(title: string, path: string, schema: StructuralSchema | undefined): string[] {
  if (schema === undefined) return [];
  const fields = [...fieldsOf({ path, schema, required: false })];
  const rules = fields.flatMap((field) =>
    (field.schema['x-kubernetes-validations'] ?? []).map((rule) => [
      code(field.path),
      code(rule.rule),
      text(rule.message ?? (rule.messageExpression === undefined ? '' : code(rule.messageExpression))),
    ]),
  );
  return [
    `## ${title}`,
    table(
      ['Field', 'Type', 'Required', 'Default', 'Constraints', 'Description'],
      fields
        .slice(1)
        .map(({ path: fieldPath, schema: field, required }) => [
          code(fieldPath),
          typeOf(field),
          required ? 'yes' : '',
          field.default === undefined ? '' : code(JSON.stringify(field.default)),
          constraintsOf(field).join('; '),
          text(field.description ?? ''),
        ]),
    ),
    ...(rules.length > 0 ? [`### Rules of the ${path}`, table(['Field', 'Rule', 'Message'], rules)] : []),
  ];
}

/** The field and all below it, each before those inside. */
function* fieldsOf(field: Field): Generator<Field> {
  yield field;
  const { path, schema } = field;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* fieldsOf({ path: `${path}.${name}`, schema: property, required: schema.required?.includes(name) ?? false });
  }
  if (schema.items) yield* itemsOf(`${path}[]`, schema.items);
  if (schema.additionalProperties) yield* itemsOf(`${path}{}`, schema.additionalProperties);
}

/** The items of a list or map have a line of their own only where there is something to say about them. */
function* itemsOf(path: string, schema: StructuralSchema): Generator<Field> {
  const [items, ...inside] = fieldsOf({ path, schema, required: false });
  const isTelling =
    schema.description !== undefined ||
    schema['x-kubernetes-validations'] !== undefined ||
    constraintsOf(schema).length > 0;
  if (items !== undefined && isTelling) yield items;
  yield* inside;
}

function typeOf(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string']) return 'integer or string';
  if (schema['x-kubernetes-embedded-resource']) return 'Kubernetes object';
  if (schema.type === 'array') return `list of ${plural(schema.items)}`;
  if (schema.additionalProperties) return `map of ${plural(schema.additionalProperties)}`;
  if (schema['x-kubernetes-preserve-unknown-fields'] && !schema.properties)
    return `any JSON${schema.type ? ' object' : ''}`;
  const type = schema.type ?? 'any JSON';
  return schema.type !== 'string' && schema.format ? `${type} (${schema.format})` : type;
}

function plural(schema: StructuralSchema | undefined): string {
  return schema?.type === undefined ? 'any JSON' : `${schema.type}s`;
}

function constraintsOf(schema: StructuralSchema): string[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  const bound = (name: string, value: number | undefined, exclusive?: boolean) =>
    value === undefined ? [] : [`${name} ${value}${exclusive ? ' (exclusive)' : ''}`];
  return [
    ...(schema.enum ? [schema.enum.map((value) => code(String(value))).join(', ')] : []),
    ...(schema.type === 'string' && schema.format ? [schema.format] : []),
    ...bound('at least', schema.minimum, schema.exclusiveMinimum),
    ...bound('at most', schema.maximum, schema.exclusiveMaximum),
    ...bound('multiple of', schema.multipleOf),
    ...bound('min length', schema.minLength),
    ...bound('max length', schema.maxLength),
    ...bound('min items', schema.minItems),
    ...bound('max items', schema.maxItems),
    ...bound('min entries', schema.minProperties),
    ...bound('max entries', schema.maxProperties),
    ...[{ pattern: schema.pattern }, ...(schema.allOf ?? [])].flatMap(({ pattern }) =>
      pattern === undefined ? [] : [`matches ${code(pattern)}`],
    ),
    ...(keys ? [`unique by ${keys.map(code).join(' and ')}`] : []),
    ...(schema['x-kubernetes-list-type'] === 'set' ? ['unique'] : []),
    ...(schema.nullable ? ['may be null'] : []),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A code span that holds any text within one cell of a table. */
function code(content: string): string {
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = content.startsWith('`') || content.endsWith('`') ? ' ' : '';
  return fence + padding + text(content) + padding + fence;
}

function text(content: string): string {
  return content.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');
}
