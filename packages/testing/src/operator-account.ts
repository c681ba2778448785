import type { ControlPlane, KubeObject } from '@trueup/control-plane';
import { operatorPermissions, type OperatorModule, type PolicyRule } from '@trueup/core';
import {
  clusterFromToken,
  type Client,
  type ClusterConnection,
  type KubernetesObject,
  type NamespacedName,
  type ResourceType,
} from '@trueup/kube';

const RBAC = 'rbac.authorization.k8s.io';

/** Thrown when an operator under test called for something that its declarations do not say. */
export class PermissionError extends Error {
  override readonly name = 'PermissionError';

  constructor(readonly refused: readonly string[]) {
    super(
      `the operator was refused what it does not declare: ${refused.join('; ')}. ` +
        'Declare it with @Owns, @Watches, @References, @ReadsContents or @Permissions',
    );
  }
}

/** Whose account it is. */
interface OperatorAccountOptions {
  /** Where the operator runs. */
  readonly namespace: string;
  /** Which namespaces it may look at: its own, which is the default, or all. */
  readonly watches?: 'own' | 'all';
  readonly takesOver?: boolean;
  /** The operator's, as `Operator.create` gets it. Default: `trueup`. */
  readonly name?: string;
}

/** The account of an operator under test: it may do what follows from the operator's declarations, and nothing else. */
export class OperatorAccount {
  readonly #abort = new AbortController();
  readonly #refused = new Set<string>();
  #unsubscribe: () => void = () => undefined;
  #remove: () => Promise<void> = () => Promise.resolve();

  private constructor(readonly connection: ClusterConnection) {}

  /** Makes the account of an operator on an embedded server. */
  static async create(
    controlPlane: ControlPlane,
    modules: readonly OperatorModule[],
    options: OperatorAccountOptions,
  ): Promise<OperatorAccount> {
    const user = userOf(options);
    for (const { resource, object } of grants(user, modules, options)) await controlPlane.api.create(resource, object);
    const { url, caCertificate } = controlPlane;
    const account = new OperatorAccount(
      clusterFromToken({
        server: url,
        token: controlPlane.issueToken({ user }),
        namespace: options.namespace,
        ...(caCertificate === undefined ? {} : { ca: caCertificate }),
      }),
    );
    account.#unsubscribe = controlPlane.permissions.subscribe((record) => {
      if (record.user !== user || record.allowed) return;
      account.#refuse(record.type === 'path' ? `${record.verb} ${record.path}` : describe(record));
    });
    return account;
  }

  /**
   * Makes the account of an operator on another server, which takes an administrator's client for this user's. What is in
   * no namespace outlives the operator's, and goes with {@link OperatorAccount.remove}.
   */
  static async impersonated(
    client: Client,
    modules: readonly OperatorModule[],
    options: OperatorAccountOptions,
  ): Promise<OperatorAccount> {
    const user = userOf(options);
    const granted = grants(user, modules, options);
    for (const { resource, object } of granted) await client.create(typeOf({ resource, object }), object);
    const account = new OperatorAccount({ ...client.connection, namespace: options.namespace, impersonate: { user } });
    account.#remove = async () => {
      for (const grant of granted)
        if (grant.object.metadata.namespace === undefined) await client.delete(typeOf(grant), grant.object.metadata);
    };
    return account;
  }

  /** Takes the refusals that the operator's client meets for what its declarations lack. */
  observe(operator: Client): void {
    this.#unsubscribe = operator.onRequest(({ status, resource: { plural: resource }, ...call }) => {
      if (status === 403) this.#refuse(describe({ resource, ...call }));
    });
  }

  /** Aborts with a {@link PermissionError} when something is refused. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Takes back what {@link OperatorAccount.impersonated} has made in no namespace. */
  async remove(): Promise<void> {
    await this.#remove();
  }

  /** @throws {@link PermissionError} when something was refused at any time. */
  close(): void {
    this.#unsubscribe();
    this.signal.throwIfAborted();
  }

  #refuse(what: string): void {
    this.#refused.add(what);
    this.#abort.abort(new PermissionError([...this.#refused]));
  }
}

function userOf({ namespace }: OperatorAccountOptions): string {
  return `operator-in-${namespace}`;
}

/** Roles that permit what the modules declare, and their bindings. */
function grants(
  user: string,
  modules: readonly OperatorModule[],
  { namespace, watches = 'own', takesOver = false, name = 'trueup' }: OperatorAccountOptions,
): readonly Grant[] {
  const { namespaced, cluster, ownNamespace } = operatorPermissions(modules, { takesOver, issuesCertificatesAs: name });
  const everywhere = watches === 'all' ? namespaced : [];
  return [
    ...grantsOf('ClusterRole', { name: user }, [...cluster, ...everywhere]),
    ...grantsOf('Role', { name: user, namespace }, [...ownNamespace, ...namespaced]),
  ];
}

interface Grant {
  readonly resource: { readonly group: string; readonly plural: string };
  readonly object: KubeObject & KubernetesObject;
}

function grantsOf(
  kind: 'Role' | 'ClusterRole',
  metadata: NamespacedName,
  rules: readonly PolicyRule[],
): readonly Grant[] {
  const { name } = metadata;
  const plural = kind === 'Role' ? 'roles' : 'clusterroles';
  const apiVersion = `${RBAC}/v1`;
  const roleRef = { apiGroup: RBAC, kind, name };
  const subjects = [{ apiGroup: RBAC, kind: 'User', name }];
  return [
    { resource: { group: RBAC, plural }, object: { apiVersion, kind, metadata: { ...metadata }, rules } },
    {
      resource: { group: RBAC, plural: plural.replace(/s$/, 'bindings') },
      object: { apiVersion, kind: `${kind}Binding`, metadata: { ...metadata }, roleRef, subjects },
    },
  ];
}

function typeOf({ resource, object }: Grant): ResourceType {
  const { kind, metadata } = object;
  return { ...resource, version: 'v1', kind, namespaced: metadata.namespace !== undefined };
}

/** What was asked for, in the words of roles. */
interface Asked {
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** `delete pods "web-0" in team-a`. */
function describe({ verb, resource, subresource, namespace, name }: Asked): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [
    verb,
    what,
    ...(name === undefined ? [] : [JSON.stringify(name)]),
    ...(namespace === undefined ? [] : [`in ${namespace}`]),
  ].join(' ');
}
