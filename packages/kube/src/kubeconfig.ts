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
  return { ...connection, credentials: await readUser(user, connection) };
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
  const ca = await inlineOrFile(fields, 'certificate-authority', directory);
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
    ...(ca !== undefined && { ca }),
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
  if (fields.has('as')) {
    throw new ClusterConfigError(`${fields.path}.as: impersonation is not supported`);
  }
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

/** The `…-data` form goes before the file, as in kubectl. */
async function inlineOrFile(fields: Fields, key: string, directory: string): Promise<string | undefined> {
  const data = fields.text(`${key}-data`);
  if (data !== undefined) return decode(data);
  const path = fields.text(key);
  if (path === undefined) return undefined;
  const absolute = resolvePath(path, directory);
  try {
    return await readFile(absolute, 'utf8');
  } catch {
    throw new ClusterConfigError(`${fields.path}.${key}: cannot read ${absolute}`);
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function resolvePath(path: string, directory: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}
