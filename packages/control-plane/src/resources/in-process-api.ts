import type { Api, ObjectEvent, ResourceName } from '../controllers/api.js';
import type { KubeObject } from '../object.js';
import { copyJson, equalJson } from '../json.js';
import { StatusError } from '../status-error.js';
import type { StoredObject } from '../storage/table.js';
import { createObject } from './create-object.js';
import { withoutAdmission } from './admission-request.js';
import { deleteObject } from './delete-object.js';
import { noSuchResource } from './errors.js';
import { parseApiVersion, storeKey } from './registry.js';
import { replaceObject } from './replace-object.js';
import type { Resource } from './resource.js';
import { readScale, replaceScale } from './scale.js';
import { isServable, serve, serveConverted } from './served-object.js';
import type { WritableSubresource, WriteContext, WritePipeline } from './write-context.js';

interface NamedResource {
  readonly resource: Resource;
  readonly name: ResourceName;
}

/**
 * The server as its own controllers see it: the write pipeline, without the wire.
 *
 * Reads are immediate, so they ask no conversion webhook: kinds that have one are read and written in the version they
 * are stored in.
 */
export class InProcessApi implements Api {
  readonly #pipeline: WritePipeline;
  readonly #manager: string;
  #resources: { readonly revision: number; readonly found: readonly Resource[] } | undefined;
  #ofTables: { readonly revision: number; readonly found: Map<string, NamedResource | undefined> } | undefined;

  /** @param manager - Field manager of what is written through it. */
  constructor(pipeline: WritePipeline, manager: string) {
    this.#pipeline = pipeline;
    this.#manager = manager;
  }

  get(name: ResourceName, namespace: string | undefined, objectName: string): Readonly<KubeObject> | undefined {
    const resource = this.#find(name);
    const stored = resource && this.#pipeline.store.table(storeKey(resource)).get(namespace, objectName);
    return resource && stored && readNow(resource, stored);
  }

  list(name: ResourceName, namespace?: string): readonly Readonly<KubeObject>[] {
    const resource = this.#find(name);
    if (!resource) return [];
    const objects = this.#pipeline.store.table(storeKey(resource)).list(namespace);
    return resource.storedForm ? objects.map((object) => readNow(resource, object)) : objects;
  }

