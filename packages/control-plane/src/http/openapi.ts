import { createHash } from 'node:crypto';
import { definitionOf, openApiDefinition, referencedDefinitions } from '../builtins/definitions.js';
import { builtinComponents } from '../builtins/openapi.js';
import { isJsonObject } from '../object.js';
import { apiVersionOf, type ResourceRegistry, type ServedVersion } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import { openApiV2 } from './openapi-v2.js';

type Json = Record<string, unknown>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const REF = '#/components/schemas/';

interface Document {
  readonly json: string;
  readonly hash: string;
}

/** The OpenAPI documents: v3, one a group and version, and v2, one for all; made when asked for, and anew when what is served changes. */
export class OpenApiDocuments {
  readonly #registry: ResourceRegistry;
  readonly #version: string;
  readonly #documents = new Map<string, { readonly resources: readonly Resource[]; readonly document: Document }>();
  #v2: { readonly of: readonly Document[]; readonly document: Document } | undefined;

  /** @param version - `gitVersion` of the server, shown in each document. */
  constructor(registry: ResourceRegistry, version: string) {
    this.#registry = registry;
    this.#version = version;
  }

  /** `/openapi/v3`: where each document is, by its hash. */
  index(): Json {
    const entries = this.#all().map(([path, { hash }]) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` },
    ]);
    return { paths: Object.fromEntries(entries) as Json };
  }

  /** `/openapi/v2`. */
  v2(): Document {
    const documents = this.#all().map(([, document]) => document);
    if (!this.#v2 || !sameItems(this.#v2.of, documents)) {
      const parsed = documents.map(({ json }) => JSON.parse(json) as unknown).filter(isJsonObject);
      this.#v2 = { of: documents, document: documentOf(openApiV2(parsed, this.#version)) };
    }
    return this.#v2.document;
  }

  #all(): [string, Document][] {
    const paths = this.#registry
      .groups()
      .flatMap(({ name, versions }) => versions.map(({ version }) => documentPath(name, version)));
    return paths.flatMap((path): [string, Document][] => {
      const document = this.find(path);
      return document ? [[path, document]] : [];
    });
  }

  /** The document of `api/v1` or `apis/<group>/<version>`. */
  find(path: string): Document | undefined {
    const [root, group = '', version = ''] = path.split('/');
    const name = root === 'api' ? '' : group;
    const served = this.#registry
      .group(name)
      ?.versions.find((candidate) => candidate.version === (root === 'api' ? group : version));
    if (!served || (root !== 'api' && root !== 'apis')) return undefined;
    const known = this.#documents.get(path);
    if (known && sameItems(known.resources, served.resources)) return known.document;
    const document = documentOf(this.#document(name, served));
    this.#documents.set(path, { resources: served.resources, document });
    return document;
  }

  #document(group: string, { version, resources }: ServedVersion): Json {
    return {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: this.#version },
      paths: Object.assign({}, ...resources.map(pathsOf)) as Json,
      components: { schemas: componentsOf(group, version, resources) },
    };
  }
}

function documentOf(content: Json): Document {
  const json = JSON.stringify(content);
  return { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() };
}

function documentPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function componentsOf(group: string, version: string, resources: readonly Resource[]): Json {
  const custom = resources.filter((resource) => resource.custom);
  return Object.assign({}, builtinComponents(group, version), ...custom.map(customComponents)) as Json;
}

/** What the schemas of custom kinds refer to. */
function sharedComponents(): Json {
  const names = new Set<string>();
  for (const name of ['ObjectMeta', 'ListMeta']) referencedDefinitions(`${META}.${name}`, names);
  return Object.fromEntries([...names].map((name) => [name, openApiDefinition(name)]));
}

