import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { PlainClient } from '../control-plane.test-support.js';
import type { KubeObject } from '../object.js';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const REVIEWS = '/apis/authorization.k8s.io/v1';

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

function configMapRule(...verbs: string[]): Rule {
  return { apiGroups: [''], resources: ['configmaps'], verbs };
}

function aRole(name: string, ...rules: Rule[]): object {
  return { metadata: { name }, rules };
}

function aBinding(name: string, subject: object, role = { kind: 'Role', name }): object {
  return { metadata: { name }, roleRef: role, subjects: [subject] };
}

function aUser(name: string): object {
  return { kind: 'User', name };
}

describe('what somebody may do', () => {
  let controlPlane: ControlPlane;
  let admin: PlainClient;

  /** A client for a user of its own, who has these rules in the namespace `default`. */
  async function userWith(user: string, ...rules: Rule[]): Promise<PlainClient> {
    await admin.post(`${RBAC}/namespaces/default/roles`, aRole(user, ...rules));
    await admin.post(`${RBAC}/namespaces/default/rolebindings`, aBinding(user, aUser(user)));
    return new PlainClient(controlPlane, controlPlane.issueToken({ user }));
  }

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({
      tls: false,
      tokens: [{ token: 'reader-token', user: 'reader', groups: ['readers'] }],
      controllers: { workloads: false, garbageCollection: false },
    });
    admin = new PlainClient(controlPlane);
    await controlPlane.settle();
  });

  afterAll(() => controlPlane.stop());

  it('is everything for the administrator', async () => {
    const { body } = await admin.post(`${REVIEWS}/selfsubjectaccessreviews`, {
      spec: { resourceAttributes: { verb: '*', group: '*', resource: '*' } },
    });

    expect(body['status']).toEqual({ allowed: true });
  });

  it('is discovery and questions about oneself for a user without roles', async () => {
    const reader = new PlainClient(controlPlane, 'reader-token');

    expect((await reader.get('/apis')).status).toBe(200);
    expect((await reader.get(CONFIG_MAPS)).body).toMatchObject({
      reason: 'Forbidden',
      message:
        'configmaps is forbidden: User "reader" cannot list resource "configmaps" in API group "" in the namespace "default"',
    });
    const review = await reader.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(review.body['status']).toEqual({
      userInfo: { username: 'reader', groups: ['readers', 'system:authenticated'] },
    });
  });

  it('is denied before it is known whether the thing exists', async () => {
    const reader = new PlainClient(controlPlane, 'reader-token');

    const { body } = await reader.get('/apis/nope.example/v1/namespaces/default/things/a');

    expect(body.message).toBe(
      'things.nope.example "a" is forbidden: User "reader" cannot get resource "things" in API group "nope.example" in the namespace "default"',
    );
  });

  it('comes from bindings to users, groups and service accounts, at once', async () => {
    await admin.post(`${RBAC}/namespaces/default/roles`, aRole('everybody', configMapRule('get')));
    await admin.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'app' } });
    const issued = await admin.post('/api/v1/namespaces/default/serviceaccounts/app/token', { spec: {} });
    const { token } = issued.body['status'] as { token: string };
    const subjects = {
      user: [aUser('by-name'), controlPlane.issueToken({ user: 'by-name' })],
      group: [{ kind: 'Group', name: 'team' }, controlPlane.issueToken({ user: 'member', groups: ['team'] })],
      account: [{ kind: 'ServiceAccount', name: 'app', namespace: 'default' }, token],
    } as const;
    for (const [name, [subject, bearer]] of Object.entries(subjects)) {
      const client = new PlainClient(controlPlane, bearer);
      expect((await client.get(`${CONFIG_MAPS}/nope`)).status).toBe(403);

      const binding = aBinding(name, subject, { kind: 'Role', name: 'everybody' });
      await admin.post(`${RBAC}/namespaces/default/rolebindings`, binding);

      expect((await client.get(`${CONFIG_MAPS}/nope`)).status).toBe(404);
      await admin.delete(`${RBAC}/namespaces/default/rolebindings/${name}`);
      expect((await client.get(`${CONFIG_MAPS}/nope`)).status).toBe(403);
    }
  });

  it('ends with the service account that a token was made for, and at the audience it was made for', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await admin.post(accounts, { metadata: { name: 'gone' } });
    const tokenFor = async (spec: object): Promise<string> =>
      String((await admin.post(`${accounts}/gone/token`, { spec })).body['status']?.['token' as never]);
    const [own, foreign] = [await tokenFor({}), await tokenFor({ audiences: ['vault'] })];

    expect((await new PlainClient(controlPlane, own).get('/apis')).status).toBe(200);
    expect((await new PlainClient(controlPlane, foreign).get('/apis')).status).toBe(401);
    await admin.delete(`${accounts}/gone`);
    expect((await new PlainClient(controlPlane, own).get('/apis')).status).toBe(401);
  });

  it('is watched through a list of one name, when a role names that', async () => {
    const user = await userWith('named', { ...configMapRule('get', 'list', 'deletecollection'), resourceNames: ['x'] });

    expect((await user.get(CONFIG_MAPS)).status).toBe(403);
    expect((await user.get(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dx`)).status).toBe(200);
    expect((await user.get(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dy`)).status).toBe(403);
    expect((await user.delete(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dx`)).status).toBe(403);
  });

  it('includes creating by apply or PUT only for those who may create', async () => {
    const user = await userWith(
      'patcher',
      { ...configMapRule('patch'), resources: ['configmaps', 'services'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        verbs: ['update'],
      },
    );
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a: '1' } };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} };

    const applied = await user.patch(`${CONFIG_MAPS}/applied?fieldManager=m`, 'apply', configMap);
    const put = await user.put('/apis/coordination.k8s.io/v1/namespaces/default/leases/l', lease);

    expect(applied.body.message).toBe(
      'configmaps "applied" is forbidden: User "patcher" cannot create resource "configmaps" in API group "" in the namespace "default"',
    );
    expect(put.status).toBe(403);
    await admin.post(CONFIG_MAPS, { metadata: { name: 'applied' } });
    expect((await user.patch(`${CONFIG_MAPS}/applied?fieldManager=m`, 'apply', configMap)).status).toBe(200);
  });

  it('says which role of a binding is missing', async () => {
    const binding = aBinding('dangling', aUser('dangling'), { kind: 'ClusterRole', name: 'nope' });
    await admin.post(`${RBAC}/clusterrolebindings`, binding);
    const user = new PlainClient(controlPlane, controlPlane.issueToken({ user: 'dangling' }));

    const { body } = await user.get('/api/v1/namespaces');

    expect(body.message).toBe(
      'namespaces is forbidden: User "dangling" cannot list resource "namespaces" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "nope" not found',
    );
  });

  it('grows with the roles that an aggregated role gathers', async () => {
    await admin.post(`${RBAC}/clusterroles`, {
      metadata: { name: 'widgets-view', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }],
    });
    await controlPlane.settle();

    const rulesOf = async (role: string): Promise<unknown> =>
      (await admin.get(`${RBAC}/clusterroles/${role}`)).body['rules'];
    for (const role of ['view', 'edit', 'admin']) {
      expect(await rulesOf(role)).toContainEqual({
        apiGroups: ['example.com'],
        resources: ['widgets'],
        verbs: ['get'],
      });
    }
  });

  describe('in the name of somebody else', () => {
    it('is what that one may do, for those who may impersonate', async () => {
      await userWith('impersonated', configMapRule('list'));

      const list = await admin.get(CONFIG_MAPS, { 'Impersonate-User': 'impersonated' });
      const watch = await admin.get('/api/v1/pods', { 'Impersonate-User': 'impersonated' });

      expect(list.status).toBe(200);
      expect(watch.body.message).toMatch(/^pods is forbidden: User "impersonated" cannot list/);
    });

    it('needs a permission for each user, group, uid and extra', async () => {
      const reader = new PlainClient(controlPlane, 'reader-token');
      const headers = { 'Impersonate-User': 'system:serviceaccount:kube-system:x' };

      const { body } = await reader.get('/apis', headers);

      expect(body.message).toBe(
        'serviceaccounts "x" is forbidden: User "reader" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "kube-system"',
      );
    });

    it('must say in whose', async () => {
      const response = await fetch(`${controlPlane.url}/apis?a&b`, {
        headers: { Authorization: `Bearer ${controlPlane.token}`, 'Impersonate-Group': 'g1' },
      });

      expect(response.status).toBe(500);
      expect(await response.text()).toBe(
        'Internal Server Error: "/apis?a&amp;b": requested [{Group  g1    }] without impersonating a user\n',
      );
    });

    it('has the groups of a service account, and system:authenticated', async () => {
      const { body } = await admin.post(
        '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        {},
        { 'Impersonate-User': 'system:serviceaccount:a:b', 'Impersonate-Uid': 'u1', 'Impersonate-Extra-a%2Fb': 'c' },
      );

      expect(body['status']).toEqual({
        userInfo: {
          username: 'system:serviceaccount:a:b',
          uid: 'u1',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
          extra: { 'a/b': ['c'] },
        },
      });
    });
  });

  describe('to roles', () => {
    const roles = `${RBAC}/namespaces/default/roles`;
    const bindings = `${RBAC}/namespaces/default/rolebindings`;
    const writeRoles: Rule = {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['roles', 'rolebindings'],
      verbs: ['create', 'update', 'patch'],
    };

    it('is to grant what one has oneself', async () => {
      const user = await userWith('granter', writeRoles, configMapRule('get'));

      const less = await user.post(roles, aRole('less', configMapRule('get')));
      const more = await user.post(roles, aRole('more', configMapRule('get', 'list', 'watch')));

      expect(less.status).toBe(201);
      expect(more.body).toMatchObject({
        code: 403,
        details: { name: 'more', group: 'rbac.authorization.k8s.io', kind: 'roles' },
        message:
          'roles.rbac.authorization.k8s.io "more" is forbidden: user "granter" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["configmaps"], Verbs:["list" "watch"]}',
      });
      expect((await user.patch(`${roles}/less`, 'merge', { metadata: { labels: { a: 'b' } } })).status).toBe(200);
    });

    it('is to bind roles whose rights one has, or that one may bind', async () => {
      await admin.post(roles, aRole('secrets', { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }));
      const secrets = { kind: 'Role', name: 'secrets' };
      const user = await userWith('binder', writeRoles);

      const refused = await user.post(bindings, aBinding('b1', aUser('binder'), secrets));
      const unknown = await user.post(bindings, aBinding('b2', aUser('binder'), { kind: 'Role', name: 'nope' }));
      await admin.put(
        `${roles}/binder`,
        aRole('binder', writeRoles, {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['roles'],
          resourceNames: ['secrets'],
          verbs: ['bind'],
        }),
      );
      const bound = await user.post(bindings, aBinding('b3', aUser('binder'), secrets));

      expect(refused.body.message).toMatch(/not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\]/);
      expect(unknown.status).toBe(404);
      expect(bound.status).toBe(201);
    });
  });

  describe('can be asked', () => {
    const ofResource = (verb: string): object => ({ namespace: 'default', verb, resource: 'configmaps' });

    it('about others, with the binding that allows it', async () => {
      await userWith('asked', configMapRule('get'));
      const ask = async (verb: string): Promise<unknown> =>
        (
          await admin.post(`${REVIEWS}/subjectaccessreviews`, {
            spec: { user: 'asked', resourceAttributes: ofResource(verb) },
          })
        ).body['status'];

      expect(await ask('get')).toEqual({
        allowed: true,
        reason: 'RBAC: allowed by RoleBinding "asked/default" of Role "asked" to User "asked"',
      });
      expect(await ask('list')).toEqual({ allowed: false });
    });

    it.each([
      ['subjectaccessreviews', { user: 'u' }, 'spec.resourceAttributes'],
      ['subjectaccessreviews', { resourceAttributes: {} }, 'spec.user'],
      [
        'subjectaccessreviews',
        { user: 'u', resourceAttributes: {}, nonResourceAttributes: {} },
        'spec.nonResourceAttributes',
      ],
    ])('by %s that make sense', async (plural, spec, field) => {
      const { status, body } = await admin.post(`${REVIEWS}/${plural}`, { spec });

      expect(status).toBe(422);
      expect((body as KubeObject & { details: unknown }).details).toMatchObject({ causes: [{ field }] });
    });

    it('of a namespace only for that namespace', async () => {
      const path = `${REVIEWS}/namespaces/kube-system/localsubjectaccessreviews`;

      const { body } = await admin.post(path, { spec: { user: 'u', resourceAttributes: ofResource('get') } });

      expect(body.message).toMatch(/spec\.resourceAttributes\.namespace: Invalid value: "default": must match/);
    });

    it('as a list of rules', async () => {
      const user = await userWith('lister', { ...configMapRule('get'), resourceNames: ['x'] });

      const { body } = await user.post(`${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } });

      const status = body['status'] as { resourceRules: object[]; nonResourceRules: object[]; incomplete: boolean };
      expect(status.incomplete).toBe(false);
      expect(status.resourceRules).toContainEqual({ ...configMapRule('get'), resourceNames: ['x'] });
      expect(status.nonResourceRules).toContainEqual(
        expect.objectContaining({ verbs: ['get'], nonResourceURLs: expect.arrayContaining(['/version']) as unknown }),
      );
    });

    it('who a token belongs to', async () => {
      const review = async (spec: object): Promise<unknown> =>
        (await admin.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec })).body['status'];

      expect(await review({ token: 'reader-token' })).toMatchObject({
        authenticated: true,
        user: { username: 'reader', groups: ['readers', 'system:authenticated'] },
      });
      expect(await review({ token: 'reader-token', audiences: ['vault'] })).toEqual({
        user: {},
        error: 'invalid bearer token',
      });
    });
  });

  it('is logged with all that was needed, once for each user', async () => {
    const user = await userWith('logged', configMapRule('get', 'patch'));
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } };
    controlPlane.permissions.clear();

    await user.get(`${CONFIG_MAPS}/a`);
    await user.get(`${CONFIG_MAPS}/a`);
    await user.patch(`${CONFIG_MAPS}/new?fieldManager=m`, 'apply', configMap);
    await user.get('/version');
    await admin.get('/api/v1/nodes/n/status', { 'Impersonate-User': 'logged' });

    const common = { type: 'resource', group: '', user: 'logged' };
    const configMapIn = { ...common, resource: 'configmaps', namespace: 'default' };
    expect(controlPlane.permissions.records('logged')).toEqual([
      { ...configMapIn, verb: 'get', name: 'a', allowed: true },
      { ...configMapIn, verb: 'patch', name: 'new', allowed: true },
      { ...configMapIn, verb: 'create', name: 'new', allowed: false },
      { type: 'path', verb: 'get', path: '/version', user: 'logged', allowed: true },
      { ...common, verb: 'get', resource: 'nodes', subresource: 'status', name: 'n', allowed: false },
    ]);
    expect(controlPlane.permissions.records('admin')).toMatchObject([
      { verb: 'impersonate', resource: 'users', name: 'logged', allowed: true },
    ]);
  });
});
