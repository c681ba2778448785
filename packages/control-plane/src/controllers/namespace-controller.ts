import { ensureObjectAt, specOf, stringsAt } from '../access.js';
import { NAMESPACE_FINALIZER } from '../builtins/core/namespace.js';
import type { KubeObject } from '../object.js';
import type { Api, ObjectEvent, ResourceName, ServerController } from './api.js';
import { isConflict } from './api-errors.js';
import { setCondition } from './conditions.js';
import { NAMESPACES, isResource, resourceKey } from './resource-names.js';
import { WorkQueue } from './work-queue.js';

/** Empties deleted namespaces and lets them go, saying in conditions what they wait for. */
export class NamespaceController implements ServerController {
  readonly name = 'namespace-controller';
  readonly #terminating = new Set<string>();
  readonly #clock: () => Date;
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor({ clock = () => new Date() }: { clock?: () => Date } = {}) {
    this.#clock = clock;
  }

  start(api: Api): void {
    const queue = new WorkQueue({ process: (name) => this.#sync(api, name) });
    this.#queue = queue;
    this.#unsubscribe = api.onEvent((event) => this.#observe(queue, event));
    for (const namespace of api.list(NAMESPACES)) this.#observeNamespace(queue, namespace);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    this.#terminating.clear();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  #observe(queue: WorkQueue, { type, resource, object }: ObjectEvent): void {
    if (isResource(resource, NAMESPACES)) {
      if (type === 'DELETED') this.#terminating.delete(object.metadata.name ?? '');
      else this.#observeNamespace(queue, object);
      return;
    }
    const { namespace } = object.metadata;
    if (namespace !== undefined && this.#terminating.has(namespace)) queue.add(namespace);
  }

  #observeNamespace(queue: WorkQueue, { metadata }: Readonly<KubeObject>): void {
    if (metadata.name === undefined || metadata.deletionTimestamp === undefined) return;
    this.#terminating.add(metadata.name);
    queue.add(metadata.name);
  }

  async #sync(api: Api, name: string): Promise<void> {
    const namespace = api.get(NAMESPACES, undefined, name);
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    if (!stringsAt(specOf(namespace), 'finalizers').includes(NAMESPACE_FINALIZER)) return;

    const resources = namespacedResources(api);
    for (const resource of resources) {
      for (const { metadata } of api.list(resource, name)) {
        if (metadata.deletionTimestamp === undefined && metadata.name !== undefined) {
          await deleteObject(api, resource, name, metadata.name);
        }
      }
    }
    const remaining = resources.flatMap((resource) => api.list(resource, name).map((object) => ({ resource, object })));
    await api.update(
      NAMESPACES,
      undefined,
      name,
      (draft) => reportRemaining(draft, remaining, this.#clock()),
      'status',
    );
    if (remaining.length === 0) await api.update(NAMESPACES, undefined, name, removeFinalizer, 'finalize');
  }
}

/** Kinds that live in namespaces, once each: two groups may serve the same objects (events). */
function namespacedResources(api: Api): ResourceName[] {
  const seen = new Set<string>();
  return api.resources().filter((resource) => {
    const key = resourceKey(resource);
    const isNew = resource.namespaced && !seen.has(key) && key !== 'events.events.k8s.io';
    seen.add(key);
    return isNew;
  });
}

async function deleteObject(api: Api, resource: ResourceName, namespace: string, name: string): Promise<void> {
  try {
    await api.delete(resource, namespace, name, { propagationPolicy: 'Background' });
  } catch (error) {
    // Changed in this moment: its event brings us back.
    if (!isConflict(error)) throw error;
  }
}

function removeFinalizer(draft: KubeObject): void {
  const spec = ensureObjectAt(draft, 'spec');
  spec['finalizers'] = stringsAt(spec, 'finalizers').filter((finalizer) => finalizer !== NAMESPACE_FINALIZER);
}

interface Remaining {
  readonly resource: ResourceName;
  readonly object: Readonly<KubeObject>;
}

function reportRemaining(draft: KubeObject, remaining: readonly Remaining[], now: Date): void {
  const status = ensureObjectAt(draft, 'status');
  const set = (type: string, value: 'True' | 'False', reason: string, message: string): void =>
    setCondition(status, { type, status: value, reason, message }, now);

  set('NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered');
  set(
    'NamespaceDeletionGroupVersionParsingFailure',
    'False',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  );
  set(
    'NamespaceDeletionContentFailure',
    'False',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  );

  const kinds = counts(
    remaining.map(({ resource }) => `${resource.plural}.${resource.group}`),
    'has',
  );
  if (kinds === '') set('NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed');
  else set('NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${kinds}`);

  const finalizers = counts(
    remaining.flatMap(({ object }) => object.metadata.finalizers ?? []),
    'in',
  );
  if (finalizers === '') {
    set(
      'NamespaceFinalizersRemaining',
      'False',
      'ContentHasNoFinalizers',
      'All content-preserving finalizers finished',
    );
  } else {
    const message = `Some content in the namespace has finalizers remaining: ${finalizers}`;
    set('NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain', message);
  }
}

/** `a has 2 resource instances, b has 1 resource instances` */
function counts(names: readonly string[], verb: 'has' | 'in'): string {
  const totals = new Map<string, number>();
  for (const name of names) totals.set(name, (totals.get(name) ?? 0) + 1);
  return [...totals.keys()]
    .sort()
    .map((name) => `${name} ${verb} ${totals.get(name) ?? 0} resource instances`)
    .join(', ');
}
