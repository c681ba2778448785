import { describe, expect, it } from '@jest/globals';
import { parseRoute } from './route.js';

describe('parseRoute', () => {
  it.each([
    ['/api', { type: 'api' }],
    ['/apis/apps', { type: 'group', group: 'apps' }],
    ['/apis/apps/v1', { type: 'version', group: 'apps', version: 'v1' }],
    ['/api/v1/pods', { group: '', version: 'v1', plural: 'pods' }],
    ['/api/v1/namespaces/a', { plural: 'namespaces', name: 'a' }],
    ['/api/v1/namespaces/a/status', { plural: 'namespaces', name: 'a', subresource: 'status' }],
    ['/api/v1/namespaces/a/finalize', { plural: 'namespaces', name: 'a', subresource: 'finalize' }],
    ['/api/v1/namespaces/a/pods', { namespace: 'a', plural: 'pods' }],
    ['/api/v1/namespaces/a/pods/p/log', { namespace: 'a', plural: 'pods', name: 'p', subresource: 'log' }],
    ['/apis/example.com/v1/watch/namespaces/a/widgets', { watch: true, namespace: 'a', plural: 'widgets' }],
    ['/apis/rbac.authorization.k8s.io/v1/clusterroles/system:x%2Fy', { plural: 'clusterroles', name: 'system:x/y' }],
    ['/healthz', { type: 'other', path: '/healthz' }],
  ])('%s', (path, expected) => {
    expect(parseRoute(path)).toMatchObject(expected);
  });

  it('names no object and no namespace for a list across namespaces', () => {
    expect(parseRoute('/apis/apps/v1/deployments')).toEqual({
      type: 'resource',
      group: 'apps',
      version: 'v1',
      plural: 'deployments',
      watch: false,
    });
  });
});
