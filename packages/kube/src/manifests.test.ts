import { describe, expect, it } from '@jest/globals';
import { parseManifests } from './manifests.js';

describe('parseManifests', () => {
  it('reads every document, skips empty ones and takes lists apart', () => {
    const text = `
apiVersion: v1
kind: Namespace
metadata: {name: a}
---
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: b}}
- {apiVersion: v1, kind: Pod, metadata: {generateName: c-}}
`;

    const manifests = parseManifests(text, 'app.yaml');

    expect(manifests.map(({ source, object }) => [source, object.kind])).toEqual([
      ['app.yaml (document 1)', 'Namespace'],
      ['app.yaml (document 2)', 'Secret'],
      ['app.yaml (document 2)', 'Pod'],
    ]);
  });

  it.each([
    { text: 'kind: Pod\nmetadata: {name: a}', message: 'app.yaml: apiVersion is missing' },
    { text: 'apiVersion: v1\nkind: Pod', message: 'app.yaml: Pod without metadata.name' },
    { text: '- 1', message: 'app.yaml: not a Kubernetes object, but [1]' },
    { text: 'a: [', message: /^app\.yaml: / },
  ])('says where and what is missing: $message', ({ text, message }) => {
    expect(() => parseManifests(text, 'app.yaml')).toThrow(
      expect.objectContaining({
        code: 'ERR_KUBE_MANIFEST_INVALID',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });
});
