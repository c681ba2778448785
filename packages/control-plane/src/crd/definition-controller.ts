import type { Api, ObjectEvent, ServerController } from '../controllers/api.js';
import { equalJson } from '../json.js';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { qualifiedResource } from '../resources/errors.js';
import { timestamp } from '../clock.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Store } from '../storage/store.js';
import type { VersionConverter } from './custom-resource.js';
import {
  acceptedNamesOf,
  CLEANUP_FINALIZER,
  conditionOf,
  DEFINITIONS,
  isConditionTrue,
  specOf,
  type DefinitionCondition,
  type DefinitionNames,
} from './definition.js';
import { definitionCode } from './definition-code.js';
import { acceptNames } from './names.js';

export interface DefinitionControllerOptions {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  now(): Date;
  /** Makes the converter of a spec.conversion with the strategy Webhook. */
  converter(conversion: JsonObject): VersionConverter;
  /** Hears of what went wrong with a definition; the controller goes on. */
  report(error: unknown): void;
}

type Definition = Readonly<KubeObject>;

/**
 * The life of CustomResourceDefinitions: accepts their names, serves them once established, serves them anew when they
 * change, and removes their objects before they go.
 *
 * Serving follows each commit at once; conditions and clean-up follow as writes of their own.
 */
export class DefinitionController implements ServerController {
  readonly name = 'customresourcedefinition-controller';
  readonly #options: DefinitionControllerOptions;
  readonly #queue = new Set<string>();
  #api: Api | undefined;
  #unsubscribe: (() => void) | undefined;
  #running = false;

  constructor(options: DefinitionControllerOptions) {
    this.#options = options;
  }

