import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clusterFromToken, findCluster, type ClusterConnection, type LoadClusterOptions } from './cluster.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'trueup-cluster-'));
});

afterEach(() => rm(root, { recursive: true }));

const kubeconfigPath = (): string => join(root, 'home', '.kube', 'config');
const serviceAccountDirectory = (): string => join(root, 'serviceaccount');

async function write(path: string, content: object | string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  // JSON is YAML.
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function writeServiceAccount(): Promise<void> {
  await write(join(serviceAccountDirectory(), 'token'), 'sa-token\n');
  await write(join(serviceAccountDirectory(), 'ca.crt'), 'SA-CA');
  await write(join(serviceAccountDirectory(), 'namespace'), 'operators\n');
}

function find(options: LoadClusterOptions = {}, env: Record<string, string> = {}): Promise<ClusterConnection> {
  return findCluster(options, {
    env,
    home: join(root, 'home'),
    serviceAccountDirectory: serviceAccountDirectory(),
  });
}

const IN_CLUSTER = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A kubeconfig with one context, `dev`. */
function aKubeconfig({
  name = 'dev',
  cluster = {},
  user = {},
  context = {},
  ...rest
}: Record<string, unknown> = {}): object {
  return {
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name, ...(context as object) } }],
    clusters: [{ name, cluster: { server: `https://${String(name)}:6443`, ...(cluster as object) } }],
    users: [{ name, user }],
    ...rest,
  };
}

describe('where a cluster is looked for', () => {
  it('first in the file that is given', async () => {
    const given = await write(join(root, 'given'), aKubeconfig({ name: 'given' }));
    const env = { ...IN_CLUSTER, KUBECONFIG: await write(join(root, 'env'), aKubeconfig({ name: 'env' })) };

    await expect(find({ kubeconfig: given }, env)).resolves.toMatchObject({ server: 'https://given:6443' });
  });

  it('then in KUBECONFIG, of which files may be missing', async () => {
    await writeServiceAccount();
    const env = await write(join(root, 'env'), aKubeconfig({ name: 'env' }));

    const found = find({}, { ...IN_CLUSTER, KUBECONFIG: [join(root, 'missing'), env].join(delimiter) });

    await expect(found).resolves.toMatchObject({ name: 'env' });
  });

  it('then in the pod, whatever stray file the image has', async () => {
    await writeServiceAccount();
    await write(kubeconfigPath(), aKubeconfig());

    const found = await find({}, IN_CLUSTER);

    expect(found).toMatchObject({ name: 'in-cluster', server: 'https://10.96.0.1:443', namespace: 'operators' });
    expect(found.ca).toBe('SA-CA');
    await expect(found.credentials.current()).resolves.toEqual({ authorization: 'Bearer sa-token' });
    await expect(find({}, { ...IN_CLUSTER, KUBERNETES_SERVICE_HOST: 'fd00::1' })).resolves.toMatchObject({
      server: 'https://[fd00::1]:443',
    });
  });

  it('then at home', async () => {
    await write(kubeconfigPath(), aKubeconfig());

    await expect(find()).resolves.toMatchObject({ name: 'dev', namespace: 'default' });
  });

  it('or nowhere, and then says where', async () => {
    await expect(find()).rejects.toMatchObject({
      code: 'ERR_KUBE_CLUSTER_CONFIG',
      message:
        'No cluster found: KUBECONFIG is not set, ' +
        `there is no service account in ${serviceAccountDirectory()}, and no file ${kubeconfigPath()}`,
    });
  });
});

