import type { DefinitionVersion } from '../crd/definition.js';
import { equalJson } from '../json.js';

/** Where errors about the parts of a version are reported. */
export interface PartPaths {
  readonly schema: string;
  readonly subresources: string;
  readonly columns: string;
  readonly selectableFields: string;
}

/**
 * The server keeps a part that all versions share in the spec, and reports its errors there: those of a single version's
 * schema are at `spec.validation`.
 */
export function partPaths(versions: readonly DefinitionVersion[], position: number): PartPaths {
  const own = `spec.versions[${position}]`;
  const base = (part: (version: DefinitionVersion) => unknown) => (areSame(versions.map(part)) ? 'spec' : own);
  const schemaBase = base((version) => version.schema);
  return {
    schema: schemaBase === 'spec' ? 'spec.validation' : `${own}.schema`,
    subresources: `${base(({ status, scale }) => ({ status, scale }))}.subresources`,
    columns: `${base((version) => version.columns)}.additionalPrinterColumns`,
    selectableFields: `${base((version) => version.selectableFields)}.selectableFields`,
  };
}

function areSame([first, ...rest]: readonly unknown[]): boolean {
  return rest.every((part) => equalJson(part, first));
}
