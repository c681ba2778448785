import type { ResourceType } from '@trueup/kube';
import type { z } from 'zod';
import { KindDefinitionError } from './kind-errors.js';
import type { Kind, KindDefinition } from './kind.js';

/**
 * Defines a kind: its types, CustomResourceDefinition, validation, columns and reference page follow from this.
 *
 * Starts nothing and converts no schema; names and versions are checked here, schemas when the CRD is generated.
 *
 * @throws {@link KindDefinitionError} (`ERR_KIND_INVALID`) naming the part that is wrong.
 *
 * @example
 * ```ts
 * export const Greeting = defineKind({
 *   group: 'example.dev',
 *   kind: 'Greeting',
 *   versions: { v1: {} },
 *   spec: z.object({ message: z.string().min(1) }),
 * });
 * export type Greeting = ObjectOf<typeof Greeting>;
 * ```
 */
export function defineKind<Spec extends z.ZodType, Status extends z.ZodType = z.ZodUndefined>(
  definition: KindDefinition<Spec, Status>,
): Kind<Spec, Status> {
  const refuse = (path: string, problem: string): never => {
    throw new KindDefinitionError(definition.kind, path, problem);
  };
  checkNames(definition, refuse);
  checkVersions(definition, refuse);
  checkColumns(definition, refuse);
  return { definition, resource: resourceOf(definition) };
}

/** The version objects are stored in, and the one the operator reads and writes. A single version is it without saying so. */
export function storageVersionOf({ versions }: Pick<KindDefinition, 'versions'>): string | undefined {
  const [first, ...others] = Object.keys(versions);
  return others.length === 0 ? first : Object.keys(versions).find((name) => versions[name]?.storage === true);
}

export function pluralOf({ kind, plural }: Pick<KindDefinition, 'kind' | 'plural'>): string {
  return plural ?? `${kind.toLowerCase()}s`;
}

function resourceOf(definition: KindDefinition): ResourceType {
  return {
    group: definition.group,
    version: storageVersionOf(definition) ?? '',
    kind: definition.kind,
    plural: pluralOf(definition),
    namespaced: definition.scope !== 'Cluster',
  };
}

type RefusePart = (path: string, problem: string) => never;

/** RFC 1035 label, as the API server wants names of kinds, plurals and versions. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;

function checkNames(definition: KindDefinition, refuse: RefusePart): void {
  const { group, kind, singular = kind.toLowerCase() } = definition;
  if (!/^[A-Z][A-Za-z0-9]*$/.test(kind) || kind.length > 63) {
    refuse('kind', `'${kind}' must begin with a capital letter and hold only letters and digits, 63 at most`);
  }
  if (!SUBDOMAIN.test(group) || group.length > 253)
    refuse('group', `'${group}' must be a domain name like example.dev`);
  const names = [
    ['plural', pluralOf(definition)],
    ['singular', singular],
    ...(definition.shortNames ?? []).map((name, index) => [`shortNames[${index}]`, name] as const),
    ...(definition.categories ?? []).map((name, index) => [`categories[${index}]`, name] as const),
  ] as const;
  for (const [path, name] of names) {
    if (!LABEL.test(name))
      refuse(path, `'${name}' must be lower-case letters, digits and hyphens, beginning with a letter`);
  }
}

function checkVersions(definition: KindDefinition, refuse: RefusePart): void {
  const versions = Object.entries(definition.versions);
  if (versions.length === 0) refuse('versions', 'a kind needs a version: { v1: {} }');
  for (const [name] of versions) {
    if (!LABEL.test(name)) refuse(`versions.${name}`, 'a version is named like v1, v1beta1 or v1alpha1');
  }
  const stored = versions.filter(([, version]) => version.storage === true).map(([name]) => name);
  const storage = storageVersionOf(definition);
  if (stored.length > 1) refuse('versions', `only one version is stored, not ${stored.join(' and ')}`);
  if (storage === undefined) refuse('versions', 'mark the version that is stored: { storage: true }');
  else if (definition.versions[storage]?.served === false) {
    refuse(`versions.${storage}`, 'the stored version is the one the operator reads; it must be served');
  } else if (definition.versions[storage]?.convert !== undefined) {
    refuse(`versions.${storage}.convert`, 'this version is the stored one; let the others convert to and from it');
  }
}

function checkColumns(definition: KindDefinition, refuse: RefusePart): void {
  const lists = [
    ['columns', definition.columns ?? []] as const,
    ...Object.entries(definition.versions).map(
      ([name, version]) => [`versions.${name}.columns`, version.columns ?? []] as const,
    ),
  ];
  for (const [path, columns] of lists) {
    columns.forEach((column, index) => {
      if (!column.jsonPath.startsWith('.'))
        refuse(`${path}[${index}].jsonPath`, `'${column.jsonPath}' must begin with a dot: .spec.type`);
      if (columns.findIndex((other) => other.name === column.name) < index) {
        refuse(`${path}[${index}].name`, `there is already a column '${column.name}'`);
      }
    });
  }
  (definition.selectableFields ?? []).forEach((field, index) => {
    if (!/^(\.[A-Za-z_][A-Za-z0-9_-]*)+$/.test(field) || field.startsWith('.metadata')) {
      refuse(`selectableFields[${index}]`, `'${field}' must be the path of a field in spec or status: .spec.color`);
    }
  });
}
