import type { KindOf } from '../kind/kind.js';

/** How children of a kind are owned. */
export interface OwnershipOptions {
  /**
   * What becomes of a field that a child should have and that another field manager set to something else.
   *
   * - `restore` (default): what somebody edited is put back, and an event says who it was. What another manager applies is a
   *   standing claim: it is left to it, the condition `ChildConflict` and an event name it, and nothing more is applied until
   *   one of the two gives way.
   * - `report`: nothing is ever taken from anybody; an edit is a conflict, too.
   * - `force`: everything is taken, and an event says from whom.
   *
   * @see {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts | Conflicts of server-side apply}
   */
  readonly conflicts?: 'restore' | 'report' | 'force';
  /**
   * Whether an object that was there before, and that no controller owns, becomes the child. Default false: it is left alone,
   * and the condition `ChildConflict` says so. One that this controller had applied before is always taken back.
   */
  readonly adopt?: boolean;
  /**
   * Whether a child that is no longer desired, or whose owner is deleted, is left behind without an owner instead of being
   * removed. Default false.
   */
  readonly orphan?: boolean;
  /**
   * Says of an owner whether the API server is asked first if it would take its children of this kind: before anything of a
   * pass is written, those that differ are sent as a dry run, and what it refuses leaves everything as it is. For children
   * with parts in them that users write freely, like a pod template. Default: never.
   */
  // A kind's own type cannot be known here.
  readonly rehearse?: (owner: never) => boolean;
}

/** A kind of children that is not owned as all others are. */
export interface Ownership extends OwnershipOptions {
  readonly kind: KindOf;
}