  async create(name: ResourceName, object: KubeObject): Promise<KubeObject> {
    const { version } = parseApiVersion(object.apiVersion);
    const resource = this.#pipeline.registry.find(name.group, version, name.plural) ?? this.#resource(name);
    const next = copyJson(object);
    resource.strategy.default?.(next);
    return createObject(this.#pipeline, this.#context(resource, next.metadata.namespace), next);
  }

  async update(
    name: ResourceName,
    namespace: string | undefined,
    objectName: string,
    change: (draft: KubeObject) => void,
    subresource?: 'status' | 'finalize' | 'binding',
  ): Promise<KubeObject | undefined> {
    const resource = this.#resource(name);
    const context = this.#context(resource, namespace, subresource);
    // Who is bound where is for admission of the Binding, not of the Pod.
    const pipeline = subresource === 'binding' ? withoutAdmission(this.#pipeline) : this.#pipeline;
    for (;;) {
      const stored = this.#pipeline.store.table(storeKey(resource)).get(namespace, objectName);
      if (!stored) return undefined;
      const live = isServable(resource, stored) ? serve(resource, stored) : await serveConverted(resource, stored);
      const isStatusWrite = subresource === 'status';
      const draft = isStatusWrite ? statusDraft(live) : copyJson<KubeObject>(live);
      change(draft);
      if (equalJson(draft, live)) return live;
      if (isStatusWrite) defaultStatus(resource, draft);
      else resource.strategy.default?.(draft);
      try {
        return (await replaceObject(pipeline, context, objectName, draft)).object;
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        // Somebody else wrote it in the meantime: read it again.
        if (!isStatus(error, 409)) throw error;
      }
    }
  }

  async delete(
    name: ResourceName,
    namespace: string | undefined,
    objectName: string,
    options: Parameters<Api['delete']>[3] = {},
  ): Promise<void> {
    const { uid, ...rest } = options;
    const context = this.#context(this.#resource(name), namespace);
    try {
      await deleteObject(this.#pipeline, context, objectName, {
        ...rest,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  scale(name: ResourceName, namespace: string | undefined, objectName: string): Readonly<KubeObject> | undefined {
    const resource = this.#resource(name);
    const object = this.get(name, namespace, objectName);
    return object && readScale(resource, object);
  }

  async setReplicas(
    name: ResourceName,
    namespace: string | undefined,
    objectName: string,
    replicas: number,
  ): Promise<void> {
    const context = this.#context(this.#resource(name), namespace, 'scale');
    await replaceScale(this.#pipeline, context, objectName, { metadata: { name: objectName }, spec: { replicas } });
  }

  resources(): ReturnType<Api['resources']> {
    const { revision } = this.#pipeline.registry;
    if (this.#resources?.revision !== revision) this.#resources = { revision, found: this.#listable() };
    return this.#resources.found;
  }

  #listable(): Resource[] {
    const seen = new Set<string>();
    const found: Resource[] = [];
    for (const { versions } of this.#pipeline.registry.groups()) {
      for (const resource of versions.flatMap(({ resources }) => resources)) {
        const key = storeKey(resource);
        if (seen.has(key) || !resource.verbs.includes('list')) continue;
        seen.add(key);
        found.push(resource);
      }
    }
    return found;
  }

  onEvent(listener: (event: ObjectEvent) => void): () => void {
    return this.#pipeline.store.onCommit((table, { type, object, old }) => {
      const found = this.#resourceOfTable(table);
      if (!found) return;
      const { resource, name } = found;
      listener({
        type,
        resource: name,
        object: readNow(resource, object),
        ...(old ? { old: readNow(resource, old) } : {}),
      });
    });
  }

  /** The preferred version of what a table holds; looked for once while the same kinds are served. */
  #resourceOfTable(table: string): NamedResource | undefined {
    const { revision } = this.#pipeline.registry;
    if (this.#ofTables?.revision !== revision) this.#ofTables = { revision, found: new Map() };
    const { found } = this.#ofTables;
    if (!found.has(table)) found.set(table, this.#findOfTable(table));
    return found.get(table);
  }

  #findOfTable(table: string): NamedResource | undefined {
    const byName = this.#find(nameOfTable(table));
    const isOfTable = byName && storeKey(byName) === table;
    const resource = isOfTable ? byName : this.#pipeline.registry.all().find((other) => storeKey(other) === table);
    return resource && { resource, name: { group: resource.group, plural: resource.plural } };
  }

  #find({ group, plural }: ResourceName): Resource | undefined {
    const { registry } = this.#pipeline;
    const preferred = registry.preferred(group, plural);
    const storedVersion = preferred?.storedForm?.webhook?.storedVersion;
    if (storedVersion === undefined) return preferred;
    return registry.find(group, parseApiVersion(storedVersion).version, plural) ?? preferred;
  }

  #resource(name: ResourceName): Resource {
    const resource = this.#find(name);
    if (!resource) throw noSuchResource();
    return resource;
  }

  #context(resource: Resource, namespace: string | undefined, subresource?: WritableSubresource): WriteContext {
    return {
      resource,
      ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
      ...(subresource === undefined ? {} : { subresource }),
      user: { username: 'system:apiserver', groups: ['system:masters'] },
      manager: this.#manager,
      dryRun: false,
      fieldValidation: 'Ignore',
      warn: () => undefined,
    };
  }
}

/** A copy of which the status and metadata may be changed; the rest, which a write of the status leaves alone, is shared. */
function statusDraft(live: StoredObject): KubeObject {
  const { managedFields, ...metadata } = live.metadata;
  return {
    ...live,
    metadata: { ...copyJson(metadata), ...(managedFields && { managedFields }) },
    ...(live['status'] !== undefined && { status: copyJson(live['status']) }),
  };
}

function defaultStatus({ strategy }: Resource, draft: KubeObject): void {
  const { apiVersion, kind, status } = draft;
  const form: KubeObject = { apiVersion, kind, metadata: {}, status };
  strategy.default?.(form);
  draft['status'] = form['status'];
}

function readNow(resource: Resource, stored: StoredObject): StoredObject {
  return isServable(resource, stored) ? serve(resource, stored) : stored;
}

function nameOfTable(table: string): ResourceName {
  const dot = table.indexOf('.');
  return dot < 0 ? { group: '', plural: table } : { group: table.slice(dot + 1), plural: table.slice(0, dot) };
}

function isStatus(error: unknown, code: number): boolean {
  return error instanceof StatusError && error.code === code;
}
