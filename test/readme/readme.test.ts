import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigMap } from '@trueup/core';
import { Harness } from '@trueup/testing';
import { Website, website } from './website.js';

describe("the README's example", () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start({ modules: [website] });
  });
  afterAll(() => harness.stop());

  it('is the file that is tested here', async () => {
    const [readme, example] = await Promise.all([
      readFile(new URL('../../README.md', import.meta.url), 'utf8'),
      readFile(new URL('website.ts', import.meta.url), 'utf8'),
    ]);
    expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  it('makes a ConfigMap of a website, keeps it so, and lets it go with the website', async () => {
    const aSite = { apiVersion: 'example.com/v1', kind: 'Website', metadata: { name: 'home' } };
    await harness.apply({ ...aSite, spec: { html: '<h1>Hello</h1>' } });
    await harness.settle();
    expect((await harness.require(ConfigMap, 'home')).data).toEqual({ 'index.html': '<h1>Hello</h1>' });

    await harness.patch(ConfigMap, 'home', { data: { 'index.html': 'defaced' } });
    await harness.settle();
    expect((await harness.require(ConfigMap, 'home')).data).toEqual({ 'index.html': '<h1>Hello</h1>' });

    await harness.delete(Website, 'home');
    await harness.settle();
    expect(await harness.get(ConfigMap, 'home')).toBeUndefined();
  });

  it('refuses what its kind refuses', async () => {
    const tooLong = {
      apiVersion: 'example.com/v1',
      kind: 'Website',
      metadata: { name: 'long' },
      spec: { html: 'x'.repeat(10_001) },
    };
    await expect(harness.apply(tooLong)).rejects.toThrow(/spec\.html: Too long: may not be more than 10000 bytes/);
  });
});
