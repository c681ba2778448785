import type { ControlPlane, PermissionRecord } from '@trueup/control-plane';
import { operatorPermissions, type OperatorModule, type PolicyRule } from '@trueup/core';
import { clusterFromToken, type ClusterConnection } from '@trueup/kube';

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

/** The account of an operator under test: it may do what follows from the operator's declarations, and nothing else. */
export class OperatorAccount {
  readonly connection: ClusterConnection;
  readonly #abort = new AbortController();
  readonly #refused = new Set<string>();
  readonly #unsubscribe: () => void;

  private constructor(controlPlane: ControlPlane, user: string, namespace: string) {
    const { url, caCertificate } = controlPlane;
    this.connection = clusterFromToken({
      server: url,
      token: controlPlane.issueToken({ user }),
      namespace,
      ...(caCertificate === undefined ? {} : { ca: caCertificate }),
    });
    this.#unsubscribe = controlPlane.permissions.subscribe((record) => {
      if (record.user !== user || record.allowed) return;
      this.#refused.add(describe(record));
      this.#abort.abort(new PermissionError([...this.#refused]));
    });
  }

  /**
   * Makes the account of an operator that runs in a namespace.
   *
   * @param watches - Which namespaces it may look at: that one, or all. Default: that one.
   * @param name - The operator's, as `Operator.create` gets it. Default: `trueup`.
   */
  static async create(
    controlPlane: ControlPlane,
    modules: readonly OperatorModule[],
    {
      namespace,
      watches = 'own',
      takesOver = false,
      name = 'trueup',
    }: {
      readonly namespace: string;
      readonly watches?: 'own' | 'all';
      readonly takesOver?: boolean;
      readonly name?: string;
    },
  ): Promise<OperatorAccount> {
    const user = `operator-in-${namespace}`;
    const { namespaced, cluster, ownNamespace } = operatorPermissions(modules, {
      takesOver,
      issuesCertificatesAs: name,
    });
    const everywhere = watches === 'all' ? namespaced : [];
    await grant(controlPlane, 'ClusterRole', { name: user }, [...cluster, ...everywhere]);
    await grant(controlPlane, 'Role', { name: user, namespace }, [...ownNamespace, ...namespaced]);
    return new OperatorAccount(controlPlane, user, namespace);
  }

  /** Aborts with a {@link PermissionError} when something is refused. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** @throws {@link PermissionError} when something was refused at any time. */
  close(): void {
    this.#unsubscribe();
    this.signal.throwIfAborted();
  }
}

async function grant(
  { api }: ControlPlane,
  kind: 'Role' | 'ClusterRole',
  metadata: { readonly name: string; readonly namespace?: string },
  rules: readonly PolicyRule[],
): Promise<void> {
  const { name } = metadata;
  const plural = kind === 'Role' ? 'roles' : 'clusterroles';
  const apiVersion = `${RBAC}/v1`;
  await api.create({ group: RBAC, plural }, { apiVersion, kind, metadata: { ...metadata }, rules });
  await api.create(
    { group: RBAC, plural: plural.replace(/s$/, 'bindings') },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata: { ...metadata },
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ apiGroup: RBAC, kind: 'User', name }],
    },
  );
}

/** `delete pods "web-0" in team-a`. */
function describe(record: PermissionRecord): string {
  if (record.type === 'path') return `${record.verb} ${record.path}`;
  const { verb, resource, subresource, namespace, name } = record;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return [
    verb,
    what,
    ...(name === undefined ? [] : [JSON.stringify(name)]),
    ...(namespace === undefined ? [] : [`in ${namespace}`]),
  ].join(' ');
}
