import { describe, expect, it } from '@jest/globals';
import { RbacAuthorizer } from '../authorization/rbac-authorizer.js';
import { builtinResources } from '../builtins/builtin-resources.js';
import type { JsonObject } from '../object.js';
import type { AdmissionRequest } from '../resources/admission.js';
import { ResourceRegistry } from '../resources/registry.js';
import { Store } from '../storage/store.js';
import { AuditLog } from './audit-log.js';
import { match, readMatchCriteria } from './match-criteria.js';
import { WebhookClient } from './webhook-client.js';

const registry = new ResourceRegistry(builtinResources);
const store = new Store();
const environment = {
  store,
  registry,
  client: new WebhookClient(),
  authorizer: new RbacAuthorizer(store),
  audit: new AuditLog(),
};
environment.store
  .table('namespaces')
  .add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { team: 'blue' } } });

function aRequest(plural: string, parts: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const resource = registry.all().find((candidate) => candidate.plural === plural);
  if (!resource) throw new Error(`${plural} is not served`);
  return {
    operation: 'UPDATE',
    resource,
    ...(resource.namespaced && { namespace: 'a' }),
    name: 'x',
    user: { username: 'u', groups: [] },
    dryRun: false,
    options: {},
    object: { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'x', labels: { app: 'new' } } },
    oldObject: { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'x', labels: { app: 'old' } } },
    warn: () => undefined,
    ...parts,
  };
}

function matches(criteria: JsonObject, request: AdmissionRequest): boolean {
  return match(readMatchCriteria(criteria, 'rules'), request, environment) !== undefined;
}

const EVERYTHING = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] };

describe('a rule', () => {
  const ofResources = (...resources: string[]): JsonObject => ({ rules: [{ ...EVERYTHING, resources }] });

  it.each([
    { resources: 'pods', path: 'pods', is: true },
    { resources: 'pods', path: 'pods/status', is: false },
    { resources: 'pods/status', path: 'pods/status', is: true },
    { resources: 'pods/status', path: 'pods', is: false },
    { resources: 'pods/*', path: 'pods/status', is: true },
    { resources: 'pods/*', path: 'pods', is: true },
    { resources: '*', path: 'pods', is: true },
    { resources: '*', path: 'pods/status', is: false },
    { resources: '*/status', path: 'pods/status', is: true },
    { resources: '*/*', path: 'pods/status', is: true },
    { resources: 'services', path: 'pods', is: false },
  ])('for $resources is about $path: $is', ({ resources, path, is }) => {
    const [plural = '', subresource] = path.split('/');

    expect(matches(ofResources(resources), aRequest(plural, subresource === undefined ? {} : { subresource }))).toBe(
      is,
    );
  });

  it.each([
    { rule: { operations: ['CREATE', 'UPDATE'] }, is: true },
    { rule: { operations: ['DELETE'] }, is: false },
    { rule: { apiGroups: [''] }, is: true },
    { rule: { apiGroups: ['apps'] }, is: false },
    { rule: { apiVersions: ['v2'] }, is: false },
    { rule: { scope: 'Namespaced' }, is: true },
    { rule: { scope: 'Cluster' }, is: false },
    { rule: { resourceNames: ['x'] }, is: true },
    { rule: { resourceNames: ['y'] }, is: false },
  ])('with $rule is about an update of a pod: $is', ({ rule, is }) => {
    expect(matches({ rules: [{ ...EVERYTHING, ...rule }] }, aRequest('pods'))).toBe(is);
  });

  it('that is excluded outweighs the others', () => {
    const excludeResourceRules = [{ ...EVERYTHING, resources: ['pods'] }];

    expect(matches({ rules: [EVERYTHING], excludeResourceRules }, aRequest('pods'))).toBe(false);
  });
});

describe('a selector', () => {
  const rules = [EVERYTHING];
  const blue = { rules, namespaceSelector: { matchLabels: { team: 'blue' } } };
  const red = { rules, namespaceSelector: { matchLabels: { team: 'red' } } };

  it('of namespaces looks at the labels of the namespace that the object is in', () => {
    expect([matches(blue, aRequest('pods')), matches(red, aRequest('pods'))]).toEqual([true, false]);
  });

  it('of namespaces lets cluster-scoped objects through', () => {
    expect(matches(red, aRequest('nodes'))).toBe(true);
  });

  it('of namespaces looks at the labels that a namespace is about to have', () => {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { team: 'red' } } };

    expect(matches(red, aRequest('namespaces', { namespace: 'a', object }))).toBe(true);
  });

  it('of namespaces fails a request in a namespace that is not there', () => {
    expect(() => matches(blue, aRequest('pods', { namespace: 'gone' }))).toThrow('namespaces "gone" not found');
  });

  it.each(['old', 'new'])('of objects is content with the %s state', (app) => {
    expect(matches({ rules, objectSelector: { matchLabels: { app } } }, aRequest('pods'))).toBe(true);
  });

  it('of objects wants one of the states to match', () => {
    expect(matches({ rules, objectSelector: { matchLabels: { app: 'other' } } }, aRequest('pods'))).toBe(false);
  });
});
