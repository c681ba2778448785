import { isOursAlone, type Explanation } from '../explanation.js';

export const ALL_KINDS: readonly Explanation[] = [
  {
    where: /\.status(\.conditions\.[^.]+)?\.observedGeneration$/,
    when: isOursAlone,
    because: 'config-pattern 6 and 12.6: observedGeneration is set on every completed pass and on every condition',
  },
];
