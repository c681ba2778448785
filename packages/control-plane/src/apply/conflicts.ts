import { StatusError } from '../status-error.js';
import type { FieldSet } from './field-set.js';
import { compareText, type Manager } from './managers.js';
import { printPath, type PathElement } from './path-element.js';

/** A field that an apply would take from the manager who owns it. */
export interface Conflict {
  /** The manager's identity. */
  readonly identity: string;
  readonly manager: Manager;
  readonly path: readonly PathElement[];
}

/** The conflicting fields one by one, ordered by manager. */
export function listConflicts(
  conflicts: ReadonlyMap<string, FieldSet>,
  managers: ReadonlyMap<string, Manager>,
): Conflict[] {
  const list: Conflict[] = [];
  for (const [identity, fields] of [...conflicts].sort(([left], [right]) => compareText(left, right))) {
    const manager = managers.get(identity);
    if (manager !== undefined) for (const path of fields.paths()) list.push({ identity, manager, path });
  }
  return list;
}

/** The 409 of an apply without force, in the API server's words. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: printPath(path),
  }));
  return new StatusError(409, 'Conflict', conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.manager)}: ${printPath(first.path)}`;
  }
  const lines: string[] = [];
  let previous: string | undefined;
  for (const { identity, manager, path } of conflicts) {
    if (identity !== previous) lines.push(`conflicts with ${printManager(manager)}:`);
    lines.push(`- ${printPath(path)}`);
    previous = identity;
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function printManager({ name, operation, apiVersion, subresource }: Manager): string {
  const of = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return JSON.stringify(name) + of + (operation === 'Update' ? ` using ${apiVersion}` : '');
}
