import type { JsonObject, KubeObject } from '../object.js';
import type { Resource } from './resource.js';
import type { UserInfo } from './write-context.js';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A write on its way to the store, as admission plugins see it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: Resource;
  readonly subresource?: string;
  /** What the objects are where they are none of the resource: a Scale, an Eviction. */
  readonly kind?: GroupVersionKind;
  readonly namespace?: string;
  /** Empty when the name is not generated yet, and for deletecollection. */
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** The CreateOptions, UpdateOptions or DeleteOptions of the request. */
  readonly options: JsonObject;
  /** The object to be written; absent for DELETE. Mutating plugins change it in place. */
  readonly object?: KubeObject;
  /** The object as it is; absent for CREATE. */
  readonly oldObject?: Readonly<KubeObject>;
  warn(text: string): void;
}

/** One step of admission. A plugin refuses by throwing a StatusError. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Before the object is validated; may change it. */
  mutate?(request: AdmissionRequest): Promise<void> | void;
  /** On the final object; must not change it. */
  validate?(request: AdmissionRequest): Promise<void> | void;
}

/** All plugins, in order. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const done = plugin.mutate?.(request);
      // Most are done at once, with nothing to wait for.
      if (done) await done;
    }
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const done = plugin.validate?.(request);
      if (done) await done;
    }
  }
}
