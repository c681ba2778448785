import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import { validateCustomResourceDefinition } from './validate-crd.js';

interface Changes {
  readonly name?: string;
  readonly spec?: object;
  readonly version?: object;
  readonly status?: object;
}

function aDefinition({ name, spec, version, status }: Changes = {}): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: name ?? 'gadgets.example.com', resourceVersion: '1' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
      versions: [{ ...aVersion('v1', { type: 'object' }), ...version }],
      conversion: { strategy: 'None' },
      ...spec,
    },
    status: { storedVersions: ['v1'], ...status },
  };
}

function aVersion(name: string, schema: Schema, storage = true): object {
  return { name, served: true, storage, schema: { openAPIV3Schema: schema } };
}

function errorsOf(crd: KubeObject, old?: KubeObject): string[] {
  return validateCustomResourceDefinition(crd, old).map(({ field, detail }) => `${field}: ${detail}`);
}

/** Errors of a property `x` of the only version's spec, without the path of its schema. */
function schemaErrors(x: Schema): string[] {
  const schema: Schema = { type: 'object', properties: { spec: { type: 'object', properties: { x } } } };
  const prefix = 'spec.validation.openAPIV3Schema.properties[spec].properties[x]';
  return errorsOf(aDefinition({ version: aVersion('v1', schema) })).map((error) => error.replace(prefix, ''));
}

const text: Schema = { type: 'string' };

