import type { Objects } from './differences.js';
import type { FoundDifference } from './player.js';

/** Why ours differs from what was recorded, on purpose. */
export interface Explanation {
  /** Which differences: a pattern for `Kind/name.path`. */
  readonly where: RegExp;
  /** Only in recordings whose name matches; default all. */
  readonly recording?: RegExp;
  /** Only where this holds of the recorded and our value; default always. */
  readonly when?: (difference: FoundDifference) => boolean;
  /** The line of the specification, in short. */
  readonly because: string;
}

/** The recording has nothing there. */
export const isOursAlone = ({ recorded }: FoundDifference) => recorded === undefined;

/** Ours has nothing there. */
export const isGone = ({ ours }: FoundDifference) => ours === undefined;

/** What matters here of an object as it is compared. */
export interface ComparedObject {
  readonly metadata?: { readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[] };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly [hash: `${string}ConfigHash`]: string | undefined;
    readonly phase?: string;
    readonly message?: string;
    readonly conditions?: Readonly<Record<string, { readonly status: string; readonly message: string }>>;
  };
}

/** There is no such object here, and was none after the step before: what runs keeps running whatever is wrong. */
export const isNotMade = ({ where, ours, among }: FoundDifference) =>
  ours === undefined && !among.oursBefore.has(where);

/** The object that a difference is in, or what that object was made for: as recorded, ours, and ours a step before. */
export function subject({
  where,
  among,
}: FoundDifference): Readonly<Record<'recorded' | 'ours' | 'oursBefore', ComparedObject>> {
  const name = where.split('.')[0] ?? '';
  const owner = (find(among.recorded, name) ?? find(among.ours, name))?.metadata?.ownerReferences?.[0];
  const about = owner === undefined ? name : `${owner.kind}/${owner.name}`;
  return {
    recorded: find(among.recorded, about) ?? {},
    ours: find(among.ours, about) ?? {},
    oursBefore: find(among.oursBefore, about) ?? {},
  };
}

function find(objects: Objects, name: string): ComparedObject | undefined {
  return objects.get(name) as ComparedObject | undefined;
}

/** It was told to have failed, and so does ours. */
export const bothFailed = (difference: FoundDifference) => {
  const { recorded, ours } = subject(difference);
  return recorded.status?.phase === 'Failed' && ours.status?.phase === 'Failed';
};

export function explains({ where, recording, when }: Explanation, difference: FoundDifference): boolean {
  return (
    where.test(difference.where) && (recording?.test(difference.recording) ?? true) && (when?.(difference) ?? true)
  );
}
