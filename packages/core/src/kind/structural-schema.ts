/**
 * A schema as a CustomResourceDefinition holds it: OpenAPI v3 within the bounds of a structural schema.
 * {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema | Structural schemas}
 */
export interface StructuralSchema {
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  /** Further patterns of a string; the first one is in `pattern`. */
  readonly allOf?: readonly { readonly pattern: string }[];
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-embedded-resource'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/**
 * A CEL rule that the API server checks on every write; `self` is the value it is attached to, `oldSelf` the one before.
 * {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules | Validation rules}
 */
export interface ValidationRule {
  readonly rule: string;
  /** What the user reads when the rule is false; one line. */
  readonly message?: string;
  /** CEL that gives the message; wins over `message`, which is the fallback when it fails. */
  readonly messageExpression?: string;
  /** Default `FieldValueInvalid`. */
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** The field to blame, relative to `self`: `.spec.type`. */
  readonly fieldPath?: string;
  /** Runs a rule that names `oldSelf` on creation too; `oldSelf` is then an optional value. */
  readonly optionalOldSelf?: boolean;
}

const KEYWORDS: readonly (keyof StructuralSchema)[] = [
  'description',
  'type',
  'format',
  'nullable',
  'default',
  'enum',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'allOf',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
];

/** The same schema with its keywords in one fixed order and without empty ones, so that generated files do not move. */
export function inKeywordOrder(schema: StructuralSchema): StructuralSchema {
  return Object.fromEntries(
    KEYWORDS.flatMap((keyword) => (schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]])),
  );
}
