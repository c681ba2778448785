import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigMap } from '@trueup/core';
import { Harness } from '@trueup/testing';
import { embeddedOnly } from '@trueup/testing/embedded-only';
import { Site, sites } from './sites.js';
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

describe("the example of webhooks in core's README", () => {
  it('is the file that is tested here', async () => {
    const [readme, example] = await Promise.all([
      readFile(new URL('../../packages/core/README.md', import.meta.url), 'utf8'),
      readFile(new URL('sites.ts', import.meta.url), 'utf8'),
    ]);
    expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  embeddedOnly('fills in a host, keeps hosts, and converts from an older version', async () => {
    await using harness = await Harness.start({ modules: [sites] });
    const aSite = (name: string, spec: object, version = 'v1') => ({
      apiVersion: `example.com/${version}`,
      kind: 'Site',
      metadata: { name },
      spec,
    });
    await harness.apply(aSite('home', {}), aSite('shop', { host: 'shop.example.com' }, 'v1beta1'));
    expect((await harness.require(Site, 'home')).spec).toEqual({ hosts: ['home.example.com'] });
    expect((await harness.require(Site, 'shop')).spec).toEqual({ hosts: ['shop.example.com'] });
    await expect(harness.apply(aSite('home', { hosts: ['other.example.com'] }))).rejects.toThrow(
      'admission webhook "hosts-stay.sites.example.com" denied the request: Site.example.com "home" is invalid: ' +
        'spec.hosts: Forbidden: people have links to home.example.com',
    );
  });
});