/** A custom kind's schema and that of its list, with the metadata and type fields that the definition leaves out. */
function customComponents(resource: Resource): Json {
  const name = componentName(resource);
  const { group, version, kind, listKind, schema } = resource;
  return {
    ...sharedComponents(),
    [name]: {
      ...schema,
      type: 'object',
      properties: {
        ...TYPE_FIELDS,
        ...schema.properties,
        metadata: ref(
          'ObjectMeta',
          "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
        ),
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    },
    [`${name}List`]: {
      description: `${listKind} is a list of ${kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...TYPE_FIELDS,
        items: {
          description: `List of ${resource.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
          type: 'array',
          items: { allOf: [{ $ref: `${REF}${name}` }], default: {} },
        },
        metadata: ref(
          'ListMeta',
          'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
        ),
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
    },
  };
}

const TYPE_FIELDS: Json = {
  apiVersion: {
    description:
      'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
    type: 'string',
  },
  kind: {
    description:
      'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
    type: 'string',
  },
};

/** `example.com` and Widget become `com.example.v1.Widget`. */
function componentName({ group, version, kind }: Resource): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function ref(definition: string, description: string): Json {
  return { description, allOf: [{ $ref: `${REF}${META}.${definition}` }] };
}

// ---- paths

function pathsOf(resource: Resource): Json {
  const { group, version, plural, namespaced, verbs } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  const object = `${collection}/{name}`;
  const namespace = namespaced
    ? [pathParameter('namespace', 'object name and auth scope, such as for teams and projects')]
    : [];
  const name = pathParameter('name', `name of the ${resource.kind}`);
  const operations = (entries: readonly (Operation | undefined)[]): Json =>
    Object.fromEntries(
      entries
        .filter((entry) => entry !== undefined)
        .map(({ method, ...rest }) => [method, operation(resource, { method, ...rest })]),
    );
  const has = (verb: (typeof verbs)[number], entry: Operation): Operation | undefined =>
    verbs.includes(verb) ? entry : undefined;
  const paths: Json = {
    [collection]: {
      ...operations([
        has('list', { method: 'get', action: 'list', parameters: LIST_PARAMETERS }),
        has('create', { method: 'post', action: 'post', parameters: WRITE_PARAMETERS, hasBody: true }),
        has('deletecollection', { method: 'delete', action: 'deletecollection', parameters: LIST_PARAMETERS }),
      ]),
      parameters: [...namespace, PRETTY],
    },
  };
  if (verbs.includes('get')) {
    paths[object] = {
      ...operations([
        has('get', { method: 'get', action: 'get', parameters: [] }),
        has('update', { method: 'put', action: 'put', parameters: WRITE_PARAMETERS, hasBody: true }),
        has('patch', { method: 'patch', action: 'patch', parameters: PATCH_PARAMETERS, hasBody: true }),
        has('delete', { method: 'delete', action: 'delete', parameters: DELETE_PARAMETERS }),
      ]),
      parameters: [name, ...namespace, PRETTY],
    };
  }
  if (resource.subresources.status) {
    paths[`${object}/status`] = {
      ...operations([
        { method: 'get', action: 'get', parameters: [] },
        { method: 'put', action: 'put', parameters: WRITE_PARAMETERS, hasBody: true },
        { method: 'patch', action: 'patch', parameters: PATCH_PARAMETERS, hasBody: true },
      ]),
      parameters: [name, ...namespace, PRETTY],
    };
  }
  if (namespaced && verbs.includes('list')) {
    paths[`${root}/${plural}`] = {
      ...operations([{ method: 'get', action: 'list', parameters: [] }]),
      parameters: [...LIST_PARAMETERS, PRETTY],
    };
  }
  return paths;
}

interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  readonly action: string;
  readonly parameters: readonly Json[];
  readonly hasBody?: boolean;
}

function operation(resource: Resource, { action, parameters, hasBody = false }: Operation): Json {
  const { group, version, kind } = resource;
  const name = definitionOf(resource.schema) ?? componentName(resource);
  const schema = { $ref: `${REF}${name}${action === 'list' ? 'List' : ''}` };
  return {
    tags: [`${apiVersionOf(resource)}`.replaceAll(/[./]/g, '_')],
    parameters,
    ...(hasBody
      ? {
          requestBody: {
            content: { '*/*': { schema: action === 'patch' ? { $ref: `${REF}${META}.Patch` } : schema } },
          },
        }
      : {}),
    responses: { '200': { description: 'OK', content: { 'application/json': { schema } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function queryParameter(name: string, description: string, type = 'string'): Json {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

function pathParameter(name: string, description: string): Json {
  return { name, in: 'path', description, required: true, schema: { type: 'string', uniqueItems: true } };
}

const PRETTY = queryParameter('pretty', "If 'true', then the output is pretty printed.");
const DRY_RUN = queryParameter(
  'dryRun',
  'When present, indicates that modifications should not be persisted. Valid values: All.',
);
const WRITE_PARAMETERS: readonly Json[] = [
  DRY_RUN,
  queryParameter(
    'fieldManager',
    'The name of the actor or entity that makes these changes; at most 128 printable characters.',
  ),
  queryParameter(
    'fieldValidation',
    'What to do about unknown and duplicate fields: Ignore, Warn (the default) or Strict.',
  ),
];
const PATCH_PARAMETERS: readonly Json[] = [
  ...WRITE_PARAMETERS,
  queryParameter('force', 'Apply only: takes fields over from other managers.', 'boolean'),
];
const DELETE_PARAMETERS: readonly Json[] = [
  DRY_RUN,
  queryParameter('gracePeriodSeconds', 'Seconds before the object is deleted; 0 is at once.', 'integer'),
  queryParameter('orphanDependents', 'Deprecated: use propagationPolicy.', 'boolean'),
  queryParameter('propagationPolicy', 'Orphan, Background or Foreground.'),
];
const LIST_PARAMETERS: readonly Json[] = [
  queryParameter('allowWatchBookmarks', 'Asks for events of type BOOKMARK.', 'boolean'),
  queryParameter('continue', 'Where the page before ended.'),
  queryParameter('fieldSelector', 'Restricts the objects by their fields.'),
  queryParameter('labelSelector', 'Restricts the objects by their labels.'),
  queryParameter('limit', 'How many objects a page may have.', 'integer'),
  queryParameter('resourceVersion', 'How new the objects must be.'),
  queryParameter('resourceVersionMatch', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  queryParameter('sendInitialEvents', 'Starts a watch with what is there.', 'boolean'),
  queryParameter('timeoutSeconds', 'When the request ends.', 'integer'),
  queryParameter('watch', 'Streams changes instead of listing.', 'boolean'),
];

function sameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
