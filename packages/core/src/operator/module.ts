import type { DependencyContainer } from '../dependency-injection.js';
import type { Kind } from '../kind/kind.js';

/** A class that dependency injection can build. */
// Constructor parameters are contravariant: only `never[]` accepts every class.
export type Constructor<T = object> = new (...parameters: never[]) => T;

/** One installable part of an operator: a kind or a family of kinds with their behaviour. */
export interface OperatorModule {
  /** For messages: the package's name. */
  readonly name: string;
  /** Kinds whose CustomResourceDefinitions this module brings. */
  readonly kinds: readonly Kind[];
  /** Classes decorated with `@Reconciler` or `@SharedConfig`. */
  readonly reconcilers: readonly Constructor[];
  /** Further classes with `@Validates` and `@Mutates` methods; those of reconcilers need no mention. */
  readonly webhooks?: readonly Constructor[];
  /** Registers services in the operator's own container. An application may override what is registered here. */
  readonly register?: (container: DependencyContainer) => void;
}

/** Declares a module. Gives back what it gets; exists for the type and for the reader. */
export function defineModule(module: OperatorModule): OperatorModule {
  return module;
}
