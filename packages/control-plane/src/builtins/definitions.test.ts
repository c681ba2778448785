import { describe, expect, it } from '@jest/globals';

import { builtinResources } from './builtin-resources.js';
import { definitionOf, schemaOf } from './definitions.js';
import { builtinComponents } from './openapi.js';

const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

describe('schemaOf', () => {
  it('replaces references, and keeps what a use adds to the definition', () => {
    const metadata = schemaOf('io.k8s.api.core.v1.Pod').properties?.['metadata'];

    expect(metadata).toMatchObject({ type: 'object', default: {}, properties: { name: { type: 'string' } } });
    expect(metadata && definitionOf(metadata)).toBe('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  });

  it('makes a cycle of a recursive kind', () => {
    const props = schemaOf(`${EXTENSIONS}.JSONSchemaProps`);

    expect(props.properties?.['not']).toBe(props);
    expect(props.properties?.['allOf']?.items?.properties).toBe(props.properties);
  });

  it('knows how lists merge', () => {
    expect(schemaOf('io.k8s.api.core.v1.PodSpec').properties?.['containers']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
  });
});

describe('builtinComponents', () => {
  it('has every definition that it refers to, for every group and version', () => {
    for (const { group, version } of builtinResources) {
      const components = builtinComponents(group, version);
      const references = JSON.stringify(components).matchAll(/"#\/components\/schemas\/([^"]+)"/g);

      for (const [, name = ''] of references) expect(components).toHaveProperty([name]);
    }
  });

  it('names the kinds, which is how kubectl finds their schemas', () => {
    const components = builtinComponents('apps', 'v1');

    expect(components['io.k8s.api.apps.v1.Deployment']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }],
    });
    expect(components).toHaveProperty(['io.k8s.api.autoscaling.v1.Scale']);
  });

  it('holds no documentation texts', () => {
    expect(JSON.stringify(builtinComponents('', 'v1'))).not.toMatch(/"description":"/);
  });
});
