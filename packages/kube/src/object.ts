/** An object as the API server stores it: plain JSON, timestamps as strings, fields this client never heard of included. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object that the server is to name: `generateName` and five characters. */
export interface UnnamedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Omit<ObjectMeta, 'name'> & { readonly name?: undefined; readonly generateName: string };
}

/** The object when it has its name. */
export type Named<T extends KubernetesObject | UnnamedObject> = T extends KubernetesObject
  ? T
  : Omit<T, 'metadata'> & KubernetesObject;

/** {@link https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#metadata | Standard object metadata} */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** One writer's share of an object, as server-side apply tracks it. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
  readonly subresource?: string;
}

/** Namespace and name of an object; cluster-scoped objects have no namespace. */
export interface NamespacedName {
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or the bare name at cluster scope: how messages and logs name an object. */
export function formatName({ namespace, name }: NamespacedName): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function nameOf(object: KubernetesObject): NamespacedName {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? { name } : { namespace, name };
}
