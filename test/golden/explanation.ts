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

export function explains({ where, recording, when }: Explanation, difference: FoundDifference): boolean {
  return (
    where.test(difference.where) && (recording?.test(difference.recording) ?? true) && (when?.(difference) ?? true)
  );
}