describe('validateCustomResourceDefinition', () => {
  it('accepts a definition', () => {
    expect(errorsOf(aDefinition())).toEqual([]);
  });

  it.each<[string, Changes, string[]]>([
    [
      'the name',
      { name: 'wrong.example.com' },
      ['metadata.name: Invalid value: "wrong.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'the scope',
      { spec: { scope: 'World' } },
      ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'preserveUnknownFields',
      { spec: { preserveUnknownFields: true } },
      [
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      'a missing schema',
      { version: { schema: undefined } },
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'the version in storage',
      { version: { storage: false } },
      [
        'spec.versions: Invalid value: [{"name":"v1","storage":false}]: must have exactly one version marked as storage version',
      ],
    ],
    [
      'a column',
      { version: { additionalPrinterColumns: [{ name: 'A', type: 'x', jsonPath: 'spec.x' }] } },
      [
        'spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.x": must be a simple json path starting with .',
      ],
    ],
    [
      'the scale subresource',
      { version: { subresources: { scale: { specReplicasPath: '.x.y' } } } },
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".x.y": should be a json path under .spec',
        'spec.subresources.scale.statusReplicasPath: Required value',
      ],
    ],
    [
      'a deprecation warning',
      { version: { deprecationWarning: 'x' } },
      ['spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions'],
    ],
    [
      'selectable fields',
      { version: { selectableFields: [{ jsonPath: '.metadata' }, { jsonPath: '.nope' }] } },
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".metadata": is an invalid path: does not refer to a valid field',
        'spec.selectableFields[1].jsonPath: Invalid value: ".nope": is an invalid path: does not refer to a valid field',
      ],
    ],
    [
      'the webhook of a conversion',
      {
        spec: {
          conversion: {
            strategy: 'Webhook',
            webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'http://u@h' } },
          },
        },
      },
      [
        `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        'spec.conversion.webhookClientConfig.url: Invalid value: "u": user information is not permitted in the URL',
      ],
    ],
  ])('checks %s', (_, changes, errors) => {
    expect(errorsOf(aDefinition(changes))).toEqual(errors);
  });

  it.each<[string, Schema, unknown[]]>([
    ['a type for each property', {}, ['.type: Required value: must not be empty for specified object fields']],
    ['items for lists', { type: 'array' }, ['.items: Required value: must be specified']],
    [
      'nothing but values inside anyOf',
      { ...text, anyOf: [{ type: 'string', pattern: 'a' }, { nullable: true }] },
      [
        '.anyOf[0].type: Forbidden: must be empty to be structural',
        '.anyOf[1].nullable: Forbidden: must be false to be structural',
      ],
    ],
    [
      'patterns of RE2',
      { ...text, pattern: '(?=a)b' },
      [
        expect.stringMatching(
          /^\.pattern: Invalid value: "\(\?=a\)b": must be a valid regular expression, but isn't: /,
        ),
      ],
    ],
    [
      'properties or additionalProperties',
      { type: 'object', properties: { a: text }, additionalProperties: text },
      ['.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
    ],
    [
      'keys of maps that are always there',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
        items: { type: 'object', properties: { a: text } },
      },
      [
        '.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ],
    ],
    [
      'defaults that are valid',
      { type: 'integer', default: 'x' },
      ['.default: Invalid value: "string":  in body must be of type integer: "string"'],
    ],
    [
      'defaults without unknown fields',
      { type: 'object', default: { b: 1 } },
      ['.default: Invalid value: {"b":1}: must not have unknown fields'],
    ],
    [
      'defaults that satisfy the rules',
      { type: 'integer', default: 5, 'x-kubernetes-validations': [{ rule: 'self > 7', message: 'small' }] },
      ['.default: Invalid value: "integer": small'],
    ],
    [
      'messages of one line',
      { ...text, 'x-kubernetes-validations': [{ rule: 'true', message: 'a\nb' }] },
      ['.x-kubernetes-validations[0].message: Invalid value: "a\\nb": must not contain line breaks'],
    ],
    [
      'field paths that exist',
      { ...text, 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.a' }] },
      ['.x-kubernetes-validations[0].fieldPath: Invalid value: ".a": must be a valid path'],
    ],
    [
      'rules that are bools',
      { ...text, maxLength: 1, 'x-kubernetes-validations': [{ rule: 'self' }] },
      [
        '.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool',
      ],
    ],
    [
      'oldSelf only where it can be told',
      {
        type: 'array',
        maxItems: 1,
        items: { ...text, maxLength: 1, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
      },
      [
        '.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[x]',
      ],
    ],
  ])('wants %s', (_, schema, errors) => {
    expect(schemaErrors(schema)).toEqual(errors);
  });

  it('wants what is named inside anyOf specified outside of it', () => {
    const schema: Schema = { type: 'object', anyOf: [{ properties: { z: { minimum: 1 } } }] };

    expect(errorsOf(aDefinition({ version: aVersion('v1', schema) }))).toEqual([
      'spec.validation.openAPIV3Schema.properties[z]: Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[z]',
    ]);
  });

  it('estimates what rules cost by the bounds of the schema', () => {
    const rule = { rule: 'self.all(a, self.exists(b, a == b))' };
    const list = (maxItems?: number): Schema => ({
      type: 'array',
      items: { ...text, maxLength: 64 },
      'x-kubernetes-validations': [rule],
      ...(maxItems === undefined ? {} : { maxItems }),
    });
    const advice =
      '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

    expect(schemaErrors(list(100))).toEqual([]);
    expect(schemaErrors(list(1000))).toEqual([
      expect.stringMatching(
        /^\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated rule cost exceeds budget by factor of \d+\.\d+x/,
      ),
    ]);
    expect(schemaErrors(list())).toEqual([
      `.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`,
      '.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      `spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`,
    ]);
  });

  it('reports schemas that differ between versions with their version', () => {
    const broken: Schema = { type: 'object', properties: { spec: {} } };
    const versions = [aVersion('v1', { type: 'object' }), aVersion('v2', broken, false)];

    expect(errorsOf(aDefinition({ spec: { versions } }))).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    ]);
  });

  describe('on update', () => {
    const established = { conditions: [{ type: 'Established', status: 'True' }] };

    it('keeps what names the objects', () => {
      const old = aDefinition({ status: established });
      const names = { plural: 'gadgets', singular: 'gadget', kind: 'Other', listKind: 'OtherList' };

      expect(errorsOf(aDefinition({ spec: { scope: 'Cluster', names }, status: established }), old)).toEqual([
        'spec.scope: Invalid value: "Cluster": field is immutable',
        'spec.names.kind: Invalid value: "Other": field is immutable',
      ]);
    });

    it('keeps versions in which objects are stored', () => {
      const versions = [aVersion('v2', { type: 'object' })];

      expect(
        errorsOf(aDefinition({ spec: { versions }, status: { storedVersions: ['v1', 'v2'] } }), aDefinition()),
      ).toEqual([
        'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
      ]);
    });
  });

  it('wants a review for groups of Kubernetes', () => {
    const crd = aDefinition({ name: 'gadgets.x.k8s.io', spec: { group: 'x.k8s.io' } });

    expect(errorsOf(crd)).toEqual([
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ]);
    crd.metadata.annotations = { 'api-approved.kubernetes.io': 'unapproved, a test' };
    expect(errorsOf(crd)).toEqual([]);
  });
});
