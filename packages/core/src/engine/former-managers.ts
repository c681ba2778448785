import type { KubernetesObject, ManagedFieldsEntry } from '@trueup/kube';
import type { FieldOwner } from './applied.js';

type FieldSet = Readonly<Record<string, unknown>>;

/**
 * The managedFields of an object after an owner has taken over what writers before it set with updates and patches;
 * undefined when they set nothing there. Without that, fields they set and nobody states any more would stay for ever:
 * server-side apply removes only what its own manager had applied.
 *
 * @see client-go's `csaupgrade`, which does the same for `kubectl apply --server-side`
 */
export function takenOver(
  { metadata: { managedFields = [] } }: KubernetesObject,
  owner: FieldOwner,
  formerManagers: readonly string[],
): readonly ManagedFieldsEntry[] | undefined {
  const isThere = (entry: ManagedFieldsEntry) => (entry.subresource ?? '') === (owner.subresource ?? '');
  const former = managedFields.filter(
    (entry) => entry.operation === 'Update' && isThere(entry) && formerManagers.includes(entry.manager ?? ''),
  );
  const [first] = former;
  if (first === undefined) return undefined;
  const own = managedFields.find(
    (entry) => entry.operation === 'Apply' && isThere(entry) && entry.manager === owner.manager,
  );
  const fieldsV1 = [...former, ...(own === undefined ? [] : [own])]
    .map((entry): FieldSet => entry.fieldsV1 ?? {})
    .reduce(union);
  const taken: ManagedFieldsEntry = { ...(own ?? first), manager: owner.manager, operation: 'Apply', fieldsV1 };
  return [...managedFields.filter((entry) => entry !== own && !former.includes(entry)), taken];
}

function union(a: FieldSet, b: FieldSet): FieldSet {
  const fields = new Map(Object.entries(a));
  for (const [path, members] of Object.entries(b)) {
    const known = fields.get(path);
    fields.set(path, isFieldSet(known) && isFieldSet(members) ? union(known, members) : members);
  }
  return Object.fromEntries(fields);
}

const isFieldSet = (value: unknown): value is FieldSet => typeof value === 'object' && value !== null;
