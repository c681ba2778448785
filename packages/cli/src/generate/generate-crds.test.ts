import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineKind } from '@trueup/core';
import { load } from 'js-yaml';
import { z } from 'zod';
import { crdFiles, staleFiles, writeFiles } from './generate-crds.js';

const Widget = defineKind({
  group: 'example.com',
  kind: 'Widget',
  versions: { v1: {} },
  spec: z.object({ size: z.int() }),
});

describe('generated CustomResourceDefinitions', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trueup-generate-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are one file a kind, and those of kinds that are no more go', async () => {
    await writeFile(path.join(folder, 'gone.yaml'), 'kind: Gone\n');
    await writeFile(path.join(folder, 'README.md'), 'by hand\n');
    await writeFiles(folder, crdFiles([Widget]));
    expect(await readdir(folder)).toEqual(['README.md', 'widgets.yaml']);
    expect(load(await readFile(path.join(folder, 'widgets.yaml'), 'utf8'))).toMatchObject({
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
    });
    expect(await staleFiles(folder, crdFiles([Widget]))).toEqual([]);
  });

  it('are found stale when edited, missing or left over', async () => {
    const files = crdFiles([Widget]);
    expect(await staleFiles(folder, files)).toEqual(['widgets.yaml']);
    await writeFiles(folder, files);
    await writeFile(path.join(folder, 'widgets.yaml'), 'edited\n');
    await writeFile(path.join(folder, 'other.yaml'), 'left over\n');
    expect(await staleFiles(folder, files)).toEqual(['other.yaml', 'widgets.yaml']);
  });
});
