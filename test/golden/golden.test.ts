import { beforeAll, describe, expect, it } from '@jest/globals';
import application from '../../examples/operator/src/operator.js';
import { explains } from './explanation.js';
import { EXPLANATIONS } from './explanations/index.js';
import { play, type FoundDifference } from './player.js';
import { areThere, foreignDefinitions, recordings, type Recording } from './recordings.js';

/* What the sample operator makes of objects, against what an existing operator was recorded to make of them.
   `GOLDEN=PATTERN` plays only the recordings with such names. */

const TIMEOUT_MS = 240_000;
const pattern = process.env['GOLDEN'];
const isChosen = ({ name }: Recording) => new RegExp(pattern ?? '').test(name);

if (!areThere) process.stderr.write('the recordings are not beside the project: they are not compared with\n');
const { admitted, beyondAdmission } = areThere ? recordings() : { admitted: [], beyondAdmission: [] };
const names = [...admitted, ...beyondAdmission].filter(isChosen).map(({ name }) => name);

(areThere ? describe : describe.skip)('what the sample operator makes of objects', () => {
  let found: readonly FoundDifference[];

  beforeAll(async () => {
    const { modules } = application;
    const foreign = foreignDefinitions(modules.flatMap(({ kinds }) => kinds.map(({ resource }) => resource.plural)));
    found = [
      ...(await play(admitted.filter(isChosen), { modules, foreign, hasRules: true })),
      ...(await play(beyondAdmission.filter(isChosen), { modules, foreign, hasRules: false })),
    ];
  }, TIMEOUT_MS);

  it.each(names)('is as recorded, but for what is explained: %s', (name) => {
    const left = found.filter(
      (difference) =>
        difference.recording === name && !EXPLANATIONS.some((explanation) => explains(explanation, difference)),
    );
    expect(left.map(line)).toEqual([]);
  });

  (pattern === undefined ? it : it.skip)('has no explanation that explains nothing', () => {
    const idle = EXPLANATIONS.filter((explanation) => !found.some((difference) => explains(explanation, difference)));
    expect(idle.map(({ where, because }) => `${String(where)}: ${because}`)).toEqual([]);
  });
});

function line({ step, where, recorded, ours }: FoundDifference): string {
  const show = (value: unknown) => (value === undefined ? 'absent' : JSON.stringify(value).slice(0, 300));
  return `step ${String(step)}, ${where}: recorded ${show(recorded)}, ours ${show(ours)}`;
}
