import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Operation } from './operation.js';
import { configMaps } from './test-support/scripted-server.js';
import { splitLines } from './watch-stream.js';

const OPERATION: Operation = { verb: 'watch', resource: configMaps };

async function linesOf(chunks: Iterable<Buffer>): Promise<string[]> {
  const lines: string[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const line of splitLines(source, OPERATION)) lines.push(line);
  return lines;
}

describe('splitLines', () => {
  it('gives the same lines, however the bytes were cut', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const chunks: Buffer[] = [];
          for (let start = 0, turn = 0; start < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(bytes.subarray(start, start + size));
            start += size;
          }

          expect(await linesOf(chunks)).toEqual(lines);
        },
      ),
    );
  });

  it('limits a line, not the stream', async () => {
    const half = Buffer.alloc(7 * 1024 * 1024, 'x');
    const rest = Buffer.concat([half, Buffer.from('\n')]);

    expect(await linesOf([half, rest, half, rest])).toHaveLength(2);
    await expect(linesOf([half, half, half])).rejects.toMatchObject({ problem: 'oversized' });
  });

  it('does not pass off half a line as a whole one', async () => {
    await expect(linesOf([Buffer.from('whole\nhal')])).rejects.toMatchObject({
      code: 'ERR_KUBE_WATCH_STREAM',
      problem: 'truncated',
      message: 'watch ConfigMap: the stream ended in the middle of an event',
    });
  });
});
