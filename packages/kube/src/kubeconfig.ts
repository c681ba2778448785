import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { load } from 'js-yaml';
import { authProviderCredentials } from './auth-provider.js';
import type { ClusterConnection } from './cluster.js';
import { bearer, fileCredentials, fixedCredentials, type CredentialProvider, type Credentials } from './credentials.js';
import { ClusterConfigError } from './errors.js';
import { execCredentials } from './exec-credentials.js';
import { Fields } from './fields.js';
import type { Impersonation } from './impersonation.js';

/** A named entry of a kubeconfig, and the directory its relative paths start from. */
interface Entry {
  readonly fields: Fields;
  readonly directory: string;
}

/** Several files as one: the first that names a thing decides. */
interface Merged {
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
}

/**
 * The cluster of a context.
 *
 * client-node could read these files too, but needs 0.6 s and 90 MB to be imported, takes the current context of the
 * last file instead of the first, and refuses a name that appears in two files.
 *
 * @throws {@link ClusterConfigError}
 * @see {@link https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files | Merging kubeconfig files}
 */
export async function kubeconfigCluster(
  paths: readonly string[],
  contextName: string | undefined,
): Promise<ClusterConnection> {
  const config = merge(await Promise.all(paths.map(readKubeconfig)));
  const where = paths.join(', ');
  const name = contextName ?? config.currentContext;
  if (name === undefined) throw new ClusterConfigError(`${where}: no current-context is set; name one`);

  const context = find(config.contexts, name, 'context', where).fields;
  const cluster = find(config.clusters, context.requireText('cluster'), 'cluster', where);
  const userName = context.text('user');
  const user = userName === undefined ? undefined : find(config.users, userName, 'user', where);
  const connection = await readCluster(name, context.text('namespace') ?? 'default', cluster);
  const impersonate = user === undefined ? undefined : readImpersonation(user.fields);
  return {
    ...connection,
    ...(impersonate !== undefined && { impersonate }),
    credentials: await readUser(user, connection),
  };
}

async function readKubeconfig(path: string): Promise<Entry> {
  try {
    return { fields: new Fields(load(await readFile(path, 'utf8')) ?? {}, path), directory: dirname(path) };
  } catch (error) {
    if (error instanceof ClusterConfigError) throw error;
    // Not the parser's message: it quotes the lines around the mistake, and those may be keys.
    throw new ClusterConfigError(`${path}: ${existsSync(path) ? 'cannot be read as YAML' : 'no such file'}`);
  }
}

function merge(files: readonly Entry[]): Merged {
  const entries = (list: string, body: string): ReadonlyMap<string, Entry> => {
    const found = new Map<string, Entry>();
    for (const { fields, directory } of files) {
      for (const item of fields.list(list)) {
        const name = item.requireText('name');
        if (!found.has(name)) found.set(name, { fields: item.child(body) ?? new Fields({}, item.path), directory });
      }
    }
    return found;
  };
  return {
    currentContext: files.map(({ fields }) => fields.text('current-context')).find((name) => name !== undefined),
    contexts: entries('contexts', 'context'),
    clusters: entries('clusters', 'cluster'),
    users: entries('users', 'user'),
  };
}

function find(entries: ReadonlyMap<string, Entry>, name: string, what: string, where: string): Entry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  const known = [...entries.keys()].join(', ');
  throw new ClusterConfigError(`${where}: there is no ${what} ${JSON.stringify(name)}; there are: ${known || 'none'}`);
}

async function readCluster(
  name: string,
  namespace: string,
  { fields, directory }: Entry,
): Promise<Omit<ClusterConnection, 'credentials'>> {
  const tlsServerName = fields.text('tls-server-name');
  const proxyUrl = fields.text('proxy-url');
  if (proxyUrl !== undefined && !/^https?:/.test(proxyUrl)) {
    throw new ClusterConfigError(`${fields.path}.proxy-url: only http and https proxies are supported`);
  }
  return {
    name,
    namespace,
    server: fields.requireText('server'),
    insecureSkipTlsVerify: fields.flag('insecure-skip-tls-verify'),
    compression: !fields.flag('disable-compression'),
    ...(await readAuthority(fields, directory)),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(proxyUrl !== undefined && { proxyUrl }),
  };
}

async function readUser(
  user: Entry | undefined,
  cluster: Omit<ClusterConnection, 'credentials'>,
): Promise<CredentialProvider> {
  if (user === undefined) return fixedCredentials({});
  const { fields, directory } = user;
  const exec = fields.child('exec');
  if (exec !== undefined) return execCredentials(exec, directory, cluster);
  const authProvider = fields.child('auth-provider');
  if (authProvider !== undefined) return authProviderCredentials(authProvider);

  const file = (key: string): string | undefined => {
    const path = fields.text(key);
    return path === undefined ? undefined : resolvePath(path, directory);
  };
  const tokenFile = file('tokenFile');
  const certificateFile = fields.has('client-certificate-data') ? undefined : file('client-certificate');
  const keyFile = fields.has('client-key-data') ? undefined : file('client-key');
  const inline = inlineCredentials(fields);
  if (tokenFile === undefined && certificateFile === undefined && keyFile === undefined)
    return fixedCredentials(inline);
  return fileCredentials(
    {
      ...(tokenFile !== undefined && { token: tokenFile }),
      ...(certificateFile !== undefined && { certificate: certificateFile }),
      ...(keyFile !== undefined && { key: keyFile }),
    },
    inline,
  );
}

function readImpersonation(fields: Fields): Impersonation | undefined {
  const user = fields.text('as');
  const uid = fields.text('as-uid');
  const groups = fields.texts('as-groups');
  const extra = fields.child('as-user-extra');
  if (user === undefined) {
    if (uid === undefined && groups.length === 0 && extra === undefined) return undefined;
    throw new ClusterConfigError(`${fields.path}.as: is missing; as-uid, as-groups and as-user-extra need it`);
  }
  return {
    user,
    ...(uid !== undefined && { uid }),
    groups,
    ...(extra !== undefined && {
      extra: Object.fromEntries(Object.keys(extra.raw).map((key) => [key, extra.texts(key)])),
    }),
  };
}

function inlineCredentials(fields: Fields): Credentials {
  const token = fields.text('token');
  const username = fields.text('username');
  const certificate = fields.text('client-certificate-data');
  const key = fields.text('client-key-data');
  const basic = Buffer.from(`${username}:${fields.text('password') ?? ''}`).toString('base64');
  return {
    ...(username !== undefined && { authorization: `Basic ${basic}` }),
    ...(token !== undefined && bearer(token)),
    ...(certificate !== undefined && { certificate: decode(certificate) }),
    ...(key !== undefined && { key: decode(key) }),
  };
}

/** The `…-data` form goes before the file, as in kubectl. A file may be rotated, so it can be read again. */
async function readAuthority(fields: Fields, directory: string): Promise<Pick<ClusterConnection, 'ca' | 'reloadCa'>> {
  const data = fields.text('certificate-authority-data');
  if (data !== undefined) return { ca: decode(data) };
  const path = fields.text('certificate-authority');
  if (path === undefined) return {};
  const absolute = resolvePath(path, directory);
  const reloadCa = async (): Promise<string> => {
    try {
      return await readFile(absolute, 'utf8');
    } catch {
      throw new ClusterConfigError(`${fields.path}.certificate-authority: cannot read ${absolute}`);
    }
  };
  return { ca: await reloadCa(), reloadCa };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function resolvePath(path: string, directory: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}
