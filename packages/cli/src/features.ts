import type { OperatorModule } from '@trueup/core';
import { CommandError } from './command-error.js';

/** Part of an application that is only there where the environment asks for it. */
export interface Feature {
  /** Names the rules of its modules in a chart: `rbac/<name>.yaml`. */
  readonly name: string;
  /** The variable that turns it on. Unset: it is off. */
  readonly variable: string;
  readonly modules: readonly OperatorModule[];
  /** Whether it makes no sense in some namespaces only. Default false. */
  readonly needsAllNamespaces?: boolean;
}

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/**
 * The features that the environment turns on.
 *
 * @param namespaces - Those the operator is limited to; empty for all.
 * @throws {@link CommandError} for a variable that is neither true nor false, and for a feature that needs more namespaces.
 */
export function enabledFeatures(
  features: readonly Feature[],
  env: Readonly<Record<string, string | undefined>>,
  namespaces: readonly string[] = [],
): readonly Feature[] {
  return features.filter((feature) => isEnabled(feature, env[feature.variable], namespaces));
}

function isEnabled(
  { variable, needsAllNamespaces }: Feature,
  text: string | undefined,
  namespaces: readonly string[],
): boolean {
  if (text === undefined || FALSE.includes(text)) return false;
  const quoted = JSON.stringify(text);
  if (!TRUE.includes(text)) {
    const why = `strconv.ParseBool: parsing ${quoted}: invalid syntax`;
    throw new CommandError(`invalid value for ${variable}: ${quoted} (expected true/false): ${why}`);
  }
  if (needsAllNamespaces && namespaces.length > 0) {
    const only = namespaces.join(', ');
    throw new CommandError(
      `${variable} is ${text}, which needs all namespaces, and WATCH_NAMESPACE is ${only}; unset one`,
    );
  }
  return true;
}
