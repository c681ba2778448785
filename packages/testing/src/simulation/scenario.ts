import type { ControlPlane } from '@trueup/control-plane';
import type { KindOf, OperatorModule, OperatorOptions } from '@trueup/core';
import type { ManifestObject } from '../harness.js';

/** Something that a user does. */
export type Deed =
  /** Objects, or the documents of a YAML text, in the namespace of the simulation where they name none. */
  | { readonly type: 'apply'; readonly objects: readonly (ManifestObject | string)[] }
  /** Merge-patches an object. */
  | { readonly type: 'edit'; readonly kind: KindOf; readonly name: string; readonly patch: object }
  | { readonly type: 'delete'; readonly kind: KindOf; readonly name: string };

/** Deeds that follow each other at once. Only then everything comes to rest, and is compared. */
export interface Step {
  /** For people: `the config breaks`. */
  readonly name: string;
  readonly deeds: readonly Deed[];
}

/** What users do to an operator. */
export interface Scenario {
  readonly name: string;
  readonly modules: readonly OperatorModule[];
  readonly register?: OperatorOptions['register'];
  /** Names of fields that the operator fills by lot, a generated password say. They are not compared. */
  readonly drawn?: readonly string[];
  /** Called with the API server before anything runs: the place for stand-ins of container images. */
  readonly prepare?: (controlPlane: ControlPlane) => unknown;
  readonly steps: readonly [Step, ...Step[]];
}

/** A step in which objects are applied. */
export function applies(name: string, ...objects: readonly (ManifestObject | string)[]): Step {
  return { name, deeds: [{ type: 'apply', objects }] };
}

/** A step in which an object is merge-patched. */
export function edits(name: string, kind: KindOf, object: string, patch: object): Step {
  return { name, deeds: [{ type: 'edit', kind, name: object, patch }] };
}

/** A step in which an object is deleted. */
export function deletes(name: string, kind: KindOf, object: string): Step {
  return { name, deeds: [{ type: 'delete', kind, name: object }] };
}

/** Steps of which the next begins before the one before has come to rest. */
export function inOneGo(name: string, ...steps: readonly Step[]): Step {
  return { name, deeds: steps.flatMap(({ deeds }) => deeds) };
}