  start(api: Api): void {
    this.#api = api;
    this.#unsubscribe = api.onEvent((event) => {
      this.#observe(event);
    });
    for (const definition of api.list(DEFINITIONS)) {
      this.#serve(definition, undefined);
      this.#enqueue(nameOf(definition));
    }
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#api = undefined;
    this.#queue.clear();
  }

  isBusy(): boolean {
    return this.#running || this.#queue.size > 0;
  }

  #observe({ type, resource, object, old }: ObjectEvent): void {
    if (resource.group === DEFINITIONS.group && resource.plural === DEFINITIONS.plural) {
      try {
        if (type === 'DELETED') this.#forget(object);
        else {
          this.#serve(object, old);
          this.#enqueue(nameOf(object));
        }
      } catch (error) {
        // The write that brought it about is done; it must not fail for this.
        this.#options.report(error);
      }
    } else if (type === 'DELETED') {
      // The last object of a definition that is being deleted may be gone.
      const definition = this.#api?.get(DEFINITIONS, undefined, qualifiedResource(resource));
      if (definition?.metadata.deletionTimestamp !== undefined) this.#enqueue(nameOf(definition));
    }
  }

  #serve(definition: Definition, old: Definition | undefined): void {
    const { registry, store } = this.#options;
    const isServed = isConditionTrue(definition, 'NamesAccepted') || isConditionTrue(definition, 'Established');
    const wasServed =
      old !== undefined && (isConditionTrue(old, 'NamesAccepted') || isConditionTrue(old, 'Established'));
    const terminating = isConditionTrue(definition, 'Terminating');
    const isSame =
      old !== undefined &&
      isServed === wasServed &&
      equalJson(definition['spec'], old['spec']) &&
      equalJson(acceptedNamesOf(definition), acceptedNamesOf(old));
    if (isSame && terminating === isConditionTrue(old, 'Terminating')) return;
    const spec = specOf(definition);
    const names = acceptedNamesOf(definition);
    const options = {
      terminating,
      ...(spec.conversion['strategy'] === 'Webhook' && { converter: this.#options.converter(spec.conversion) }),
    };
    registry.setCustom(nameOf(definition), isServed ? definitionCode.loaded.customResources(spec, names, options) : []);
    if (wasServed && !isSame) store.table(qualifiedResource({ group: spec.group, plural: names.plural })).end();
  }

  #forget(definition: Definition): void {
    const { registry, store } = this.#options;
    registry.setCustom(nameOf(definition), []);
    store.drop(nameOf(definition));
    this.#enqueueGroup(definition);
  }

  /** Names that a definition gave up may be what another one of its group waits for. */
  #enqueueGroup(definition: Definition): void {
    const { group } = specOf(definition);
    for (const other of this.#api?.list(DEFINITIONS) ?? []) {
      if (nameOf(other) !== nameOf(definition) && specOf(other).group === group) this.#enqueue(nameOf(other));
    }
  }

  #enqueue(name: string): void {
    this.#queue.add(name);
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => {
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    try {
      for (const name of this.#queue) {
        this.#queue.delete(name);
        await this.#reconcile(name).catch(this.#options.report);
      }
    } finally {
      this.#running = false;
    }
  }

  async #reconcile(name: string): Promise<void> {
    const definition = this.#api?.get(DEFINITIONS, undefined, name);
    if (!definition || !this.#api) return;
    if (definition.metadata.deletionTimestamp === undefined) await this.#accept(this.#api, definition);
    else if (definition.metadata.finalizers?.includes(CLEANUP_FINALIZER)) await this.#cleanUp(this.#api, definition);
  }

  async #accept(api: Api, definition: Definition): Promise<void> {
    const spec = specOf(definition);
    const accepted = acceptedNamesOf(definition);
    if (equalJson(spec.names, accepted) && isConditionTrue(definition, 'Established')) return;
    const others = api
      .list(DEFINITIONS)
      .filter((other) => nameOf(other) !== nameOf(definition) && specOf(other).group === spec.group)
      .map(acceptedNamesOf);
    const decision = acceptNames(spec, accepted, others);
    const wasEstablished = isConditionTrue(definition, 'Established');
    const isAccepted = decision.condition.status === 'True';
    const established: Condition = isAccepted
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
    await this.#updateStatus(api, definition, (status) => {
      status['acceptedNames'] = namesObject(decision.acceptedNames);
      setCondition(status, decision.condition, this.#options.now());
      // Once established, a definition stays so, whatever becomes of its names.
      if (!wasEstablished) setCondition(status, established, this.#options.now());
    });
    if (!equalJson(decision.acceptedNames, accepted)) this.#enqueueGroup(definition);
  }

  async #cleanUp(api: Api, definition: Definition): Promise<void> {
    const spec = specOf(definition);
    const resource = { group: spec.group, plural: spec.names.plural };
    if (isConditionTrue(definition, 'Established')) {
      const isFirst = conditionOf(definition, 'Terminating')?.reason !== 'InstanceDeletionInProgress';
      await this.#updateStatus(api, definition, (status) => {
        const condition = {
          type: 'Terminating',
          status: 'True',
          reason: 'InstanceDeletionInProgress',
          message: 'CustomResource deletion is in progress',
        };
        setCondition(status, condition, this.#options.now());
      });
      if (isFirst) {
        for (const { metadata } of api.list(resource)) {
          await api.delete(resource, metadata.namespace, metadata.name ?? '');
        }
      }
      if (api.list(resource).length > 0) return;
    }
    await api.update(DEFINITIONS, undefined, nameOf(definition), ({ metadata }) => {
      metadata.finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== CLEANUP_FINALIZER) ?? [];
    });
  }

  async #updateStatus(api: Api, definition: Definition, change: (status: JsonObject) => void): Promise<void> {
    await api.update(
      DEFINITIONS,
      undefined,
      nameOf(definition),
      (draft) => {
        const status = isJsonObject(draft['status']) ? draft['status'] : {};
        draft['status'] = status;
        change(status);
      },
      'status',
    );
  }
}

type Condition = Omit<DefinitionCondition, 'lastTransitionTime'>;

function setCondition(status: JsonObject, condition: Condition, now: Date): void {
  const conditions: unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : [];
  const index = conditions.findIndex((other) => isJsonObject(other) && other['type'] === condition.type);
  const old = conditions[index];
  const isUnmoved = isJsonObject(old) && old['status'] === condition.status;
  const { type, status: value, reason, message } = condition;
  const lastTransitionTime = isUnmoved ? old['lastTransitionTime'] : timestamp(now);
  const next = { type, status: value, lastTransitionTime, reason, message };
  status['conditions'] = index < 0 ? [...conditions, next] : conditions.with(index, next);
}

function namesObject({ plural, singular, shortNames, kind, listKind, categories }: DefinitionNames): JsonObject {
  return {
    plural,
    singular,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    kind,
    listKind,
    ...(categories.length > 0 ? { categories } : {}),
  };
}

function nameOf(definition: Definition): string {
  return definition.metadata.name ?? '';
}
