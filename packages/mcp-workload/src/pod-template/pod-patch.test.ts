import { describe, expect, it } from '@jest/globals';
import { podPatch, podPatchContents } from './pod-patch.js';

const secret = { name: 'github-token', key: 'token', targetEnvName: 'GITHUB_PERSONAL_ACCESS_TOKEN' };

describe('podPatch', () => {
  it.each([
    [
      'is the service account alone for a server without a template',
      { serviceAccountName: 'fetch-sa' },
      '{"metadata":{},"spec":{"containers":[],"serviceAccountName":"fetch-sa"}}',
    ],
    [
      'tells an empty template of the user from none',
      { podTemplate: {}, serviceAccountName: 'fetch-sa' },
      '{"metadata":{},"spec":{"containers":null,"serviceAccountName":"fetch-sa"}}',
    ],
    [
      'adds the backend container for secrets',
      { serviceAccountName: 'github-sa', secrets: [secret] },
      '{"metadata":{},"spec":{"containers":[{"name":"mcp","env":[{"name":"GITHUB_PERSONAL_ACCESS_TOKEN","valueFrom":{"secretKeyRef":{"name":"github-token","key":"token"}}}],"resources":{}}],"serviceAccountName":"github-sa"}}',
    ],
    [
      'names the variable after the key when no name is given',
      { secrets: [{ name: 'oauth', key: 'cs' }] },
      '{"metadata":{},"spec":{"containers":[{"name":"mcp","env":[{"name":"cs","valueFrom":{"secretKeyRef":{"name":"oauth","key":"cs"}}}],"resources":{}}]}}',
    ],
    [
      'appends secrets to the environment of the backend container that is there',
      {
        podTemplate: { spec: { containers: [{ name: 'side' }, { name: 'mcp', env: [{ name: 'A', value: '1' }] }] } },
        secrets: [{ name: 's', key: 'K' }],
      },
      '{"metadata":{},"spec":{"containers":[{"name":"side","resources":{}},{"name":"mcp","env":[{"name":"A","value":"1"},{"name":"K","valueFrom":{"secretKeyRef":{"name":"s","key":"K"}}}],"resources":{}}]}}',
    ],
    [
      'puts the service account over the one in the template',
      { podTemplate: { spec: { serviceAccountName: 'zzz' } }, serviceAccountName: 'own' },
      '{"metadata":{},"spec":{"containers":null,"serviceAccountName":"own"}}',
    ],
    [
      'leaves the service account of the template alone when told to use none',
      { podTemplate: { spec: { serviceAccountName: 'zzz' } }, serviceAccountName: '' },
      '{"metadata":{},"spec":{"containers":null,"serviceAccountName":"zzz"}}',
    ],
    [
      'mounts volumes of the node into the backend',
      { volumes: [{ name: 'data', hostPath: '/srv', mountPath: '/data', readOnly: true }] },
      '{"metadata":{},"spec":{"volumes":[{"name":"data","hostPath":{"path":"/srv"}}],"containers":[{"name":"mcp","resources":{},"volumeMounts":[{"name":"data","readOnly":true,"mountPath":"/data"}]}]}}',
    ],
    [
      'keeps a volume of the template over one of the same name',
      {
        podTemplate: { spec: { volumes: [{ name: 'data', emptyDir: {} }] } },
        volumes: [{ name: 'data', hostPath: '/srv', mountPath: '/data' }],
      },
      '{"metadata":{},"spec":{"volumes":[{"name":"data","emptyDir":{}}],"containers":null}}',
    ],
    [
      'escapes what Go escapes',
      { podTemplate: { metadata: { annotations: { note: 'a<b' } } } },
      '{"metadata":{"annotations":{"note":"a\\u003cb"}},"spec":{"containers":null}}',
    ],
    [
      'puts annotations of the operator over those of the template',
      { podTemplate: { metadata: { annotations: { own: '1', digest: 'x' } } }, annotations: { digest: 'y' } },
      '{"metadata":{"annotations":{"digest":"y","own":"1"}},"spec":{"containers":null}}',
    ],
  ])('%s', (_, parts, patch) => {
    expect(podPatch(parts)).toBe(patch);
  });

  it.each([
    ['nothing', {}],
    ['an empty template and no service account', { podTemplate: {}, serviceAccountName: '' }],
    ['fields that Kubernetes does not know', { podTemplate: { spec: { colour: 'red' } } }],
  ])('is not there for %s', (_, parts) => {
    expect(podPatch(parts)).toBeUndefined();
  });
});

describe('podPatchContents', () => {
  it('names what the backend does not start without', () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'k', optional: true } } }];
    const podTemplate = { spec: { containers: [{ name: 'side', env }] } };
    expect(podPatchContents({ podTemplate, secrets: [secret] })).toEqual([
      { kind: 'ConfigMap', name: 'm', key: 'k', optional: true },
      { kind: 'Secret', name: 'github-token', key: 'token' },
    ]);
    expect(podPatchContents({ podTemplate: {} })).toEqual([]);
  });
});
