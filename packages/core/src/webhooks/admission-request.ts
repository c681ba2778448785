import type { Client, KubernetesObject, Logger } from '@trueup/kube';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Who makes a request. */
export interface AdmissionUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a webhook knows of a request besides the object. */
export interface AdmissionRequest<T extends KubernetesObject = KubernetesObject> {
  readonly operation: AdmissionOperation;
  /** The object as it is stored, frozen, when it is being updated. */
  readonly old: T | undefined;
  /** Absent while the API server has yet to make one up (`generateName`). */
  readonly name: string | undefined;
  /** Absent for objects that are in none. */
  readonly namespace: string | undefined;
  readonly user: AdmissionUser;
  /** Nothing will be stored. A webhook with effects of its own leaves them out. */
  readonly isDryRun: boolean;
  /** Aborts when the API server stops waiting. */
  readonly signal: AbortSignal;
  /** Carries the webhook, the kind, the operation and the uid of the request. */
  readonly log: Logger;
  /** For what the webhook must look up; the calls end with `signal`. Declare them with `@Permissions`. */
  readonly client: Client;
  /**
   * Tells something to whoever makes the request, whatever the answer: kubectl prints it. At most 256 characters, no secrets.
   */
  warn(text: string): void;
}
