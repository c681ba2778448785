import { SpecError } from '@trueup/core';

/** The first thing that is wrong with an embedded authorization server. */
export interface AuthServerProblem {
  /** The field, from the structure on: `upstreamProviders[0].oauth2Config`. */
  readonly path: string;
  /** For the author of the spec. Fields that have another name in the run configuration go by that one. */
  readonly message: string;
}

/** The message of a problem within a larger spec: `under('spec.authServerConfig', problem)`. */
export function under(root: string, { path, message }: AuthServerProblem): string {
  return path !== '' && message.startsWith(path) ? `${root}.${message}` : `${root}: ${message}`;
}

/** No run configuration can be made of an embedded authorization server; only a change of some spec can help. */
export class AuthServerConfigError extends SpecError {
  /** The field, from the structure on. */
  readonly path: string;

  constructor({ path, message }: AuthServerProblem) {
    super(message);
    this.path = path;
  }
}

/** What is wrong with one item of a list. */
export interface ItemProblem {
  readonly index: number;
  readonly message: string;
}

/** The first item of a list that something is wrong with. */
export function firstProblem<Item>(
  items: readonly Item[],
  problemOf: (item: Item, index: number) => string | undefined,
): ItemProblem | undefined {
  for (const [index, item] of items.entries()) {
    const message = problemOf(item, index);
    if (message !== undefined) return { index, message };
  }
  return undefined;
}

/** As Go's `%q`: in double quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
