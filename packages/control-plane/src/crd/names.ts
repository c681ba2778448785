import type { DefinitionCondition, DefinitionNames, DefinitionSpec } from './definition.js';

export interface NameDecision {
  readonly acceptedNames: DefinitionNames;
  readonly condition: Omit<DefinitionCondition, 'lastTransitionTime'>;
}

/**
 * Decides which of the names a definition asks for it gets. Plural, singular and short names share one set in a group,
 * kind and list kind another; what it has already it keeps.
 *
 * @param others - The accepted names of the group's other definitions.
 */
export function acceptNames(
  { names }: DefinitionSpec,
  accepted: DefinitionNames,
  others: readonly DefinitionNames[],
): NameDecision {
  const resources = new Set(others.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]));
  const kinds = new Set(others.flatMap(({ kind, listKind }) => [kind, listKind]));
  const next = { ...accepted, categories: names.categories };
  let condition: NameDecision['condition'] = {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
  const conflict = (reason: string, taken: readonly string[]): void => {
    const texts = taken.map((name) => `${JSON.stringify(name)} is already in use`);
    condition = {
      type: 'NamesAccepted',
      status: 'False',
      reason,
      message: texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? ''),
    };
  };
  const decide = (field: 'plural' | 'singular' | 'kind' | 'listKind', used: Set<string>, reason: string): void => {
    const wanted = names[field];
    if (wanted !== accepted[field] && used.has(wanted)) conflict(reason, [wanted]);
    else next[field] = wanted;
  };
  decide('plural', resources, 'PluralConflict');
  decide('singular', resources, 'SingularConflict');
  const taken = names.shortNames.filter((name) => !accepted.shortNames.includes(name) && resources.has(name));
  if (taken.length > 0) conflict('ShortNamesConflict', taken);
  else next.shortNames = names.shortNames;
  decide('kind', kinds, 'KindConflict');
  decide('listKind', kinds, 'ListKindConflict');
  return { acceptedNames: next, condition };
}
