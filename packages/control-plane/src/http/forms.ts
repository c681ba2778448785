import type { KubeObject } from '../object.js';
import { badRequest, plainError } from '../resources/errors.js';
import { apiVersionOf } from '../resources/registry.js';
import type { Column, Resource } from '../resources/resource.js';
import { StatusError } from '../status-error.js';
import type { StoredObject } from '../storage/table.js';
import type { ObjectList } from './list-objects.js';
import type { Accepted } from './negotiation.js';
import { fieldsJson, objectJson } from './object-json.js';

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

/** What the rows of a Table carry besides their cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface FormOptions {
  readonly accepted: Accepted;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** @throws {@link StatusError} 400 for a value that `includeObject` cannot have. */
export function parseIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Unsupported value: ${JSON.stringify(value)}: supported values: "", "Metadata", "None", "Object"`,
  );
}

/** One object as JSON text, in the form that was asked for. */
export function formOfObject(resource: Resource, object: StoredObject, options: FormOptions): string {
  const { form, formVersion } = options.accepted;
  switch (form) {
    case 'object':
      return objectJson(object);
    case 'PartialObjectMetadata':
      return JSON.stringify(partialMetadata(object, formVersion));
    case 'PartialObjectMetadataList':
      throw plainError('content is not a list');
    case 'Table':
      return JSON.stringify(
        table(resource, [object], { resourceVersion: object.metadata.resourceVersion }, options, true),
      );
  }
}

/** A list as JSON text, in the form that was asked for. */
export function formOfList(resource: Resource, list: ObjectList, options: FormOptions): string {
  const { form, formVersion } = options.accepted;
  const metadata = {
    resourceVersion: list.resourceVersion,
    ...(list.continueToken === '' ? {} : { continue: list.continueToken }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
  switch (form) {
    case 'object':
      return objectListJson(resource, list.items, metadata);
    case 'PartialObjectMetadata':
      throw listRequested(resource);
    case 'PartialObjectMetadataList':
      return JSON.stringify({
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${formVersion}`,
        metadata,
        items: list.items.map((item) => partialMetadata(item, formVersion)),
      });
    case 'Table':
      return JSON.stringify(table(resource, list.items, metadata, options, true));
  }
}

/** An object of a watch event; the columns of a Table come with the first one only. */
export function formOfEvent(resource: Resource, object: StoredObject, options: FormOptions, isFirst: boolean): string {
  if (options.accepted.form !== 'Table') return formOfObject(resource, object, options);
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  return JSON.stringify(table(resource, [object], metadata, options, isFirst));
}

function objectListJson(resource: Resource, items: readonly StoredObject[], metadata: Record<string, unknown>): string {
  const head = `"kind":${JSON.stringify(resource.listKind)},"apiVersion":${JSON.stringify(apiVersionOf(resource))}`;
  // Custom kinds' lists carry an empty continue, and their items say what they are; built-in kinds' do neither.
  const listMetadata = resource.custom ? { continue: '', ...metadata } : metadata;
  const itemJson = resource.custom ? objectJson : fieldsJson;
  return `{${head},"metadata":${JSON.stringify(listMetadata)},"items":[${items.map(itemJson).join(',')}]}`;
}

function partialMetadata({ metadata }: StoredObject, version: string): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}

function table(
  resource: Resource,
  objects: readonly StoredObject[],
  metadata: Record<string, unknown>,
  { accepted, includeObject, nowMs }: FormOptions,
  withColumns: boolean,
): Record<string, unknown> {
  const columns = tableColumns(resource);
  const rows = objects.map((object) => ({
    cells: columns.map((column) => column.cell(object, nowMs) ?? null),
    ...rowObject(object, includeObject, accepted.formVersion),
  }));
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${accepted.formVersion}`,
    metadata,
    columnDefinitions: withColumns ? columnDefinitions(columns) : null,
    rows,
  };
}

/** A row has an `object` in any case; without one it is null. */
function rowObject(object: StoredObject, include: IncludeObject, version: string): { object: unknown } {
  if (include === 'None') return { object: null };
  return { object: include === 'Object' ? object : partialMetadata(object, version) };
}

/** Name comes first, unless a kind has it somewhere else. */
function tableColumns({ columns }: Resource): readonly Column[] {
  return columns.some(({ name }) => name === NAME.name) ? columns : [NAME, ...columns];
}

const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  priority: 0,
  cell: ({ metadata }) => metadata.name ?? '',
};

function columnDefinitions(columns: readonly Column[]): unknown[] {
  return columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format: format ?? '',
    description,
    priority,
  }));
}

function listRequested(resource: Resource): StatusError {
  const type = resource.custom ? '*unstructured.UnstructuredList' : `*v1.${resource.listKind}`;
  return new StatusError(
    406,
    'NotAcceptable',
    `you requested PartialObjectMetadata, but the requested object is a list (${type})`,
  );
}
