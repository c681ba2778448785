import type { KubeObject } from '../object.js';

/**
 * The group and plural of a resource, which is all that a controller needs to name it. Version: the preferred one, or the
 * stored one where a webhook converts between versions.
 */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceName;
  /** Frozen; the last state for DELETED. */
  readonly object: Readonly<KubeObject>;
  /** The state before; absent for ADDED. */
  readonly old?: Readonly<KubeObject>;
}

/**
 * The server as its own controllers see it: the same write pipeline as over HTTP (admission, validation, managedFields
 * under the controller's manager name), without the wire. Reads are immediate and consistent.
 */
export interface Api {
  get(resource: ResourceName, namespace: string | undefined, name: string): Readonly<KubeObject> | undefined;
  list(resource: ResourceName, namespace?: string): readonly Readonly<KubeObject>[];
  create(resource: ResourceName, object: KubeObject): Promise<KubeObject>;
  /**
   * Reads the live object, changes a copy and stores it, again on conflict. Nothing is written when nothing changed. A
   * write of the status may change status and metadata; the rest of the draft is frozen.
   * @returns the stored object, or undefined when it is gone.
   */
  update(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => void,
    subresource?: 'status' | 'finalize' | 'binding',
  ): Promise<KubeObject | undefined>;
  delete(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options?: { uid?: string; gracePeriodSeconds?: number; propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' },
  ): Promise<void>;
  /** The autoscaling/v1 Scale of an object; undefined when it is gone. @throws StatusError when its kind has none. */
  scale(resource: ResourceName, namespace: string | undefined, name: string): Readonly<KubeObject> | undefined;
  /** Sets the replicas of an object through its Scale. @throws StatusError when it is gone, or its kind has none. */
  setReplicas(resource: ResourceName, namespace: string | undefined, name: string, replicas: number): Promise<void>;
  /** Every resource served at the moment that can be listed, custom ones included. */
  resources(): readonly (ResourceName & {
    readonly kind: string;
    readonly version: string;
    readonly namespaced: boolean;
  })[];
  /** Calls the listener after each committed write, in order, until the returned function is called. */
  onEvent(listener: (event: ObjectEvent) => void): () => void;
}

/** A control loop of the server. */
export interface ServerController {
  readonly name: string;
  start(api: Api): void;
  stop(): void;
  /** True while it has work left that it would do without another event: what `settle()` waits for. */
  isBusy(): boolean;
  /** Does what has become due by the server's clock: called when that may have been moved. */
  wake?(): void;
}