describe('a kubeconfig', () => {
  it('gives server, authority and namespace of the context', async () => {
    await write(kubeconfigPath(), {
      ...aKubeconfig({
        cluster: {
          'certificate-authority-data': base64('CA'),
          'tls-server-name': 'api.internal',
          'insecure-skip-tls-verify': true,
          'proxy-url': 'http://proxy:3128',
        },
        context: { namespace: 'team' },
      }),
    });

    await expect(find()).resolves.toMatchObject({
      name: 'dev',
      server: 'https://dev:6443',
      namespace: 'team',
      ca: 'CA',
      tlsServerName: 'api.internal',
      insecureSkipTlsVerify: true,
      proxyUrl: 'http://proxy:3128',
    });
  });

  it.each([
    { name: 'a token', user: { token: 't' }, credentials: { authorization: 'Bearer t' } },
    {
      name: 'a name and a password',
      user: { username: 'u', password: 'p' },
      credentials: { authorization: `Basic ${base64('u:p')}` },
    },
    {
      name: 'a certificate',
      user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      credentials: { certificate: 'CERT', key: 'KEY' },
    },
    {
      name: 'files beside the kubeconfig',
      user: { tokenFile: 'token', 'client-certificate': 'cert.pem', 'client-key': 'key.pem', token: 'outdated' },
      credentials: { authorization: 'Bearer from-file', certificate: 'FILE-CERT', key: 'FILE-KEY' },
    },
    { name: 'nothing', user: {}, credentials: {} },
  ])('logs in with $name', async ({ user, credentials }) => {
    await write(kubeconfigPath(), aKubeconfig({ user }));
    await write(join(kubeconfigPath(), '..', 'token'), 'from-file\n');
    await write(join(kubeconfigPath(), '..', 'cert.pem'), 'FILE-CERT');
    await write(join(kubeconfigPath(), '..', 'key.pem'), 'FILE-KEY');

    const { credentials: provider } = await find();

    await expect(provider.current()).resolves.toEqual(credentials);
  });

  it('says whom to act as', async () => {
    const user = { token: 't', as: 'jane', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { scope: ['x'] } };
    await write(kubeconfigPath(), aKubeconfig({ user }));

    await expect(find()).resolves.toMatchObject({
      impersonate: { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { scope: ['x'] } },
    });
  });

  it('asks for packed answers unless it says not to', async () => {
    await write(kubeconfigPath(), aKubeconfig());
    const byDefault = await find();
    await write(kubeconfigPath(), aKubeconfig({ cluster: { 'disable-compression': true } }));
    const declined = await find();

    expect([byDefault.compression, declined.compression]).toEqual([true, false]);
  });

  it('can read the authority of a file again', async () => {
    const authority = join(kubeconfigPath(), '..', 'ca.pem');
    await write(kubeconfigPath(), aKubeconfig({ cluster: { 'certificate-authority': 'ca.pem' } }));
    await write(authority, 'BEFORE');
    const { ca, reloadCa } = await find();
    await write(authority, 'AFTER');

    expect([ca, await reloadCa?.()]).toEqual(['BEFORE', 'AFTER']);
  });

  it('may be spread over several files: the first that names a thing decides', async () => {
    const first = await write(join(root, 'first'), aKubeconfig({ name: 'a', user: { token: 'first' } }));
    const second = await write(join(root, 'second'), {
      ...aKubeconfig({ name: 'b' }),
      users: [
        { name: 'a', user: { token: 'second' } },
        { name: 'b', user: { token: 'b' } },
      ],
    });
    const env = { KUBECONFIG: [first, second].join(delimiter) };

    const byDefault = await find({}, env);
    const named = await find({ context: 'b' }, env);

    expect(byDefault.name).toBe('a');
    await expect(byDefault.credentials.current()).resolves.toEqual({ authorization: 'Bearer first' });
    await expect(named.credentials.current()).resolves.toEqual({ authorization: 'Bearer b' });
  });

  it.each([
    {
      name: 'no current context',
      config: { ...aKubeconfig(), 'current-context': '' },
      problem: ': no current-context is set; name one',
    },
    {
      name: 'an unknown context',
      config: { ...aKubeconfig(), 'current-context': 'prod' },
      problem: ': there is no context "prod"; there are: dev',
    },
    {
      name: 'an unknown cluster',
      config: { ...aKubeconfig(), clusters: [] },
      problem: ': there is no cluster "dev"; there are: none',
    },
    {
      name: 'a cluster without a server',
      config: aKubeconfig({ cluster: { server: '' } }),
      problem: '.clusters[0].cluster.server: is missing',
    },
    {
      name: 'a token that is a number',
      config: aKubeconfig({ user: { token: 7 } }),
      problem: '.users[0].user.token: expected a string',
    },
    {
      name: 'groups to act in and nobody to act as',
      config: aKubeconfig({ user: { 'as-groups': ['admins'] } }),
      problem: '.users[0].user.as: is missing; as-uid, as-groups and as-user-extra need it',
    },
    {
      name: 'a SOCKS proxy',
      config: aKubeconfig({ cluster: { 'proxy-url': 'socks5://p' } }),
      problem: '.clusters[0].cluster.proxy-url: only http and https proxies are supported',
    },
    { name: 'something else', config: 'just text', problem: ': expected a mapping' },
    { name: 'broken YAML', config: 'token: "secret\n', problem: ': cannot be read as YAML' },
  ])('with $name is refused in one line that names the place', async ({ config, problem }) => {
    await write(kubeconfigPath(), config);

    await expect(find()).rejects.toMatchObject({
      code: 'ERR_KUBE_CLUSTER_CONFIG',
      message: `${kubeconfigPath()}${problem}`,
    });
  });

  it('that does not exist is named', async () => {
    const kubeconfig = join(root, 'nowhere');

    await expect(find({ kubeconfig })).rejects.toThrow(`${kubeconfig}: no such file`);
  });

  it('may leave logging in to client-node, for OIDC', async () => {
    const token = `${base64('{}')}.${base64(JSON.stringify({ exp: 32503680000 }))}.signature`;
    const config = { 'idp-issuer-url': 'https://issuer', 'client-id': 'c', 'id-token': token };
    await write(kubeconfigPath(), aKubeconfig({ user: { 'auth-provider': { name: 'oidc', config } } }));

    const { credentials } = await find();

    await expect(credentials.current()).resolves.toEqual({ authorization: `Bearer ${token}` });
  });
});

describe('clusterFromToken', () => {
  it('names the cluster after its address', async () => {
    const connection = clusterFromToken({ server: 'https://127.0.0.1:6443', token: 't', ca: 'CA' });

    expect(connection).toMatchObject({ name: '127.0.0.1:6443', namespace: 'default', ca: 'CA' });
    await expect(connection.credentials.current()).resolves.toEqual({ authorization: 'Bearer t' });
  });

  it('refuses what is no URL', () => {
    expect(() => clusterFromToken({ server: 'localhost' })).toThrow('Not a server URL: "localhost"');
  });
});
