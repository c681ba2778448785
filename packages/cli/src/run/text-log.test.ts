import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { textLog } from './text-log.js';

it('writes a line of words and fields for each line of the log', () => {
  const lines: string[] = [];
  const timestamp = () => ',"time":1767225600000';
  const log = pino({ name: 'any', timestamp }, textLog({ write: (line) => void lines.push(line) }));
  log.info({ kind: 'Note', name: 'a', cause: 'a "b"', counts: { a: 1 } }, 'reconciled');
  log.warn('slow');
  expect(lines).toEqual([
    '2026-01-01T00:00:00.000Z INFO reconciled kind=Note cause="a \\"b\\"" counts={"a":1}\n',
    '2026-01-01T00:00:00.000Z WARN slow\n',
  ]);
});
