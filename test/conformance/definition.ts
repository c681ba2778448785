import { z } from 'zod';
import { definitionSchema, type DefinitionVersion } from './case-format.js';
import { isObject, type Json } from './json.js';

/** What the runner needs to know of a CustomResourceDefinition. */
export const manifestSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    group: z.string(),
    scope: z.string(),
    names: z.looseObject({ plural: z.string() }),
    versions: z.array(z.looseObject({ name: z.string(), served: z.boolean() })),
  }),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A CustomResourceDefinition from its short form: kind and schemas, everything else has a default. */
export function expandDefinition(shortForm: Json, defaultGroup: string): Manifest {
  if (isObject(shortForm) && 'apiVersion' in shortForm) return manifestSchema.parse(shortForm);
  const { kind, plural, group, scope, names, annotations, conversion, versions, ...only } =
    definitionSchema.parse(shortForm);
  const pluralName = plural ?? `${kind.toLowerCase()}s`;
  const groupName = group ?? defaultGroup;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${pluralName}.${groupName}`, ...(annotations && { annotations }) },
    spec: {
      group: groupName,
      scope: scope ?? 'Namespaced',
      names: { kind, plural: pluralName, ...names },
      versions: versions
        ? versions.map((version) => expandVersion({ storage: false, ...version }))
        : [expandVersion(only)],
      ...(conversion && { conversion }),
    },
  };
}

function expandVersion(version: DefinitionVersion): Manifest['spec']['versions'][number] {
  const { name = 'v1', served = true, storage = true, spec, status, root, ...rest } = version;
  const { subresources, columns, selectable, ...others } = rest;
  const properties = {
    ...(spec && { spec: { type: 'object', ...spec } }),
    ...(status && { status: { type: 'object', ...status } }),
    ...(isObject(root?.['properties']) && root['properties']),
  };
  return {
    name,
    served,
    storage,
    schema: { openAPIV3Schema: { type: 'object', ...root, properties } },
    ...(subresources && { subresources }),
    ...(columns && { additionalPrinterColumns: columns }),
    ...(selectable && { selectableFields: selectable.map((jsonPath) => ({ jsonPath })) }),
    ...others,
  };
}
